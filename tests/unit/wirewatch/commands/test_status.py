from datetime import UTC, datetime, timedelta

import pytest

from results.status import Process, StageDoing, StageStatus, Status, Storage
from stream.log.settings import Log
from wirewatch.commands.screen import Screen
from wirewatch.commands.status import forecast, lagging, nobodys, show_processes

KEPT = Log(backlog=100, keep_days=3, keep_bytes=1_000)


def test_only_a_stage_that_nobody_waits_for_is_said_to_lag() -> None:
    stages = [StageStatus("index", 5, 100), StageStatus("alert", 5, 99)]
    assert list(lagging(stages, KEPT)) == []


def test_a_stage_that_lags_is_named_with_what_the_log_keeps_for_it() -> None:
    (said,) = lagging([StageStatus("alert", 5, 100)], KEPT)
    assert said == (
        "alert is behind. The archive does not wait for it; the log keeps what it has to read for 3 days or 1,000 bytes."
    )


def test_what_was_deleted_unread_is_counted() -> None:
    (said,) = lagging([StageStatus("alert", 5, 0, missed=1)], KEPT)
    assert said == "alert has missed 1 message: the log deleted it unread, after 3 days or 1,000 bytes."


def storage(growth: int | None, full: datetime | None) -> Storage:
    return Storage(1_000, 2_000, 3_000, 10_000_000, 0, growth, full)


def test_the_forecast_of_the_disk() -> None:
    day = datetime(2027, 4, 5, 12, tzinfo=UTC)
    assert (
        forecast(storage(46_900, day))
        == "It grows by 46.9 kB a day: the disk will be full around 2027-04-05."
    )
    assert forecast(storage(46_900, None)) == "It grows by 46.9 kB a day."
    assert forecast(storage(-5, None)) == "It has not grown over the last days."
    assert forecast(storage(None, None)) == "How fast that grows can be told once it was measured for a day."


def test_a_disk_that_is_full_within_a_month_is_a_warning() -> None:
    day = datetime(2027, 4, 5, 12, tzinfo=UTC)
    assert storage(1, day).is_short(day - timedelta(days=29))
    assert not storage(1, day).is_short(day - timedelta(days=31))
    assert not storage(1, None).is_short(day)


def test_a_stage_that_no_process_runs_is_named_while_messages_wait_for_it() -> None:
    now = datetime(2027, 4, 5, 12, tzinfo=UTC)
    fetcher = Process("here", 7, now, now, (StageDoing("fetch", "idle"),))
    stages = [StageStatus("fetch", 5, 9), StageStatus("index", 5, 3), StageStatus("reread", 0, 1)]
    assert list(nobodys(status_of(stages, [fetcher]))) == [
        "3 messages wait for index, which no process runs; start it with: wirewatch index",
        "1 message waits for reread, which no process runs; start it with: wirewatch enrich",
    ]
    assert list(nobodys(status_of(stages, []))) == [], "that nothing runs is said elsewhere"


def status_of(stages: list[StageStatus], processes: list[Process]) -> Status:
    return Status(0, 0, {}, 0, {}, {}, stages, [], [], processes)


def test_every_process_tells_what_its_stages_do_and_why_they_rest(capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime(2027, 4, 5, 12, tzinfo=UTC)
    doing = (
        StageDoing("poll", "working"),
        StageDoing("fetch", "resting", "extract is behind, with 1,200 messages waiting"),
        StageDoing("extract", "working"),
        StageDoing("index", "idle", "nothing is waiting for it"),
    )
    show_processes(Screen(), [Process("here", 7, now, now, doing)])
    first, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("Process 7 on here, running since ")
    assert [line.strip() for line in others] == [
        "working: poll, extract",
        "idle: index",
        "fetch is resting: extract is behind, with 1,200 messages waiting",
    ]
