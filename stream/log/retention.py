"""Which of the oldest messages go when a topic is trimmed: a pure decision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, order=True)
class Held:
    """A message that may be forgotten; they sort from the oldest to the newest.

    Attributes:
        appended: when it was appended; never falls within a partition.
        partition: where it lies.
        offset: where it lies there.
        size: bytes that its value takes.
    """

    appended: datetime
    partition: int
    offset: int
    size: int


def cuts(held: Iterable[Held], total: int, older_than: datetime, max_bytes: int) -> dict[int, int]:
    """Where to cut each partition.

    Args:
        held: the messages that may go, oldest first.
        total: bytes that the values of the whole topic take.
        older_than: everything appended before goes.
        max_bytes: more goes, until the topic takes no more than this.

    Returns:
        By partition, the first offset that stays; partitions that lose nothing are left out.
    """
    found: dict[int, int] = {}
    for message in held:
        if message.appended >= older_than and total <= max_bytes:
            break
        found[message.partition] = message.offset + 1
        total -= message.size
    return found
