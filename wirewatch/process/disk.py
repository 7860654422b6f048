"""How much disk a data folder takes, how fast that grows, and when the disk is full. The arithmetic is pure."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

EVERY = timedelta(hours=6)
"""Between two measurements that are kept."""
KEPT = timedelta(days=7)
"""How far back growth is measured."""
SHORTEST = timedelta(days=1)
"""Growth over less than this is not reported: news has days and nights."""
_DAY = timedelta(days=1)
_FARTHEST = timedelta(days=36_500)


class Measured(msgspec.Struct, frozen=True):
    """The bytes that log and archive took at a time."""

    time: datetime
    bytes: int


def noted(past: Sequence[Measured], now: Measured) -> list[Measured]:
    """The measurements to keep. One that is too soon after the last is left out; those from the future (a clock that was wrong)
    are dropped."""
    kept = [one for one in past if now.time - KEPT <= one.time <= now.time]
    return kept if kept and now.time - kept[-1].time < EVERY else [*kept, now]


def growth(past: Sequence[Measured], now: Measured) -> int | None:
    """Bytes a day since the oldest measurement that is kept; None if that is less than a day ago."""
    first = next((one for one in past if now.time - KEPT <= one.time), None)
    if first is None or now.time - first.time < SHORTEST:
        return None
    return round((now.bytes - first.bytes) * (_DAY / (now.time - first.time)))


def full_at(free: int, a_day: int | None, now: datetime) -> datetime | None:
    """When `free` bytes are used up at so many bytes a day; None if they never are, or not within a century."""
    if not a_day or a_day < 0 or free / a_day > _FARTHEST / _DAY:
        return None
    return now + free / a_day * _DAY


def size(path: Path) -> int:
    """The bytes that a file, or all files of a folder, take; 0 if there is none. What vanishes meanwhile doesn't count."""
    try:
        if not path.is_dir():
            return _allocated(path.stat())
        return sum(size(Path(entry.path)) for entry in os.scandir(path))
    except OSError:
        return 0


def _allocated(found: os.stat_result) -> int:
    """Windows doesn't tell the blocks."""
    return getattr(found, "st_blocks", 0) * 512 or found.st_size
