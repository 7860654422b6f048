"""Decides which of the oldest messages to delete when a topic is trimmed, and where that leaves a group; pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from stream.log.base import Progress


@dataclass(frozen=True, order=True)
class Held:
    """A message that may be deleted; sorts from oldest to newest.

    Attributes:
        appended: when it was appended; never decreases within a partition.
        partition: its partition.
        offset: its offset in the partition.
        size: bytes of its value.
    """

    appended: datetime
    partition: int
    offset: int
    size: int


def progress_of(committed: Mapping[int, int], starts: Mapping[int, int], ends: Mapping[int, int]) -> Progress:
    """Where a group stands, given its committed offset, the oldest offset held and the next one of each partition."""
    reached = {number: max(committed.get(number, start), start) for number, start in starts.items()}
    done = sum(reached.values())
    missed = sum(reached[number] - offset for number, offset in committed.items())
    return Progress(done, max(sum(ends.values()) - done, 0), missed)


def cuts(held: Iterable[Held], total: int, older_than: datetime, max_bytes: int) -> dict[int, int]:
    """Where to cut each partition.

    Args:
        held: the messages that may be deleted, oldest first.
        total: bytes of all values in the topic.
        older_than: everything appended before this is deleted.
        max_bytes: more is deleted until the topic takes at most this much.

    Returns:
        The first offset to keep, by partition; partitions that lose nothing are left out.
    """
    found: dict[int, int] = {}
    for message in held:
        if message.appended >= older_than and total <= max_bytes:
            break
        found[message.partition] = message.offset + 1
        total -= message.size
    return found
