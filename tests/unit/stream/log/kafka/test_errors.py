import pytest
from kafka import errors

from stream.errors import ConfigError, Reject, RetryLater
from stream.log.kafka.access import Kafka
from stream.log.kafka.errors import translated

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
