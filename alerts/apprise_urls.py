"""The URLs that Apprise can deliver to. In a file of its own, because definitions need it, and delivery needs definitions."""

import apprise as library


def is_known(url: str) -> bool:
    """Whether Apprise can deliver to a URL, as far as can be known without trying."""
    return bool(library.Apprise().add(url))
