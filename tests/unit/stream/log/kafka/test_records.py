"""How a message is stored in Kafka."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.log.base import Outgoing, Record
from stream.log.kafka.records import headers_of, milliseconds_of, record_of, time_of


@dataclass
class Found:
    """A message as kafka-python returns it."""

    key: bytes | None = b"k"
    value: bytes | None = b"v"
    headers: object = ()
    partition: int = 1
    offset: int = 2
    timestamp: int = 1_000


def test_a_new_message_has_no_headers_and_a_repeated_one_its_attempt() -> None:
    assert headers_of(Outgoing("pages", "k", b"v")) == []
    found = Found(headers=headers_of(Outgoing("pages", "k", b"v", attempt=12)))
    expected = Record("pages", 1, 2, "k", b"v", 12, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    assert record_of("pages", found) == expected


@pytest.mark.parametrize("attempt", [b"", b"-1", b"many", b"9" * 5000, b"\xff", "²".encode()])
def test_an_invalid_attempt_counts_as_the_first(attempt: bytes) -> None:
    assert record_of("pages", Found(headers=[("attempt", attempt)])).attempt == 0


def test_the_trace_is_a_header_of_its_own() -> None:
    headers = headers_of(Outgoing("pages", "k", b"v", attempt=1, trace="00-ab-cd-01"))
    assert dict(headers) == {"attempt": b"1", "traceparent": b"00-ab-cd-01"}
    assert record_of("pages", Found(headers=headers)).trace == "00-ab-cd-01"
    assert record_of("pages", Found(headers=[("traceparent", b"\xff")])).trace == "\ufffd"


def test_what_is_missing_is_empty() -> None:
    record = record_of("pages", Found(key=None, value=None, headers=None))
    assert (record.key, record.value, record.attempt) == ("", b"", 0)


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_times_are_kept_to_the_millisecond_rounded_down(time: datetime) -> None:
    assert timedelta(0) <= time - time_of(milliseconds_of(time)) < timedelta(milliseconds=1)


def test_a_time_before_1970_is_the_beginning() -> None:
    assert milliseconds_of(datetime(1960, 1, 1, tzinfo=UTC)) == 0
