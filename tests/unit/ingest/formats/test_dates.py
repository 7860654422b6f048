"""Dates as feeds write them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from ingest.formats.dates import read_date

LATEST = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 02 Mar 2026 10:00:00 GMT",
        "Mon, 2 Mar 2026 10:00:00 +0100",
        "Mon, 02 Mar 2026 10:00:00 -0330",
        "Mon, 02 Mar 2026 10:00:00 -0000",
        "Mon, 02 Mar 2026 10:00:00 EST",
        "Mon, 02 Mar 2026 10:00 GMT",
        "Mon, 02 March 2026 10:00:00 GMT",
        "Mon, 02 Mar 26 10:00:00 GMT",
        "MON, 02 MAR 2026 10:00:00 gmt",
        "Mon,  02 Mar 2026  10:00:00 GMT",
        "02 Mar 2026 10:00:00 GMT",
        "Mon, 02 Mar 2026 10:00:00",
    ],
)
def test_the_quick_reading_of_mail_dates_and_the_full_one_agree(written: str) -> None:
    full = parsedate_to_datetime(written)

    assert read_date([written], LATEST) == (full if full.tzinfo else full.replace(tzinfo=UTC))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "Mon, 02 Foo 2026 10:00:00 GMT",
        "Mon, 32 Mar 2026 10:00:00 GMT",
        "Mon, 02 Mar 0001 10:00:00 GMT",
        "Mon, 02 Mar 2026 10:00:00 +00000",
        "2026-03-02T10:00:00+00000",
        "0001-01-01T00:00:00+01:00",
        "2026-12-02T10:00:00Z",
    ],
)
def test_invalid_and_implausible_dates_are_none(written: str) -> None:
    assert read_date([written], LATEST) is None


def test_the_first_readable_date_counts() -> None:
    written = iter(["yesterday", "Mon, 02 Mar 2026 10:00:00 GMT", "2026-03-03T10:00:00Z"])

    assert read_date(written, LATEST) == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert next(written) == "2026-03-03T10:00:00Z"
