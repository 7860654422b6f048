"""The reading thread of a group member: takes part in rebalances, and reads ahead as far as memory allows."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from kafka import TopicPartition

from stream.log.kafka.access import Kafka
from stream.log.kafka.errors import translated
from stream.log.kafka.membership import Listener, Membership
from stream.log.kafka.records import record_of

READ_AHEAD_BYTES = 16 * 2**20  # of values, in addition to a broker's last response
ROUND_MS = (
    500  # one poll of the broker; it ends early when messages come. A close is noticed within this time
)
QUIET_ROUND_MS = 1_500
"""The same where nothing came in the last `QUIET_ROUNDS` rounds: each round costs an idle process something."""
QUIET_ROUNDS = 20
FULL_ROUND_MS = 100  # the same while enough is read ahead: new room is noticed within this time
_ROUND_RECORDS = 1_000
_PAUSE_SECONDS = 0.5  # after an error


class ReadAhead:
    """Polls the client in a separate thread, from `start` to `join`.

    Args:
        kafka: the brokers' addresses.
        client: the KafkaConsumer.
        topic: its name in wirewatch.
        topic_name: its name in Kafka.
        membership: receives what the thread finds out.
    """

    def __init__(
        self, kafka: Kafka, client: Any, topic: str, topic_name: str, membership: Membership
    ) -> None:
        self._kafka = kafka
        self._client = client
        self._topic = topic
        self._topic_name = topic_name
        self._membership = membership
        self._quiet = 0
        """Rounds in a row in which nothing came."""
        self._thread = threading.Thread(target=self._run, name=f"kafka {topic_name}", daemon=True)

    def start(self) -> None:
        """Join the group and start reading."""
        with translated(self._kafka):
            self._client.subscribe([self._topic_name], listener=Listener(self._membership, self._assigned))
            # A group leader that joins before it knows the topic's partitions would assign none.
            self._client.partitions_for_topic(self._topic_name)
        self._thread.start()

    def join(self) -> None:
        """Wait for the thread, which ends when the membership is closed."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._membership.closing:
            try:
                with translated(self._kafka):
                    self._look()
            except Exception as error:  # noqa: BLE001 - the caller gets it; a thread that died silently would read no more
                self._membership.fail(error)
                time.sleep(_PAUSE_SECONDS)

    def _look(self) -> None:
        """One round: take part in rebalances, and read ahead."""
        found = self._client.poll(timeout_ms=self._wait_ms(), max_records=_ROUND_RECORDS)
        self._quiet = 0 if found else self._quiet + 1
        with self._membership.changed:
            for place, messages in found.items():
                self._keep(place.partition, messages)
            self._membership.changed.notify_all()
        self._find_beginnings()
        self._hold_back()

    def _wait_ms(self) -> int:
        if self._client.paused():
            return FULL_ROUND_MS
        return QUIET_ROUND_MS if self._quiet >= QUIET_ROUNDS else ROUND_MS

    def _keep(self, number: int, messages: Sequence[Any]) -> None:
        """Keep records that continue what was read before. Others date from before a rebalance that ended in the meantime."""
        holding = self._membership.held.get(number)
        if holding is None or holding.fetched is None:
            return
        fetched = holding.fetched
        new = [record_of(self._topic, each) for each in messages if each.offset >= fetched]
        if new:
            holding.add(new, new[-1].offset + 1)

    def _find_beginnings(self) -> None:
        """Start each new partition at the group's committed offset.

        The client's own position can't be used: kafka-python 3.0.12 keeps it across a rebalance, even if another member owned
        the partition in a generation that this member missed; and it points to the end of what was read ahead.
        """
        with self._membership.changed:
            new = [(number, each) for number, each in self._membership.held.items() if each.fetched is None]
        for number, holding in new:
            offset = self._committed(self._place(number))
            with self._membership.changed:
                if self._membership.held.get(number) is holding:
                    self._client.seek(self._place(number), offset)
                    holding.begin(offset)
                    self._membership.changed.notify_all()

    def _committed(self, place: TopicPartition) -> int:
        """Where the group continues: at the oldest message if the brokers have no offset for it."""
        wait = int(self._kafka.timeout_seconds * 1000)
        committed = self._client.committed(place, timeout_ms=wait)
        if committed is not None:
            return int(committed)
        return int(self._client.beginning_offsets([place])[place])

    def _hold_back(self) -> None:
        """Pause while enough is read ahead. All partitions or none: kafka-python 3.0.12 never hands out what it has already
        fetched for a partition that is paused alone (`Fetcher._paused_partition_records`)."""
        with self._membership.changed:
            held = self._membership.shelf.bytes()
        paused = self._client.paused()
        if held >= READ_AHEAD_BYTES:
            self._client.pause(*self._client.assignment())
        elif paused and held < READ_AHEAD_BYTES // 2:
            self._client.resume(*paused)

    def _assigned(self, numbers: Sequence[int]) -> None:
        """A rebalance has ended. In partitions that stayed, reading continues after what was read ahead."""
        group = self._client.group_metadata()
        with self._membership.changed:
            stayed = self._membership.rebalance_ends(numbers, group.generation_id, group.member_id)
            for number, fetched in stayed.items():
                self._client.seek(self._place(number), fetched)

    def _place(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic_name, number)
