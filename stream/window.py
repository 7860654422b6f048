"""Tracks which offsets of a partition are done, for stages that finish out of order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class _Partition:
    next_commit: int
    highest: int
    last: datetime
    """When the last message that was taken was appended."""
    open: dict[int, datetime] = field(default_factory=dict)
    """When each unfinished message was appended, in order of the offsets."""


class Window:
    """The messages that a stage has taken but not finished. An offset may be committed once all before it are done."""

    def __init__(self) -> None:
        self._partitions: dict[int, _Partition] = {}
        self._committed: dict[int, int] = {}
        self._owned: dict[int, int] = {}

    def take(self, partition: int, offset: int, appended: datetime) -> None:
        """A message was read; offsets of a partition come in order, and start over after `keep` drops it."""
        state = self._partitions.get(partition)
        if state is None:
            state = self._partitions[partition] = _Partition(offset, offset, appended)
        state.open[offset] = state.last = appended
        state.highest = offset

    def done(self, partition: int, offset: int) -> None:
        """A message is finished: its results are in the log. Ignored if its partition was dropped."""
        state = self._partitions.get(partition)
        if state is not None:
            state.open.pop(offset, None)

    def keep(self, ownership: Mapping[int, int]) -> None:
        """Drop the partitions that are no longer owned, or were lost and came back: these are read again.

        Args:
            ownership: the partitions that are owned, each with the number of its ownership.
        """
        kept = {number for number, epoch in ownership.items() if self._owned.get(number, epoch) == epoch}
        for number in self._partitions.keys() - kept:
            del self._partitions[number]
            self._committed.pop(number, None)
        self._owned = dict(ownership)

    def committable(self) -> dict[int, int]:
        """The offset to commit for each partition that has advanced since the last call."""
        moved = self._moved()
        self._committed |= moved
        return moved

    def is_settled(self) -> bool:
        """Whether every message is finished, and nothing is left to commit."""
        return not len(self) and not self._moved()

    def _moved(self) -> dict[int, int]:
        reached = {
            partition: next(iter(state.open), state.highest + 1)
            for partition, state in self._partitions.items()
        }
        return {
            partition: offset
            for partition, offset in reached.items()
            if offset > self._committed.get(partition, self._partitions[partition].next_commit)
        }

    def oldest(self) -> datetime | None:
        """When the oldest unfinished message was appended, or else the last one that was taken; None if none ever was."""
        first = [next(iter(state.open.values())) for state in self._partitions.values() if state.open]
        return min(first, default=max((state.last for state in self._partitions.values()), default=None))

    def __len__(self) -> int:
        """How many messages are unfinished."""
        return sum(len(state.open) for state in self._partitions.values())
