"""Topics at the start of a process, while another one deletes them; tests/integration/test_kafka.py has the rest."""

from collections.abc import Sequence
from typing import Any

from stream.log.base import TopicSpec
from stream.log.kafka.access import Kafka
from stream.log.kafka.topics import create_topics

KAFKA = Kafka(bootstrap_servers="broker:9092", prefix="p.")


class Forgetful:
    """An admin, and its client, whose broker lists a topic but no longer knows its settings."""

    def __init__(self) -> None:
        self.client = self
        self.altered: list[str] = []

    def topic_name(self, topic: str) -> str:
        return f"p.{topic}"

    def describe_topics(self, names: Sequence[str]) -> list[dict[str, Any]]:
        return [{"name": name, "error_code": 0, "partitions": [0]} for name in names]

    def describe_configs(self, asked: Sequence[Any]) -> dict[str, Any]:
        return {"topic": {one.name: {} for one in asked}}

    def alter_configs(self, changed: Sequence[Any], raise_on_unknown: bool = True) -> None:
        if raise_on_unknown:
            raise ValueError("Unrecognized configs")
        self.altered += [one.name for one in changed]


def test_a_topic_that_is_deleted_at_the_start_ends_no_process() -> None:
    admin = Forgetful()
    assert create_topics(admin, KAFKA, [TopicSpec("watches", 1)]) == frozenset()  # type: ignore[arg-type]
    assert admin.altered == ["p.watches"]
