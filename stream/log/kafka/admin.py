"""Admin requests to the brokers: topics, offsets, groups. Topics and groups go by wirewatch's names, without the prefix."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from kafka import KafkaAdminClient, OffsetAndMetadata, OffsetSpec, TopicPartition, errors

from stream.log.base import LogError
from stream.log.kafka import settings as kafka_settings
from stream.log.kafka.access import Kafka
from stream.log.kafka.connect import connect, explained
from stream.log.kafka.errors import patiently, translated

R = TypeVar("R")

_NOBODY = ("Empty", "Dead")


class Admin:
    """Thread-safe. Every method raises the errors of `translated`.

    Args:
        kafka: the brokers' addresses, and the prefix of topics and groups.
        partitions: the number of partitions of each topic.

    Raises ConfigError if no broker answers, or if it refuses the connection.
    """

    def __init__(self, kafka: Kafka, partitions: Mapping[str, int]) -> None:
        self._kafka = kafka
        self._partitions = partitions
        with translated(kafka), explained(kafka):
            self.client = connect(KafkaAdminClient, kafka_settings.connection(kafka))

    def topic_name(self, topic: str) -> str:
        """The topic's name in Kafka."""
        return f"{self._kafka.prefix}{topic}"

    def group_id(self, group: str, topic: str) -> str:
        """The group's name in Kafka: one for each topic that it reads, so that a rebalance or rewind in one topic does not
        affect the others."""
        return f"{self._kafka.prefix}{group}.{topic}"

    def places(self, topic: str) -> list[TopicPartition]:
        """All partitions of a topic."""
        return [TopicPartition(self.topic_name(topic), number) for number in range(self._partitions[topic])]

    def _ask(self, function: Callable[..., R], *args: Any) -> R:
        with translated(self._kafka):
            return patiently(self._kafka.timeout_seconds, function, *args)

    # Offsets, by partition

    def starts(self, topic: str) -> dict[int, int]:
        """The oldest offset held."""
        return self._offsets(topic, OffsetSpec.EARLIEST)

    def ends(self, topic: str) -> dict[int, int]:
        """The offset of the next message."""
        return self._offsets(topic, OffsetSpec.LATEST)

    def at(self, topic: str, milliseconds: int) -> dict[int, int]:
        """The first offset appended at or after a time (since 1970, UTC); the end offset if there is none."""
        found = self._offsets(topic, milliseconds)
        ends = self.ends(topic)
        return {number: offset if offset >= 0 else ends[number] for number, offset in found.items()}

    def _offsets(self, topic: str, what: int) -> dict[int, int]:
        asked = dict.fromkeys(self.places(topic), what)
        found = self._ask(self.client.list_partition_offsets, asked)
        return {place.partition: each.offset for place, each in found.items()}

    def forget(self, topic: str, offsets: Mapping[int, int]) -> None:
        """Delete everything before the given offsets."""
        if offsets:
            name = self.topic_name(topic)
            before = {TopicPartition(name, number): offset for number, offset in offsets.items()}
            self._ask(self.client.delete_records, before)

    def disk_bytes(self, topic: str) -> int:
        """The disk size of a topic's largest replica, in bytes; deleted messages count until their segment is removed."""
        answers = self._ask(self.client.describe_log_dirs, [self.topic_name(topic)])
        return max(
            (
                sum(each["partition_size"] for found in folder["topics"] for each in found["partitions"])
                for answer in answers
                for folder in answer["log_dirs"]
            ),
            default=0,
        )

    # Groups

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The committed offset of each partition; partitions without one are left out."""
        return self._committed(topic, [self.group_id(group, topic)])[self.group_id(group, topic)]

    def slowest(self, topic: str, beside: Collection[str] = ()) -> dict[int, int]:
        """The lowest offset committed by any known group but those in `beside`, by partition; partitions that no group reads
        are left out."""
        left_out = {self.group_id(group, topic) for group in beside}
        ends_with = f".{topic}"
        ids = [each["group_id"] for each in self._ask(self.client.list_groups)]
        ours = [name for name in ids if name.startswith(self._kafka.prefix) and name.endswith(ends_with)]
        ours = [name for name in ours if name not in left_out]
        lowest: dict[int, int] = {}
        for offsets in self._committed(topic, ours).values():
            for number, offset in offsets.items():
                lowest[number] = min(offset, lowest.get(number, offset))
        return lowest

    def _committed(self, topic: str, group_ids: Iterable[str]) -> dict[str, dict[int, int]]:
        asked = {group_id: self.places(topic) for group_id in group_ids}
        found = self._ask(self.client.list_group_offsets, asked) if asked else {}
        return {
            group_id: {place.partition: each.offset for place, each in offsets.items() if each.offset >= 0}
            for group_id, offsets in found.items()
        }

    def commit_for(self, group: str, topic: str, offsets: Mapping[int, int]) -> bool:
        """Commit for a group without members; returns False, and changes nothing, if it has any."""
        name = self.topic_name(topic)
        wanted = {
            TopicPartition(name, number): OffsetAndMetadata(offset, "", -1)
            for number, offset in offsets.items()
        }
        answers = self._ask(self.client.alter_group_offsets, self.group_id(group, topic), wanted)
        refused = {error for error in answers.values() if error is not errors.NoError}
        if refused & {
            errors.UnknownMemberIdError,
            errors.RebalanceInProgressError,
            errors.IllegalGenerationError,
        }:
            return False
        with translated(self._kafka):
            for error in refused:
                raise error(f"committing for group {group!r} in topic {topic!r}")
        return True

    def check_idle(self, group: str, topic: str) -> None:
        """Raise LogError if a group has members."""
        group_id = self.group_id(group, topic)
        found = self._ask(self.client.describe_groups, [group_id])[group_id]
        if found["group_state"] not in _NOBODY:
            raise LogError(
                f"group {group!r} still reads {topic!r}: stop it before rewinding (a member that was killed counts"
                f" for {self._kafka.session_seconds:g} s more)"
            )

    def close(self) -> None:
        """Close the connections."""
        self.client.close()
