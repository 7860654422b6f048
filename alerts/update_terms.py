"""When an alert reports a story again, as people write it in alerts.toml."""

import re

import msgspec

_OUTLETS = re.compile(r"outlets\s*>=\s*(\d{1,4}(?:\s*,\s*\d{1,4})*)")
_EXPECTED = "expected some of: outlets >= 5, 20; daily; new-language; own-reports"


class Updates(msgspec.Struct, frozen=True):
    """When an alert reports a story again."""

    outlets: tuple[int, ...] = ()
    """When this many outlets have it, ascending."""
    daily: bool = False
    """When more has come in, at least a day after the last message."""
    new_language: bool = False
    """When the first article in another language comes."""
    own_reports: bool = False
    """When an outlet has a report of its own, not a copy of a known one."""

    def __bool__(self) -> bool:
        """Whether it ever does."""
        return self != Updates()


def parse_updates(text: str) -> Updates:
    """`outlets >= 5, 20; daily`; raises ValueError for anything else."""
    wanted = Updates()
    for part in filter(None, (one.strip() for one in text.split(";"))):
        outlets = _OUTLETS.fullmatch(part)
        if outlets:
            numbers = sorted({int(number) for number in outlets[1].split(",")})
            if numbers[0] < 2:
                raise ValueError("the first message reports the first outlet: expected 2 outlets or more")
            wanted = msgspec.structs.replace(wanted, outlets=tuple(numbers))
        elif part in ("daily", "new-language", "own-reports"):
            wanted = msgspec.structs.replace(wanted, **{part.replace("-", "_"): True})
        else:
            raise ValueError(_EXPECTED)
    return wanted


def shown(updates: Updates) -> str:
    """The updates as written in the file."""
    named = {"daily": updates.daily, "new-language": updates.new_language, "own-reports": updates.own_reports}
    outlets = [f"outlets >= {', '.join(map(str, updates.outlets))}"] if updates.outlets else []
    return "; ".join([*outlets, *(name for name, asked in named.items() if asked)])
