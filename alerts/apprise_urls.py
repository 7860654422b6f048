"""What Apprise can deliver to. In a file of its own, since definitions ask for it, and what delivers asks for definitions."""

import apprise as library


def is_known(url: str) -> bool:
    """Whether a URL is one that Apprise can deliver to, as far as can be told without trying."""
    return bool(library.Apprise().add(url))
