from datetime import timedelta

import pytest

from stream.words import plural, span


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
