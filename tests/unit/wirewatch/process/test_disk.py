"""The arithmetic of growth and of the day when the disk is full."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from wirewatch.process.disk import Measured, full_at, growth, noted, size

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def measured(days: float, size: int) -> Measured:
    return Measured(NOON - days * DAY, size)


def test_growth_is_measured_from_the_oldest_measurement_of_the_week() -> None:
    past = [measured(20, 0), measured(5, 1_000), measured(3, 9_000)]
    assert growth(past, Measured(NOON, 6_000)) == 1_000


def test_shrinking_is_negative_growth() -> None:
    assert growth([measured(2, 5_000)], Measured(NOON, 1_000)) == -2_000


@pytest.mark.parametrize("past", [[], [measured(0.9, 5)], [measured(8, 5)], [measured(-3, 5)]])
def test_growth_needs_a_measurement_of_a_day_to_a_week_ago(past: list[Measured]) -> None:
    assert growth(past, Measured(NOON, 6_000)) is None


def test_the_day_when_the_disk_is_full() -> None:
    assert full_at(10_000, 4_000, NOON) == NOON + 2.5 * DAY
    assert full_at(0, 1, NOON) == NOON


@pytest.mark.parametrize("a_day", [None, 0, -5, 1])
def test_a_disk_that_fills_up_in_no_foreseeable_time(a_day: int | None) -> None:
    assert full_at(10**15, a_day, NOON) is None


def test_one_measurement_in_six_hours_is_kept_for_a_week() -> None:
    kept: list[Measured] = []
    for hour in range(24 * 20 + 1):
        kept = noted(kept, Measured(NOON + timedelta(hours=hour), hour))
    assert [one.bytes % 6 for one in kept] == [0] * len(kept)
    assert len(kept) == 4 * 7 + 1


def test_measurements_of_a_clock_that_was_wrong_are_dropped() -> None:
    assert noted([measured(-400, 1), measured(0.1, 2)], Measured(NOON, 3)) == [measured(0.1, 2)]
    assert noted([measured(-400, 1)], Measured(NOON, 3)) == [Measured(NOON, 3)]


def test_sizes_of_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("one", "a/two"):
        (tmp_path / name).write_bytes(b"x" * 5_000)
    assert 5_000 <= size(tmp_path / "one") <= 100_000
    assert size(tmp_path) == 2 * size(tmp_path / "one")
    assert size(tmp_path / "none") == 0
