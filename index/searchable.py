"""The values that stores filter and sort articles by."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def source_key(source: str) -> str:
    """The name of an outlet in the form that filters compare; cut at 1,000 characters, since strangers may have written it."""
    return source.casefold()[:1000]


def microseconds(time: datetime) -> int:
    """Microseconds since 1970 (UTC) of an aware time; raises TypeError for a naive one."""
    return (time - _EPOCH) // _MICROSECOND


def from_microseconds(count: int) -> datetime:
    """The time that `microseconds` counted."""
    return _EPOCH + count * _MICROSECOND
