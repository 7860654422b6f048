"""Commits the offsets of a group member, in the partitions that it still owns."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from kafka import OffsetAndMetadata, TopicPartition, errors

from stream.errors import RetryLater
from stream.log import topics
from stream.log.kafka.access import Kafka
from stream.log.kafka.errors import translated
from stream.log.kafka.membership import Membership

_PAUSE_SECONDS = 0.1  # long enough to notice the rebalance that a commit missed
_ATTEMPT_SECONDS = 5.0  # a member can be closed after this
_MOVED_ON = (
    errors.CommitFailedError,
    errors.RebalanceInProgressError,
    errors.IllegalGenerationError,
    errors.UnknownMemberIdError,
)


class Committer:
    """Commits offsets through the client of a member.

    Args:
        kafka: the brokers' addresses.
        client: the KafkaConsumer.
        topic: its name in wirewatch.
        topic_name: its name in Kafka.
        membership: tells which partitions are owned.
    """

    def __init__(
        self, kafka: Kafka, client: Any, topic: str, topic_name: str, membership: Membership
    ) -> None:
        self._kafka = kafka
        self._client = client
        self._topic = topic
        self._topic_name = topic_name
        self._membership = membership

    def check(self, offsets: Mapping[int, int], ends: Callable[[], Mapping[int, int]]) -> None:
        """Raise LogError if an offset is outside its partition; `ends` is called only for offsets that were not handed out."""
        with self._membership.changed:
            handed = {number: holding.handed for number, holding in self._membership.held.items()}
        for number, offset in offsets.items():
            if number in self._membership.owned and not 0 <= offset <= handed.get(number, -1):
                topics.check_offset(self._topic, number, offset, ends()[number])

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Record what is done, in the partitions still owned; waits for a rebalance to end to know which those are."""
        begun = time.monotonic()
        while due := self._due(offsets, begun + self._kafka.session_seconds + self._kafka.timeout_seconds):
            if self._try_commit(due, begun + self._kafka.timeout_seconds):
                self._note_committed(due)
                return
            time.sleep(_PAUSE_SECONDS)

    def _due(self, offsets: Mapping[int, int], deadline: float) -> dict[int, int]:
        """The offsets to commit: a partition that was lost since the last poll is left out, even if it came back."""
        member = self._membership
        with member.changed:
            if not member.wait_until_settled(max(deadline - time.monotonic(), 0)):
                raise RetryLater(
                    "kafka-unavailable", f"{self._kafka.bootstrap_servers}: a rebalance is not ending"
                )
            member.raise_failure()
            return {
                number: offset
                for number, offset in offsets.items()
                if number in member.held
                and member.owned.get(number) == member.held[number].epoch
                and offset > member.held[number].committed
            }

    def _try_commit(self, due: Mapping[int, int], deadline: float) -> bool:
        """Returns False if the group rebalanced in the meantime, or if no broker has answered yet."""
        wanted = {
            TopicPartition(self._topic_name, number): OffsetAndMetadata(offset, "", -1)
            for number, offset in due.items()
        }
        wait = min(self._kafka.timeout_seconds, _ATTEMPT_SECONDS)
        with translated(self._kafka):
            try:
                self._client.commit(wanted, timeout_ms=int(wait * 1000))
            except errors.KafkaTimeoutError:
                if time.monotonic() >= deadline:
                    raise
                return False
            except _MOVED_ON:
                return False
        return True

    def _note_committed(self, due: Mapping[int, int]) -> None:
        member = self._membership
        with member.changed:
            for number, offset in due.items():
                holding = member.held.get(number)
                if holding is not None and holding.epoch == member.owned.get(number):
                    holding.committed = max(holding.committed, offset)
