"""A member of a consumer group in Kafka.

A separate thread (read_ahead.py) polls the broker: it takes part in rebalances and reads ahead as far as memory allows, so
that a busy stage (or one that waits for a store that is down) neither loses its partitions nor delays a rebalance.
The member lives as long as its process. Kafka's sticky assignor (KIP-54) shares the partitions, so few of them move.
"""

import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from kafka import KafkaConsumer

from stream.errors import RetryLater
from stream.log.base import Record
from stream.log.calls import Calls
from stream.log.fair import Rota, gather
from stream.log.kafka import settings as kafka_settings
from stream.log.kafka.access import Kafka
from stream.log.kafka.commits import Committer
from stream.log.kafka.connect import connect
from stream.log.kafka.errors import translated
from stream.log.kafka.membership import Membership
from stream.log.kafka.read_ahead import READ_AHEAD_BYTES, ReadAhead

_SETTLE_SECONDS = 1.0  # how long a poll waits for a rebalance to end
_CATCH_UP_SECONDS = 5.0
_LEAVE_MS = 2_000


class GroupMember:
    """See `stream.log.base.Consumer`; made by `KafkaLog.consumer`. Returns once it has joined.

    Args:
        kafka: the brokers' addresses.
        group_id: the group's name in Kafka.
        topic: its name in wirewatch.
        topic_name: its name in Kafka.
        ends: returns the offset of the next message, by partition.

    Raises:
        RetryLater: here and in every method: the brokers don't answer.
        ConfigError: they refuse the connection.
    """

    def __init__(
        self, kafka: Kafka, group_id: str, topic: str, topic_name: str, ends: Callable[[], Mapping[int, int]]
    ) -> None:
        self._kafka = kafka
        self._ends = ends
        self._rota = Rota()
        self._calls = Calls(f"this member of a group in topic {topic!r}")
        self._membership = Membership(self._calls)
        with translated(kafka):
            self._client = connect(KafkaConsumer, kafka_settings.member(kafka, group_id))
        self._committer = Committer(kafka, self._client, topic, topic_name, self._membership)
        self._reading = ReadAhead(kafka, self._client, topic, topic_name, self._membership)
        try:
            self._reading.start()
            self._await_joined()
        except BaseException:
            self.close()
            raise

    def _await_joined(self) -> None:
        """A dead member that the brokers have not noticed yet delays a rebalance until its session expires."""
        patience = self._kafka.session_seconds + self._kafka.timeout_seconds
        with self._membership.changed:
            if not self._membership.wait_until_settled(patience):
                raise RetryLater(
                    "kafka-unavailable", f"{self._kafka.bootstrap_servers}: can't join the group"
                )
            self._membership.raise_failure()

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """The next records; waits for the first. With `timeout` 0 it returns the messages acknowledged before the call,
        which takes a round trip."""
        deadline = time.monotonic() + timeout
        with self._calls.one():
            ends = self._ends() if limit > 0 and timeout <= 0 else {}
            return self._poll(limit, deadline, ends)

    def _poll(self, limit: int, deadline: float, ends: Mapping[int, int]) -> list[Record]:
        with self._membership.changed:
            self._membership.wait_until_settled(_SETTLE_SECONDS)
            if ends:
                self._membership.wait_until(lambda: self._has_reached(ends), _CATCH_UP_SECONDS)
            while True:
                self._membership.raise_failure()
                before = self._membership.owned
                records = self._take(limit)
                left = deadline - time.monotonic()
                if records or limit <= 0 or left <= 0 or (before and self._membership.owned != before):
                    return records
                if self._calls.is_woken():
                    return records
                self._membership.changed.wait(left)

    def _take(self, limit: int) -> list[Record]:
        """Update the owned partitions, and take records from them. Nothing changes while a rebalance is in progress."""
        if not self._membership.is_settled():
            return []
        held = self._membership.held
        self._membership.owned = {number: holding.epoch for number, holding in held.items()}
        return gather(self._rota.order(sorted(held)), limit, lambda number, quota: held[number].take(quota))

    def _has_reached(self, ends: Mapping[int, int]) -> bool:
        if not self._membership.is_settled():
            return False
        return self._membership.shelf.bytes() >= READ_AHEAD_BYTES // 2 or all(
            holding.fetched is not None and holding.fetched >= ends[number]
            for number, holding in self._membership.held.items()
        )

    def wake(self) -> None:
        """Let a waiting poll return."""
        self._membership.wake()

    def assigned(self) -> frozenset[int]:
        """The partitions owned at the last poll."""
        return frozenset(self._membership.owned)

    def ownership(self) -> Mapping[int, int]:
        """These partitions, and the number of each ownership."""
        return self._membership.owned

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Record what is done, in the partitions still owned; waits for a rebalance to end to know which those are."""
        with self._calls.one():
            self._committer.check(offsets, self._ends)
            self._committer.commit(offsets)

    def close(self) -> None:
        """Leave the group."""
        self._membership.close()
        with self._calls.last():
            self._reading.join()
            with translated(self._kafka):
                self._client.close(autocommit=False, timeout_ms=_LEAVE_MS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
