"""The reading thread of a group's member: takes part in the group's life, and reads ahead as far as memory allows."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from kafka import TopicPartition

from stream.log.kafka.access import Kafka
from stream.log.kafka.errors import translated
from stream.log.kafka.membership import Listener, Membership
from stream.log.kafka.records import record_of

READ_AHEAD_BYTES = 16 * 2**20  # of values, beside the last answer of a broker
ROUND_MS = 100  # one look at the broker; a close, and new room for reading ahead, are noticed within it
_ROUND_RECORDS = 1_000
_PAUSE_SECONDS = 0.5  # after an error


class ReadAhead:
    """Polls the client in a thread of its own, from `start` to `join`.

    Args:
        kafka: where the brokers are.
        client: the KafkaConsumer.
        topic: as wirewatch names it.
        topic_name: as Kafka knows it.
        membership: what it finds out is noted there.
    """

    def __init__(
        self, kafka: Kafka, client: Any, topic: str, topic_name: str, membership: Membership
    ) -> None:
        self._kafka = kafka
        self._client = client
        self._topic = topic
        self._topic_name = topic_name
        self._membership = membership
        self._thread = threading.Thread(target=self._run, name=f"kafka {topic_name}", daemon=True)

    def start(self) -> None:
        """Join the group, and read."""
        with translated(self._kafka):
            self._client.subscribe([self._topic_name], listener=Listener(self._membership, self._assigned))
            # One that joins before it knows the topic's partitions would assign none, if it is the group's leader.
            self._client.partitions_for_topic(self._topic_name)
        self._thread.start()

    def join(self) -> None:
        """Wait for the end of the thread, which the membership's close has told to end."""
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._membership.closing:
            try:
                with translated(self._kafka):
                    self._look()
            except Exception as error:  # noqa: BLE001 - the caller is told; a thread that died in silence would read no more
                self._membership.fail(error)
                time.sleep(_PAUSE_SECONDS)

    def _look(self) -> None:
        """One round: take part in the group's life, and read ahead."""
        found = self._client.poll(timeout_ms=ROUND_MS, max_records=_ROUND_RECORDS)
        with self._membership.changed:
            for place, messages in found.items():
                self._keep(place.partition, messages)
            self._membership.changed.notify_all()
        self._find_beginnings()
        self._hold_back()

    def _keep(self, number: int, messages: Sequence[Any]) -> None:
        """Keep what continues what was read before. The rest is from before a rebalance that ended in the meantime."""
        holding = self._membership.held.get(number)
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
        """Where the group goes on; at the oldest message, if the brokers have forgotten it."""
        wait = int(self._kafka.timeout_seconds * 1000)
        committed = self._client.committed(place, timeout_ms=wait)
        if committed is not None:
            return int(committed)
        return int(self._client.beginning_offsets([place])[place])

    def _hold_back(self) -> None:
        """Read no further while enough is read ahead. All partitions or none: kafka-python 3.0.12 forgets to hand out what it
        has already fetched of one that was paused alone (`Fetcher._paused_partition_records`)."""
        with self._membership.changed:
            held = self._membership.shelf.bytes()
        paused = self._client.paused()
        if held >= READ_AHEAD_BYTES:
            self._client.pause(*self._client.assignment())
        elif paused and held < READ_AHEAD_BYTES // 2:
            self._client.resume(*paused)

    def _assigned(self, numbers: Sequence[int]) -> None:
        """A rebalance has ended. Where a partition stayed, reading goes on behind what was read ahead."""
        group = self._client.group_metadata()
        with self._membership.changed:
            stayed = self._membership.rebalance_ends(numbers, group.generation_id, group.member_id)
            for number, fetched in stayed.items():
                self._client.seek(self._place(number), fetched)

    def _place(self, number: int) -> TopicPartition:
        return TopicPartition(self._topic_name, number)
