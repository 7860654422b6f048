"""The result of checking stored data."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One part of the stored data, and what is wrong with it.

    Attributes:
        part: `log`, `archive` or `index`.
        place: the file or folder.
        facts: a short description of the content.
        problem: what is wrong, in a sentence; '' if it is sound.
        repair: what a repair would do about it; '' if it can do nothing.
        advice: what else a person can do.
    """

    part: str
    place: str
    facts: str = ""
    problem: str = ""
    repair: str = ""
    advice: str = ""
