"""The result of checking stored data."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One part of the stored data, and what is wrong with it."""

    part: str
    """`log`, `archive` or `index`."""
    place: str
    """The file or folder."""
    facts: str = ""
    """A short description of the content."""
    problem: str = ""
    """What is wrong, in a sentence; '' if it is sound."""
    repair: str = ""
    """What a repair would do about it; '' if it can do nothing."""
    advice: str = ""
    """What else a person can do."""
