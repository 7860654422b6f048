"""What a member of a group holds of its partitions: records read ahead, positions, and who owned what without a break."""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from stream.log.base import Record


@dataclass
class Holding:
    """A partition, for as long as this member owns it without a break.

    Attributes:
        epoch: counts the ownerships of this member; a partition that was lost and regained has another.
        fetched: the offset after the last record read from the broker; None until it is known where to begin.
        handed: the offset after the last record that was handed out.
        committed: the highest offset known to be committed.
        records: read ahead.
        bytes: that their values take.
    """

    epoch: int
    fetched: int | None = None
    handed: int = 0
    committed: int = 0
    records: deque[Record] = field(default_factory=deque)
    bytes: int = 0

    def begin(self, offset: int) -> None:
        """It is known now where to begin: at the group's committed offset."""
        self.fetched = self.handed = self.committed = offset

    def add(self, records: Iterable[Record], end: int) -> None:
        """Take what the broker sent; `end` is the offset to go on from."""
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
        """A rebalance gave this member these partitions. What it had in the generation just before and has again it owned
        without a break; everything else begins anew. Returns what is kept."""
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
        """The group went on without this member."""
        self.held = {}

    def bytes(self) -> int:
        """What the values take that were read ahead."""
        return sum(holding.bytes for holding in self.held.values())
