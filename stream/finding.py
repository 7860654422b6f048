"""What an examination of stored data found."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One part of the stored data, and what is wrong with it.

    Attributes:
        part: `log`, `archive` or `index`.
        place: the file or folder.
        facts: what is there, in a few words.
        problem: what is wrong, in a sentence; '' if it is sound.
        repair: what a repair would do about it; '' if there is nothing that it can.
        advice: what a person can do beside that.
    """

    part: str
    place: str
    facts: str = ""
    problem: str = ""
    repair: str = ""
    advice: str = ""
