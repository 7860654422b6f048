"""Tracks which offsets of a partition are done, for stages that finish out of order."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class _Partition:
    next_commit: int
    highest: int
    open: set[int] = field(default_factory=set)


class Window:
    """The messages that a stage has taken but not finished. An offset may be committed once all before it are done."""

    def __init__(self) -> None:
        self._partitions: dict[int, _Partition] = {}
        self._committed: dict[int, int] = {}

    def take(self, partition: int, offset: int) -> None:
        """A message was read; offsets of a partition come in order, and start over after `keep` drops it."""
        state = self._partitions.setdefault(partition, _Partition(next_commit=offset, highest=offset))
        state.open.add(offset)
        state.highest = offset

    def done(self, partition: int, offset: int) -> None:
        """A message is finished: its results are in the log. Ignored if its partition was dropped."""
        state = self._partitions.get(partition)
        if state is not None:
            state.open.discard(offset)

    def keep(self, partitions: Iterable[int]) -> None:
        """Drop the partitions that are no longer owned."""
        wanted = set(partitions)
        for lost in self._partitions.keys() - wanted:
            del self._partitions[lost]
            self._committed.pop(lost, None)

    def committable(self) -> dict[int, int]:
        """The offset to commit for each partition that has advanced since the last call."""
        moved = {}
        for partition, state in self._partitions.items():
            offset = min(state.open) if state.open else state.highest + 1
            if offset > self._committed.get(partition, state.next_commit):
                moved[partition] = self._committed[partition] = offset
        return moved

    def __len__(self) -> int:
        """How many messages are unfinished."""
        return sum(len(state.open) for state in self._partitions.values())
