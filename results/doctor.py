"""What `wirewatch doctor --json` prints."""

from typing import Literal

import msgspec

Severity = Literal["ok", "note", "warning", "error"]
"""`note`: it could be better; `warning`: it works, but not for long or not for all; `error`: something does not work."""
Part = Literal["configuration", "lists", "machine", "data", "servers", "network", "feeds", "channels"]


class Remark(msgspec.Struct, frozen=True):
    """One thing that was examined."""

    severity: Severity
    part: Part
    what: str
    """What was found, in a sentence."""
    where: str = ""
    """The file, key, address or feed that it is about; '' if the machine."""
    advice: str = ""
    """What to do about it; '' if nothing is wrong."""


class Diagnosis(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/doctor/1"):
    """Everything that was examined, the worst first."""

    errors: int
    warnings: int
    remarks: tuple[Remark, ...]
