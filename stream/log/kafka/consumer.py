"""A member of a consumer group in Kafka.

A thread of its own polls the broker: it takes part in rebalances, and reads ahead as far as memory allows, so that a stage
that is busy (or waits for a store that is down) neither loses its partitions nor holds up the others' rebalance. The member
lives as long as its process. Partitions are shared by Kafka's sticky assignor (KIP-54): few move.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition, errors

from stream.errors import RetryLater, WirewatchError
from stream.log import topics
from stream.log.base import LogError, Record
from stream.log.fair import Rota, gather
from stream.log.kafka import settings as kafka_settings
from stream.log.kafka.access import Kafka
from stream.log.kafka.connect import connect
from stream.log.kafka.errors import translated
from stream.log.kafka.records import record_of
from stream.log.kafka.shelf import Shelf

_READ_AHEAD_BYTES = 16 * 2**20  # of values, beside the last answer of a broker
_ROUND_MS = 100  # one look at the broker; so late are a close and new room for reading ahead noticed
_ROUND_RECORDS = 1_000
_SETTLE_SECONDS = 1.0  # how long a poll waits for the end of a rebalance
_CATCH_UP_SECONDS = 5.0
_PAUSE_SECONDS = 0.5  # after an error
_LEAVE_MS = 2_000
_MOVED_ON = (
    errors.CommitFailedError,
    errors.RebalanceInProgressError,
    errors.IllegalGenerationError,
    errors.UnknownMemberIdError,
)


class GroupMember:
    """See `stream.log.base.Consumer`; made by `KafkaLog.consumer`. Returns once it has joined.

    Args:
        kafka: where the brokers are.
        group_id: as Kafka knows the group.
        topic: as wirewatch names it.
        topic_name: as Kafka knows it.
        ends: asks for the offset, by partition, that the next message will get.

    Raises:
        RetryLater: from here and from each method: the brokers don't answer.
        ConfigError: they refuse us.
    """

    def __init__(
        self, kafka: Kafka, group_id: str, topic: str, topic_name: str, ends: Callable[[], Mapping[int, int]]
    ) -> None:
        self._kafka = kafka
        self._topic = topic
        self._topic_name = topic_name
        self._ends = ends
        self._changed = threading.Condition()
        self._shelf = Shelf()
        self._rebalancing = True
        self._failure: Exception | None = None
        self._closing = False
        self._rota = Rota()
        self._owned: dict[int, int] = {}
        with translated(kafka):
            self._client = connect(KafkaConsumer, kafka_settings.member(kafka, group_id))
        self._thread = threading.Thread(target=self._run, name=f"kafka {group_id}", daemon=True)
        try:
            self._join()
        except BaseException:
            self.close()
            raise

    def _join(self) -> None:
        with translated(self._kafka):
            self._client.subscribe([self._topic_name], listener=_Listener(self))
            # One that joins before it knows the topic's partitions would assign none, if it is the group's leader.
            self._client.partitions_for_topic(self._topic_name)
        self._thread.start()
        self._await_joined()

    def _await_joined(self) -> None:
        """A dead member that the brokers have not missed yet holds up a rebalance for as long as its session lasts."""
        patience = self._kafka.session_seconds + self._kafka.timeout_seconds
        with self._changed:
            if not self._changed.wait_for(self._is_settled_or_failed, patience):
                raise RetryLater(
                    "kafka-unavailable", f"{self._kafka.bootstrap_servers}: can't join the group"
                )
            self._raise_failure()

    # What the caller does

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """The next records; waits for the first. With `timeout` 0 it hands out what had been acknowledged before the call,
        which takes a round trip."""
        deadline = time.monotonic() + timeout
        ends = self._ends() if limit > 0 and timeout <= 0 else {}
        with self._changed:
            self._changed.wait_for(self._is_settled_or_failed, _SETTLE_SECONDS)
            if ends:
                self._changed.wait_for(
                    lambda: self._has_reached(ends) or self._has_failed(), _CATCH_UP_SECONDS
                )
            while True:
                self._raise_failure()
                records = self._take(limit)
                left = deadline - time.monotonic()
                if records or limit <= 0 or left <= 0:
                    return records
                self._changed.wait(left)

    def _take(self, limit: int) -> list[Record]:
        """Take note of what this member owns now, and hand out of it. While a rebalance is under way nothing is new."""
        if not self._is_settled():
            return []
        held = self._shelf.held
        self._owned = {number: holding.epoch for number, holding in held.items()}
        return gather(self._rota.order(sorted(held)), limit, lambda number, quota: held[number].take(quota))

    def _has_reached(self, ends: Mapping[int, int]) -> bool:
        if not self._is_settled():
            return False
        return self._shelf.bytes() >= _READ_AHEAD_BYTES // 2 or all(
            holding.fetched is not None and holding.fetched >= ends[number]
            for number, holding in self._shelf.held.items()
        )

    def _raise_failure(self) -> None:
        if self._closing:
            raise LogError(f"this member of a group in topic {self._topic!r} was closed")
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    def assigned(self) -> frozenset[int]:
        """The partitions owned at the last poll."""
        return frozenset(self._owned)

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Record what is done, in the partitions that are still owned; waits for the end of a rebalance to know which."""
        self._check(offsets)
        deadline = time.monotonic() + self._kafka.session_seconds + self._kafka.timeout_seconds
        while due := self._due(offsets, deadline):
            if self._try_commit(due):
                self._note_committed(due)
                return
            time.sleep(_ROUND_MS / 1000)  # by then the rebalance that it missed is noticed

    def _check(self, offsets: Mapping[int, int]) -> None:
        with self._changed:
            handed = {number: holding.handed for number, holding in self._shelf.held.items()}
        for number, offset in offsets.items():
            if number in self._owned and not 0 <= offset <= handed.get(number, -1):
                topics.check_offset(self._topic, number, offset, self._ends()[number])

    def _due(self, offsets: Mapping[int, int], deadline: float) -> dict[int, int]:
        """What of it is to be committed: a partition that was lost since the last poll is left out, also if it came back."""
        with self._changed:
            if not self._changed.wait_for(self._is_settled_or_failed, max(deadline - time.monotonic(), 0)):
                raise RetryLater(
                    "kafka-unavailable", f"{self._kafka.bootstrap_servers}: a rebalance does not end"
                )
            self._raise_failure()
            held = self._shelf.held
            return {
                number: offset
                for number, offset in offsets.items()
                if number in held
                and self._owned.get(number) == held[number].epoch
                and offset > held[number].committed
            }

    def _try_commit(self, due: Mapping[int, int]) -> bool:
        """False if the group went on meanwhile."""
        wanted = {self._place(number): OffsetAndMetadata(offset, "", -1) for number, offset in due.items()}
        with translated(self._kafka):
            try:
                self._client.commit(wanted, timeout_ms=int(self._kafka.timeout_seconds * 1000))
            except _MOVED_ON:
                return False
        return True

    def _note_committed(self, due: Mapping[int, int]) -> None:
        with self._changed:
            for number, offset in due.items():
                holding = self._shelf.held.get(number)
                if holding is not None and holding.epoch == self._owned.get(number):
                    holding.committed = max(holding.committed, offset)

    def close(self) -> None:
        """Leave the group."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        with translated(self._kafka):
            self._client.close(autocommit=False, timeout_ms=_LEAVE_MS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What the thread does

    def _run(self) -> None:
        while not self._closing:
            try:
                with translated(self._kafka):
                    self._look()
            except WirewatchError as error:
                self._fail(error)
                time.sleep(_PAUSE_SECONDS)
            except Exception as error:  # noqa: BLE001 - the caller is told; a thread that died in silence would read no more
                self._fail(error)
                time.sleep(_PAUSE_SECONDS)

    def _fail(self, error: Exception) -> None:
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def _look(self) -> None:
        """One round: take part in the group's life, and read ahead."""
        found = self._client.poll(timeout_ms=_ROUND_MS, max_records=_ROUND_RECORDS)
        with self._changed:
            for place, messages in found.items():
                self._keep(place.partition, messages)
            self._changed.notify_all()
        self._find_beginnings()
        self._hold_back()

    def _keep(self, number: int, messages: Sequence[Any]) -> None:
        """Keep what continues what was read before. The rest is from before a rebalance that ended in the meantime."""
        holding = self._shelf.held.get(number)
        if holding is None or holding.fetched is None:
            return
        fetched = holding.fetched
        new = [record_of(self._topic, each) for each in messages if each.offset >= fetched]
        if new:
            holding.add(new, new[-1].offset + 1)

    def _find_beginnings(self) -> None:
        """Begin each new partition at the group's committed offset.

        The client's own position is not to be trusted for that: kafka-python 3.0.12 keeps it over a rebalance, also where the
        partition was another member's in a generation that this member missed; and it is where reading ahead had come to.
        """
        with self._changed:
            new = [(number, each) for number, each in self._shelf.held.items() if each.fetched is None]
        for number, holding in new:
            offset = self._committed(self._place(number))
            with self._changed:
                if self._shelf.held.get(number) is holding:
                    self._client.seek(self._place(number), offset)
                    holding.begin(offset)
                    self._changed.notify_all()

    def _committed(self, place: TopicPartition) -> int:
        """Where the group goes on; at the oldest message, if the brokers have forgotten it."""
        wait = int(self._kafka.timeout_seconds * 1000)
        committed = self._client.committed(place, timeout_ms=wait)
        if committed is not None:
            return int(committed)
        return int(self._client.beginning_offsets([place])[place])

    def _hold_back(self) -> None:
        """Read no further while enough is read ahead. All partitions or none: kafka-python 3.0.12 forgets to hand out what it
        has already fetched of one that was paused alone (`Fetcher._paused_partition_records`)."""
        with self._changed:
            held = self._shelf.bytes()
        paused = self._client.paused()
        if held >= _READ_AHEAD_BYTES:
            self._client.pause(*self._client.assignment())
        elif paused and held < _READ_AHEAD_BYTES // 2:
            self._client.resume(*paused)

    def _place(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic_name, number)

    # What the client tells its listener, in the client's own thread, while `_look` waits

    def rebalance_begins(self) -> None:
        """Until it ends nobody knows whose a partition is."""
        with self._changed:
            self._rebalancing = True
            self._changed.notify_all()

    def rebalance_ends(self, numbers: Collection[int]) -> None:
        """These partitions are ours now. Where one stayed, reading goes on behind what was read ahead."""
        membership = self._client.group_metadata()
        with self._changed:
            kept = self._shelf.reassign(numbers, membership.generation_id, membership.member_id)
            for number in kept:
                self._client.seek(self._place(number), self._shelf.held[number].fetched)
            self._rebalancing = False
            self._changed.notify_all()

    def group_lost(self) -> None:
        """The brokers took us for dead."""
        with self._changed:
            self._shelf.lose_all()
            self._rebalancing = True
            self._changed.notify_all()

    def _is_settled(self) -> bool:
        return not self._rebalancing and all(
            holding.fetched is not None for holding in self._shelf.held.values()
        )

    def _has_failed(self) -> bool:
        return self._closing or self._failure is not None

    def _is_settled_or_failed(self) -> bool:
        return self._is_settled() or self._has_failed()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python is untyped
    """Passes on what the client says of rebalances."""

    def __init__(self, member: GroupMember) -> None:
        self._member = member

    def on_partitions_revoked(self, revoked: Any) -> None:  # noqa: ARG002 - kafka-python's signature
        """A rebalance begins."""
        self._member.rebalance_begins()

    def on_partitions_assigned(self, assigned: Any) -> None:
        """It has ended."""
        self._member.rebalance_ends([place.partition for place in assigned])

    def on_partitions_lost(self, lost: Any) -> None:  # noqa: ARG002 - kafka-python's signature
        """The group went on without us."""
        self._member.group_lost()
