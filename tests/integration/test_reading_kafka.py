"""Commands that only read, over a real Kafka: under a mistyped prefix they say so, and make nothing."""

import uuid
from collections.abc import Callable

import pytest
from unit.wirewatch.commands.conftest import Said, call, data

from stream.errors import ConfigError
from stream.log.kafka.access import Kafka
from stream.log.kafka.log import KafkaLog
from wirewatch.config import Config
from wirewatch.topics import specs

__all__ = ["call", "data"]  # fixtures

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

READING = (
    "status",
    "sources",
    "feeds list",
    "feeds show Alba",
    "feeds export",
    "feeds pause Alba",
    "feeds remove Alba",
    "alerts list",
    "alerts remove Dams",
    "channels list",
    "channels remove desk",
    "topics export",
    "quarantine list",
)


def test_nothing_is_made_by_who_only_reads(
    kafka: str, call: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = f"test-{uuid.uuid4().hex[:8]}."
    monkeypatch.setenv("WIREWATCH_KAFKA_BOOTSTRAP_SERVERS", kafka)
    monkeypatch.setenv("WIREWATCH_KAFKA_PREFIX", prefix)
    for command in READING:
        said = call(command)
        assert (said.code, "has no topics that begin with" in said.err) == (2, True), (command, said)
    with pytest.raises(ConfigError, match="has no topics"):
        KafkaLog(Kafka(bootstrap_servers=kafka, prefix=prefix), specs(Config()), begins=False)
