"""How a message is stored in Kafka: key and value as they are, the attempt as a header, the time as its CreateTime."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stream.log.base import Outgoing, Record

_ATTEMPT = "attempt"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def headers_of(message: Outgoing) -> list[tuple[str, bytes]]:
    """The headers of a message: empty if it is new."""
    return [(_ATTEMPT, b"%d" % message.attempt)] if message.attempt else []


def record_of(topic: str, found: Any) -> Record:
    """Convert what kafka-python read to a record. Messages from other programs are converted as well as possible."""
    return Record(
        topic,
        found.partition,
        found.offset,
        (found.key or b"").decode("utf-8", "replace"),
        found.value or b"",
        _attempt(found.headers),
        time_of(found.timestamp),
    )


def _attempt(headers: Any) -> int:
    found = dict(headers or ()).get(_ATTEMPT, b"0")
    return int(found) if found.isdigit() and len(found) < 10 else 0


def time_of(milliseconds: int) -> datetime:
    """A time in Kafka's own unit (since 1970, UTC)."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds_of(time: datetime) -> int:
    """A time in Kafka's own unit, rounded down."""
    return max((time - _EPOCH) // timedelta(milliseconds=1), 0)
