"""A group member's state per partition: records read ahead, positions, and which partitions it owned without a break."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from stream.log.base import Record


@dataclass
class Holding:
    """A partition, for as long as this member owns it without a break.

    Attributes:
        epoch: counts this member's ownerships; a partition that was lost and regained has a new one.
        fetched: the offset after the last record read from the broker; None until the starting offset is known.
        handed: the offset after the last record that was handed out.
        committed: the highest offset known to be committed.
        records: read ahead.
        bytes: the size of their values.
    """

    epoch: int
    fetched: int | None = None
    handed: int = 0
    committed: int = 0
    records: deque[Record] = field(default_factory=deque)
    bytes: int = 0

    def begin(self, offset: int) -> None:
        """Start at the group's committed offset."""
        self.fetched = self.handed = self.committed = offset

    def add(self, records: Iterable[Record], end: int) -> None:
        """Store what the broker sent; `end` is the offset to continue from."""
        for record in records:
            self.records.append(record)
            self.bytes += len(record.value)
        self.fetched = end

    def take(self, limit: int) -> list[Record]:
        """Hand out the next records."""
        found = [self.records.popleft() for _ in range(min(limit, len(self.records)))]
        if found:
            self.bytes -= sum(len(record.value) for record in found)
            self.handed = found[-1].offset + 1
        return found


class Shelf:
    """The partitions that a member owns, by number."""

    def __init__(self) -> None:
        self.held: dict[int, Holding] = {}
        self._epochs = 0
        self._generation = -1
        self._member = ""

    def reassign(self, numbers: Collection[int], generation: int, member: str) -> set[int]:
        """A rebalance gave this member these partitions. Those that it also had in the generation just before are owned without
        a break; all others start over. Returns those that are kept."""
        unbroken = generation == self._generation + 1 and member == self._member
        kept = {
            number
            for number in numbers
            if unbroken and number in self.held and self.held[number].fetched is not None
        }
        self.held = {
            number: self.held[number] if number in kept else self._new_holding() for number in sorted(numbers)
        }
        self._generation, self._member = generation, member
        return kept

    def _new_holding(self) -> Holding:
        self._epochs += 1
        return Holding(self._epochs)

    def lose_all(self) -> None:
        """The group continued without this member."""
        self.held = {}

    def bytes(self) -> int:
        """The size of the values read ahead, in bytes."""
        return sum(holding.bytes for holding in self.held.values())
