"""A feed of the feed list."""

import msgspec


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed in the feed list. `url` identifies it everywhere, even after it has moved."""

    url: str
    title: str = ""
    """Name of the outlet; '' if the list has none."""
    language: str = ""
    folder: str = ""
    """Path of the folder in the feed list, such as `World/Europe`."""
    more_folders: tuple[str, ...] = ()
    """Other folders of the list that contain it."""
    site: str = ""
    """The outlet's page for people (`htmlUrl`); '' if the list has none."""
    country: str = ""
    """The outlet's, ISO 3166-1 alpha-2 in upper case; '' if the list does not say."""
    paused: bool = False
    """Whether it stays in the list but is not polled."""
    others: tuple[tuple[str, str], ...] = ()
    """Attributes that other feed readers added in the list: names and values."""
