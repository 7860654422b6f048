import pytest

from stream.histogram import Histogram
from stream.meters import MOST_KINDS, OTHER, Meters


def test_a_duration_is_counted_up_to_and_including_its_bound() -> None:
    histogram = Histogram((1.0, 5.0))
    for seconds in (0.5, 1.0, 4.0, 5.1, -3.0):
        histogram.observe(seconds)
    assert histogram.cumulative() == (3, 4, 5)
    assert histogram.sum == pytest.approx(10.6)


def test_durations_that_were_never_seen_are_reported_as_none() -> None:
    bounds, counts, total = Meters().durations("poll")
    assert (set(counts), total) == ({0}, 0.0)
    assert len(counts) == len(bounds) + 1


def test_kinds_beyond_the_most_are_counted_together() -> None:
    meters = Meters()
    for status in range(MOST_KINDS + 5):
        meters.tally("quarantined", "fetch", f"http-{status}")
    meters.tally("quarantined", "fetch", "http-0")
    counts = meters.tallies("quarantined")
    assert counts["fetch", "http-0"] == 2
    assert counts["fetch", OTHER] == 5
    assert len(counts) == MOST_KINDS + 1


def test_a_stage_that_does_not_run_here_has_no_oldest_message() -> None:
    assert Meters().oldest("fetch") is None
