"""State shared by the two threads of a group member: which partitions are ours, whether a rebalance is running, what failed.

The caller's thread takes records and commits; the reading thread takes part in rebalances and reads ahead. All state here is
read and changed under one condition variable, which is notified of every change.
"""

import threading
from collections.abc import Callable, Collection
from typing import Any

from kafka import ConsumerRebalanceListener

from stream.log.calls import Calls
from stream.log.kafka.shelf import Holding, Shelf


class Membership:
    """The state of one member.

    Args:
        calls: the member's calls; tells whether it is being closed.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.changed = threading.Condition()
        """Guards everything below."""
        self.shelf = Shelf()
        self.owned: dict[int, int] = {}
        """The partitions owned at the last poll, and the epoch of each."""
        self._rebalancing = True
        self._failure: Exception | None = None

    @property
    def held(self) -> dict[int, Holding]:
        """The partitions owned now, and the state of each."""
        return self.shelf.held

    def is_settled(self) -> bool:
        """No rebalance is running, and the starting offset of each partition is known."""
        return not self._rebalancing and all(each.fetched is not None for each in self.held.values())

    def has_failed(self) -> bool:
        """Whether there is nothing to wait for."""
        return self._calls.closing or self._failure is not None

    def wait_until_settled(self, seconds: float) -> bool:
        """Wait until it is settled or has failed; returns False if neither happened in time."""
        return self.changed.wait_for(lambda: self.is_settled() or self.has_failed(), seconds)

    def wait_until(self, reached: Callable[[], bool], seconds: float) -> None:
        """Wait until a condition holds or an error came, at most for the given time."""
        self.changed.wait_for(lambda: reached() or self.has_failed(), seconds)

    def raise_failure(self) -> None:
        """Raise the reading thread's error, once; LogError if the member was closed."""
        self._calls.go_on()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def fail(self, error: Exception) -> None:
        """Pass an error on to the caller."""
        with self.changed:
            self._failure = error
            self.changed.notify_all()

    @property
    def closing(self) -> bool:
        """Whether the member is closed, or about to be."""
        return self._calls.closing

    def wake(self) -> None:
        """Let a waiting poll return."""
        with self.changed:
            self._calls.wake()
            self.changed.notify_all()

    def close(self) -> None:
        """Wake all waiting threads."""
        with self.changed:
            self._calls.shut()
            self.changed.notify_all()

    def rebalance_begins(self) -> None:
        """A rebalance has begun; until it ends, the owner of each partition is unknown."""
        with self.changed:
            self._rebalancing = True
            self.changed.notify_all()

    def rebalance_ends(self, numbers: Collection[int], generation: int, member: str) -> dict[int, int]:
        """These partitions are ours now. Returns the offsets to continue at in those that stayed."""
        with self.changed:
            kept = self.shelf.reassign(numbers, generation, member)
            self._rebalancing = False
            self.changed.notify_all()
            return {number: fetched for number in kept if (fetched := self.held[number].fetched) is not None}

    def group_lost(self) -> None:
        """The brokers consider this member dead."""
        with self.changed:
            self.shelf.lose_all()
            self._rebalancing = True
            self.changed.notify_all()


class Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    """Passes on the client's rebalance events, in the thread that polls the client, during that poll.

    Args:
        membership: receives the events.
        assigned: called with the owned partitions when a rebalance has ended.
    """

    def __init__(self, membership: Membership, assigned: Callable[[list[int]], None]) -> None:
        self._membership = membership
        self._assigned = assigned

    def on_partitions_revoked(self, revoked: Any) -> None:  # noqa: ARG002 - kafka-python's signature
        """A rebalance begins."""
        self._membership.rebalance_begins()

    def on_partitions_assigned(self, assigned: Any) -> None:
        """It has ended."""
        self._assigned([place.partition for place in assigned])

    def on_partitions_lost(self, lost: Any) -> None:  # noqa: ARG002 - kafka-python's signature
        """The group continued without this member."""
        self._membership.group_lost()
