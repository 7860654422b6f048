"""Opens kafka-python clients: cleans up after a failed attempt, and finds out why it failed."""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from kafka import errors
from kafka.net.compat import KafkaNetClient

from stream.errors import ConfigError
from stream.log.kafka.access import Kafka

C = TypeVar("C")
_ATTEMPT = "Bootstrap connection"
"""How the client's message on a failed attempt begins."""


def connect(client: Callable[..., C], settings: Mapping[str, Any]) -> C:
    """A client with these settings. Raises kafka-python's own errors."""
    opened: list[KafkaNetClient] = []

    def network(**configs: Any) -> KafkaNetClient:
        opened.append(KafkaNetClient(**configs))
        return opened[-1]

    try:
        return client(**settings, kafka_client=network)
    except BaseException:
        for each in opened:  # otherwise its thread would retry for ever
            each.close()
        raise


@contextmanager
def explained(kafka: Kafka) -> Iterator[None]:
    """Turns the timeout of a first connection into a ConfigError that gives the cause where it is known: the client only
    logs it."""
    causes = _Causes()
    logger = logging.getLogger("kafka.net.manager")
    logger.addHandler(causes)
    try:
        yield
    except errors.KafkaTimeoutError as error:
        raise ConfigError(_explanation(kafka, causes.found)) from error
    finally:
        logger.removeHandler(causes)


class _Causes(logging.Handler):
    """Collects the errors logged with warnings, each once.

    A refused password ends the connection attempt: it stays wrong however often it is sent, but the client tries it again until
    the timeout. What a handler raises reaches the code that logs, which here is the client's loop of attempts.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: dict[str, Exception] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Note the exceptions among the arguments; raises SaslAuthenticationFailedError where the client would try again."""
        for argument in record.args if isinstance(record.args, tuple) else ():
            if isinstance(argument, Exception):
                self.found.setdefault(str(argument), argument)
            if isinstance(argument, errors.SaslAuthenticationFailedError) and record.msg.startswith(_ATTEMPT):
                raise argument


def _explanation(kafka: Kafka, causes: Mapping[str, Exception]) -> str:
    if any(isinstance(cause, errors.SaslAuthenticationFailedError) for cause in causes.values()):
        return (
            "kafka.username, kafka.password, kafka.sasl_mechanism:"
            f" {kafka.bootstrap_servers} does not accept them: {'; '.join(causes)}"
        )
    return (
        f"kafka.bootstrap_servers: no broker answered at {kafka.bootstrap_servers} within {kafka.timeout_seconds:g} s"
        f" ({'; '.join(causes) or 'no response'}): check the address, that the broker runs, and that it speaks"
        f" kafka.security_protocol = {kafka.security_protocol}"
    )
