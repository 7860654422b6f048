from datetime import UTC, datetime, timedelta, timezone

import pytest

from stream.errors import ConfigError
from wirewatch.commands.times import moment

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("24h", NOW - timedelta(days=1)),
        ("7d", NOW - timedelta(days=7)),
        ("2w", NOW - timedelta(days=14)),
        ("2016-03-14", datetime(2016, 3, 14, tzinfo=UTC)),
        ("2016-03-14T09:30", datetime(2016, 3, 14, 9, 30, tzinfo=UTC)),
        ("2016-03-14T09:30+02:00", datetime(2016, 3, 14, 9, 30, tzinfo=timezone(timedelta(hours=2)))),
    ],
)
def test_moments_as_people_type_them(text: str, expected: datetime) -> None:
    assert moment(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "7", "d7", "99999999d", "2016-13-01"])
def test_anything_else_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a date"):
        moment(text, NOW)
