import pytest
from kafka import errors
from structlog.testing import capture_logs

from stream.errors import ConfigError, Reject, RetryLater
from stream.log.kafka.access import Kafka
from stream.log.kafka.errors import patiently, translated

KAFKA = Kafka(bootstrap_servers="broker.example:9092", username="desk")


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (errors.KafkaStorageError("x"), RetryLater, "kafka-no-room: .*broker.example:9092.* free some space"),
        (errors.NotEnoughReplicasError("x"), RetryLater, "kafka-unavailable: broker.example:9092"),
        (errors.SaslAuthenticationFailedError("x"), ConfigError, r"kafka\.password.* does not accept them"),
        (
            errors.TopicAuthorizationFailedError("x"),
            ConfigError,
            "desk has too few rights .* it needs Create",
        ),
        (errors.MessageSizeTooLargeError("x"), Reject, r"too-large: .*kafka\.max_message_bytes"),
        (errors.UnknownTopicOrPartitionError("x"), ConfigError, "no longer has a topic.* next start"),
    ],
)
def test_each_error_says_what_to_do(raised: errors.KafkaError, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said), translated(KAFKA):
        raise raised


def test_a_topic_that_is_gone_is_reported_at_once_and_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.log.kafka.errors._PAUSE_SECONDS", 0.0)
    tries: list[int] = []

    def missing() -> None:
        tries.append(1)
        if len(tries) < 4:
            raise errors.UnknownTopicOrPartitionError("wirewatch.pages")

    with capture_logs() as logs:
        patiently(60.0, missing)
    assert len(tries) == 4
    (said,) = logs
    assert (said["event"], said["log_level"]) == ("a topic is gone, or its broker is starting", "error")
    assert "wirewatch.pages" in said["reason"]
