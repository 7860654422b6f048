from datetime import UTC, datetime

import pytest

from ingest.polling.freshness import fresh_for

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "public, max-age=300"}, 300),
        ({"cache-control": "Max-Age = 300"}, 300),
        ({"cache-control": 's-maxage=9, max-age="300"'}, 300),
        ({"cache-control": "s-maxage=900"}, 0),
        ({"cache-control": "max-age=300, no-cache"}, 0),
        ({"cache-control": "no-store"}, 0),
        ({"cache-control": "max-age=soon"}, 0),
        ({"cache-control": "max-age=99999999999999999999"}, 9999999999),
        ({"cache-control": "max-age=300", "age": "100"}, 200),
        ({"cache-control": "max-age=300", "age": "1000"}, 0),
        ({"cache-control": "max-age=300", "age": "x"}, 300),
        ({"cache-control": "max-age=300", "expires": "Sun, 15 Mar 2026 13:00:00 GMT"}, 300),
        ({"expires": "Sun, 15 Mar 2026 13:00:00 GMT"}, 3600),
        ({"expires": "Sun, 15 Mar 2026 13:00:00 GMT", "date": "Sun, 15 Mar 2026 12:30:00 GMT"}, 1800),
        ({"expires": "Sun, 15 Mar 2026 11:00:00 GMT"}, 0),
        ({"expires": "0"}, 0),
        ({"expires": "-1", "date": "yesterday"}, 0),
    ],
)
def test_fresh_for(headers: dict[str, str], seconds: float) -> None:
    assert fresh_for(headers, NOW) == seconds
