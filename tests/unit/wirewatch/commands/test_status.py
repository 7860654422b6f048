from stream.log.settings import Log
from wirewatch.commands.status import StageStatus, lagging

KEPT = Log(backlog=100, keep_days=3, keep_bytes=1_000)


def test_only_a_stage_that_nobody_waits_for_is_said_to_lag() -> None:
    stages = [StageStatus("index", 5, 100), StageStatus("alert", 5, 99)]
    assert list(lagging(stages, KEPT)) == []


def test_a_stage_that_lags_is_told_with_what_the_log_keeps_for_it() -> None:
    (said,) = lagging([StageStatus("alert", 5, 100)], KEPT)
    assert said == (
        "alert is behind. The archive does not wait for it; the log keeps what it has to read for 3 days or 1,000 bytes."
    )


def test_what_was_deleted_unread_is_counted() -> None:
    (said,) = lagging([StageStatus("alert", 5, 0, missed=1)], KEPT)
    assert said == "alert has missed 1 message: the log deleted it unread, after 3 days or 1,000 bytes."
