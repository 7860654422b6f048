"""A log of every kind."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from stream.log.base import Log
from stream.log.kafka.access import Kafka
from stream.log.kafka.log import KafkaLog
from stream.log.memory import MemoryLog
from stream.log.sqlite.log import SqliteLog


@pytest.fixture(params=["memory", "sqlite", "kafka"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    """A log with the topics that the module names as SPECS."""
    specs = request.module.SPECS
    match request.param:
        case "memory":
            made: Log = MemoryLog(specs)
        case "sqlite":
            made = SqliteLog(tmp_path / "log.sqlite", specs)
        case _:
            kafka = Kafka(
                bootstrap_servers=request.getfixturevalue("kafka"),
                prefix=f"test-{uuid.uuid4().hex[:8]}.",
                session_seconds=10,  # no member dies: one that a busy machine delays keeps its share
            )
            made = KafkaLog(kafka, specs)
    with made:
        yield made
