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
        for number in list(self._partitions):
            if ownership.get(number) is None or ownership[number] != self._owned.get(
                number, ownership[number]
            ):
                del self._partitions[number]
                self._committed.pop(number, None)
        self._owned = dict(ownership)

    def committable(self) -> dict[int, int]:
        """The offset to commit for each partition that has advanced since the last call."""
        moved = {}
        for partition, state in self._partitions.items():
            offset = next(iter(state.open), state.highest + 1)
            if offset > self._committed.get(partition, state.next_commit):
                moved[partition] = self._committed[partition] = offset
        return moved

    def oldest(self) -> datetime | None:
        """When the oldest unfinished message was appended, or else the last one that was taken; None if none ever was."""
        first = [next(iter(state.open.values())) for state in self._partitions.values() if state.open]
        return min(first, default=max((state.last for state in self._partitions.values()), default=None))

    def __len__(self) -> int:
        """How many messages are unfinished."""
        return sum(len(state.open) for state in self._partitions.values())
