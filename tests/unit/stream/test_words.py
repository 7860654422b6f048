from datetime import timedelta

import pytest

from stream.words import byte_size, frequency, plural, span


def test_plural() -> None:
    assert plural(1, "article") == "1 article"
    assert plural(0, "article") == "0 articles"
    assert plural(1200, "story", "stories") == "1,200 stories"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (90, "1 minute 30 seconds"),
        (600, "10 minutes"),
        (5400, "1 hour 30 minutes"),
        (86_400, "1 day"),
        (86_405, "1 day"),
        (90_000, "1 day 1 hour"),
    ],
)
def test_span(seconds: float, said: str) -> None:
    assert span(seconds) == said
    assert span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (46_900, "46.9 kB"), (999_949, "999.9 kB"),
     (999_950, "1.0 MB"), (5_000_000_000, "5.0 GB"), (12_345_000_000_000_000, "12,345.0 TB")],
)  # fmt: skip
def test_bytes_in_the_units_of_disks(number: int, said: str) -> None:
    assert byte_size(number) == said


@pytest.mark.parametrize(
    ("per_day", "said"),
    [(1_234, "1,234 a day"), (11.2, "11 a day"), (9.94, "9.9 a day"), (1, "1 a day"), (0.5, "3.5 a week"), (1 / 7, "1 a week"),
     (1 / 30, "1 a month"), (0.01, "less than 1 a month"), (0, "less than 1 a month")],
)  # fmt: skip
def test_how_often_something_happens(per_day: float, said: str) -> None:
    assert frequency(per_day) == said
