"""How a message is stored in Kafka: key and value as they are, attempt and trace as headers, the time as its CreateTime."""

from datetime import UTC, datetime, timedelta
from typing import Any

from stream.log.base import Outgoing, Record
from stream.trace import HEADER

_ATTEMPT = "attempt"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def headers_of(message: Outgoing) -> list[tuple[str, bytes]]:
    """The headers of a message: none if it is new and belongs to no trace."""
    attempt = [(_ATTEMPT, b"%d" % message.attempt)] if message.attempt else []
    return [*attempt, (HEADER, message.trace.encode())] if message.trace else attempt


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
        dict(found.headers or ()).get(HEADER, b"").decode("ascii", "replace"),
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
