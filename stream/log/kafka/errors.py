"""Translates Kafka errors into wirewatch's own."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

import structlog
from kafka import errors

from stream.errors import ConfigError, Reject, RetryLater
from stream.log.kafka.access import Kafka

log_line = structlog.get_logger("stream.log.kafka")

P = ParamSpec("P")
R = TypeVar("R")

_AUTHENTICATION = (
    errors.SaslAuthenticationFailedError,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
)
TOO_LARGE = (errors.MessageSizeTooLargeError, errors.RecordListTooLargeError)
"""The errors of a client or broker for a message that is too large."""
_PAUSE_SECONDS = 0.1


@contextmanager
def translated(kafka: Kafka) -> Iterator[None]:
    """Raise a kafka-python error as ConfigError (a person must act), Reject (the message can't be handled), or else as
    RetryLater `kafka-unavailable`."""
    try:
        yield
    except _AUTHENTICATION as error:
        raise ConfigError(
            f"kafka.username, kafka.password, kafka.sasl_mechanism: {kafka.bootstrap_servers} does not accept them"
            f" ({error})"
        ) from error
    except errors.AuthorizationError as error:
        raise ConfigError(
            f"kafka: {kafka.username or 'an anonymous user'} has too few rights at {kafka.bootstrap_servers}: {error};"
            f" it needs Create, Describe, Read, Write, Delete and AlterConfigs on topics and Read on groups that"
            f" begin with {kafka.prefix!r}"
        ) from error
    except TOO_LARGE as error:
        raise Reject(
            "too-large",
            f"a message is larger than kafka.max_message_bytes = {kafka.max_message_bytes}: {error}",
        ) from error
    except errors.UnknownTopicOrPartitionError as error:
        raise ConfigError(
            f"kafka: {kafka.bootstrap_servers} no longer has a topic: {error}; they are created at the next start"
        ) from error
    except errors.KafkaStorageError as error:
        raise RetryLater(
            "kafka-no-room",
            f"a broker at {kafka.bootstrap_servers} can't write to its disk: {error}; free some space (log.keep_days and"
            " kafka.retention_days set how much is kept), and work continues by itself",
        ) from error
    except errors.KafkaError as error:
        raise RetryLater("kafka-unavailable", f"{kafka.bootstrap_servers}: {error}") from error


def patiently(seconds: float, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call a function that changes nothing when it fails; retry temporary failures (such as a coordinator election) up to a
    time limit."""
    deadline, told = time.monotonic() + seconds, False
    while True:
        try:
            return function(*args, **kwargs)
        except errors.KafkaError as error:
            if not error.retriable or time.monotonic() >= deadline:
                raise
            if isinstance(error, errors.UnknownTopicOrPartitionError) and not told:
                told = True
                log_line.error("a topic is gone, or its broker is starting", reason=str(error))
            time.sleep(_PAUSE_SECONDS)
