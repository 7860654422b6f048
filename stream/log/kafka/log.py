"""The log in Kafka (3.5 or newer), shared by processes on any number of machines.

It differs from the embedded logs in three ways: `produce` is not one transaction (see there); the death of a killed member is
noticed only after `session_seconds`; and a group that is idle for the brokers' `offsets.retention.minutes` (a week by default)
loses its offsets and starts again at the oldest message.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from kafka import KafkaProducer, TopicPartition, errors

from stream.errors import Reject
from stream.log import topics
from stream.log.base import Changes, LogError, Outgoing, Progress, TopicSpec, by_name, partition_of
from stream.log.kafka import settings as kafka_settings
from stream.log.kafka.access import Kafka
from stream.log.kafka.admin import Admin
from stream.log.kafka.connect import connect
from stream.log.kafka.consumer import GroupMember
from stream.log.kafka.errors import TOO_LARGE, translated
from stream.log.kafka.keyed import Keyed
from stream.log.kafka.latest import Latest
from stream.log.kafka.reader import Reader
from stream.log.kafka.records import headers_of, milliseconds_of, record_of
from stream.log.kafka.topics import check_there_are_some, create_topics, settings_of
from stream.log.kafka.trim import Sizes, cut_points
from stream.log.retention import progress_of

_RECORD_BYTES = 200  # more than Kafka's own overhead per message


class KafkaLog:
    """See `stream.log.base.Log`.

    Args:
        kafka: the configuration's section.
        specs: the topics; missing ones are created.
        now: the clock that gives messages their times.
        begins: whether all topics may be created; else some must be there: who only reads creates none under a mistyped prefix.

    Raises:
        ConfigError: no broker answers, it refuses the connection, or it has a topic with other partitions or of the other kind.
        RetryLater: here and in every method: `kafka-unavailable`, if the brokers don't answer within `timeout_seconds`.
    """

    def __init__(
        self,
        kafka: Kafka,
        specs: Iterable[TopicSpec],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        begins: bool = True,
    ) -> None:
        self._kafka = kafka
        self._specs = by_name(specs)
        self._now = now
        self._lock = threading.Lock()
        self._appended: dict[TopicPartition, int] = {}
        settings = kafka_settings.producer(kafka)
        self._admin = Admin(kafka, {spec.name: spec.partitions for spec in self._specs.values()})
        try:
            if not begins:
                check_there_are_some(self._admin, kafka, self._specs.values())
            self.created = create_topics(self._admin, kafka, self._specs.values())
            with translated(kafka):
                self._producer = connect(KafkaProducer, settings)
        except BaseException:
            self._admin.close()
            raise
        self._latest = {
            name: Latest(self._admin, kafka, name) for name, spec in self._specs.items() if spec.compacted
        }
        self._keyed = {name: Keyed(self._admin, kafka, name) for name in self._latest}
        self._sizes = {
            name: Sizes(self._admin, kafka, name) for name, spec in self._specs.items() if not spec.compacted
        }

    def produce(self, messages: Sequence[Outgoing]) -> None:
        """Append; returns when all in-sync replicas have all messages.

        It is not all or none: messages to compacted topics are sent only after the rest is acknowledged. A crash in between can
        leave a retried message both in its topic and on its shelf, or entries without the feed's new state: these are
        processed again, and none is lost. After an error some messages may have been appended.

        Raises Reject `too-large` if a message is larger than `kafka.max_message_bytes` (no message was sent), or if the broker
        refuses its size (others may have been sent).
        """
        topics.check(self._specs, messages)
        for message in messages:
            self._check_size(message)
        with translated(self._kafka):
            self._send([message for message in messages if not self._specs[message.topic].compacted])
            self._send([message for message in messages if self._specs[message.topic].compacted])

    def _check_size(self, message: Outgoing) -> None:
        size = len(message.value or b"") + len(message.key.encode()) + _RECORD_BYTES
        if size > self._kafka.max_message_bytes:
            raise Reject(
                "too-large",
                f"a message of {size} bytes to topic {message.topic!r} (key {message.key[:100]!r}) is larger than"
                f" kafka.max_message_bytes = {self._kafka.max_message_bytes}",
            )

    def _send(self, messages: Sequence[Outgoing]) -> None:
        with self._lock:  # so that times rise in the order in which a partition gets its messages
            sent = [self._send_one(message) for message in messages]
        for message, each in zip(messages, sent, strict=True):
            try:
                each.get(timeout=3 * self._kafka.timeout_seconds)
            except TOO_LARGE as error:
                raise self._too_large(message, error) from error

    def _too_large(self, message: Outgoing, error: Exception) -> Reject:
        """The error that names the broker limit a message exceeds."""
        name = self._admin.topic_name(message.topic)
        limit = "its topic's limit"
        with suppress(errors.KafkaError):
            found = settings_of(self._admin, [name])[name]
            limit = f"max.message.bytes = {found['max.message.bytes']['value']}"
        return Reject(
            "too-large",
            f"the broker refused a message of {len(message.value or b'')} bytes to topic {message.topic!r} (key"
            f" {message.key[:100]!r}): {error}; topic {name!r} now has {limit}. wirewatch sets it to kafka.max_message_bytes ="
            f" {self._kafka.max_message_bytes} when it starts",
        )

    def _send_one(self, message: Outgoing) -> Any:
        number = partition_of(message.key, self._specs[message.topic].partitions)
        place = TopicPartition(self._admin.topic_name(message.topic), number)
        appended = max(milliseconds_of(self._now()), self._appended.get(place, 0))
        self._appended[place] = appended
        return self._producer.send(
            place.topic,
            message.value,
            message.key.encode(),
            headers_of(message),
            partition=number,
            timestamp_ms=appended,
        )

    def consumer(self, group: str, topic: str) -> GroupMember:
        """Join a group as a new member, which lives as long as this process."""
        topics.sequence(self._specs, topic)
        self._register(group, topic)
        return GroupMember(
            self._kafka,
            self._admin.group_id(group, topic),
            topic,
            self._admin.topic_name(topic),
            lambda: self._admin.ends(topic),
        )

    def _register(self, group: str, topic: str) -> None:
        """Commit the oldest offset where a group has none, so that `trim` spares what it has not read yet."""
        committed = self._admin.committed(group, topic)
        if len(committed) < self._specs[topic].partitions:
            starts = self._admin.starts(topic)
            unknown = {number: offset for number, offset in starts.items() if number not in committed}
            self._admin.commit_for(
                group, topic, unknown
            )  # refused if another member has joined, which then has done this

    def latest(self, topic: str, before: str | None = None) -> Mapping[str, bytes]:
        """The last value of each key of a compacted topic, or of those before one; reads only what is new since the last
        call. Values are held in memory from the first call without `before`."""
        topics.compacted(self._specs, topic)
        return self._latest[topic].read() if before is None else self._keyed[topic].read(before)

    def keys(self, topic: str) -> Collection[str]:
        """The keys of a compacted topic; they alone are held in memory."""
        topics.compacted(self._specs, topic)
        return self._keyed[topic].keys()

    def changes(self, topic: str, since: Mapping[int, int]) -> Changes:
        """What was written since a position."""
        topics.compacted(self._specs, topic)
        ends, values = self._admin.ends(topic), dict[str, bytes]()
        is_all = since.keys() != ends.keys() or any(since[number] > end for number, end in ends.items())
        if ends == since:  # a reader connects anew, which is much for nothing
            return Changes({}, ends, is_all=False)
        with closing(Reader(self._kafka, self._admin.places(topic), {} if is_all else since)) as reader:
            for found in reader.read_to(ends):
                key = record_of(topic, found).key
                if found.value is None:
                    values.pop(key, None)
                else:
                    values[key] = found.value
        return Changes(values, ends, is_all)

    def progress(self, group: str, topic: str) -> Progress:
        """The progress of a group: `done` and `lag` add up to all messages ever appended."""
        topics.sequence(self._specs, topic)
        reached = self._admin.committed(group, topic)
        ends = self._admin.ends(topic)
        if all(reached.get(number, 0) == end for number, end in ends.items()):  # or nothing ever came
            return Progress(sum(reached.values()), 0)
        return progress_of(reached, self._admin.starts(topic), ends)

    def ends(self, topic: str) -> Mapping[int, int]:
        """The offset of the next message in each partition."""
        topics.sequence(self._specs, topic)
        return self._admin.ends(topic)

    def rewind(self, group: str, topic: str, since: datetime | None = None) -> int:
        """Set a group back, never forward; returns its new lag. A killed member counts as living until its session
        expires."""
        topics.sequence(self._specs, topic)
        self._admin.check_idle(group, topic)
        starts = self._admin.starts(topic)
        targets = starts if since is None else self._admin.at(topic, milliseconds_of(since))
        committed = self._admin.committed(group, topic)
        back = {number: min(offset, targets[number]) for number, offset in committed.items()}
        if back and not self._admin.commit_for(group, topic, back):
            raise LogError(
                f"group {group!r} was joined while it was rewound in {topic!r}: stop it, and try again"
            )
        return self.progress(group, topic).lag

    def trim(self, topic: str, older_than: datetime, max_bytes: int, beside: Collection[str] = ()) -> int:
        """Delete the oldest messages that every known group but those in `beside` has committed. A group is known
        as long as the brokers keep its offsets. Disk space is freed one segment at a time.

        The age limit costs three round trips. The size limit is checked only if the topic takes more than `max_bytes` on a
        broker's disk: then this process reads the topic once, and after that only what is new.
        """
        if topics.known(self._specs, topic).compacted:
            return 0
        starts = self._admin.starts(topic)
        slowest = self._admin.ends(topic) | self._admin.slowest(topic, beside)
        by_age = self._admin.at(topic, milliseconds_of(older_than))
        by_size = self._sizes[topic].cuts(max_bytes, starts, slowest)
        cuts = cut_points(starts, slowest, by_age, by_size)
        self._admin.forget(topic, cuts)
        return sum(offset - starts[number] for number, offset in cuts.items())

    def close(self) -> None:
        """Release the connections."""
        for latest in self._latest.values():
            latest.close()
        for keyed in self._keyed.values():
            keyed.close()
        for sizes in self._sizes.values():
            sizes.close()
        with translated(self._kafka):
            self._producer.close(
                timeout=3 * self._kafka.timeout_seconds
            )  # messages that can't be sent have expired by then
            self._admin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
