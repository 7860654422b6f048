"""A feed of the feed list."""

import msgspec


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as the feed list has it. `url` is what it is known by everywhere, also after it has moved."""

    url: str
    title: str = ""
    """Name of the outlet; '' if the list has none."""
    language: str = ""
    folder: str = ""
    """Path of the folder in the feed list, such as `World/Europe`."""
    more_folders: tuple[str, ...] = ()
    """Further folders that the list has it in."""
    site: str = ""
    """The outlet's page for people (`htmlUrl`); '' if the list has none."""
    others: tuple[tuple[str, str], ...] = ()
    """What other readers have noted of it in the list: names and values of attributes."""
