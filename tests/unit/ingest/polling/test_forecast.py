from datetime import UTC, datetime, timedelta
from typing import get_args

from ingest.polling.decide import Failed, Gone, Same, Validators, next_state
from ingest.polling.feed_state import FeedState
from ingest.polling.forecast import _WHY, forecast
from ingest.polling.rhythm import begin
from ingest.polling.schedule import Policy, Why

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Policy(jitter=lambda _url, _poll: 0.0)
HOURLY = begin([NOW.timestamp() - 3600 * n for n in range(200)], NOW.timestamp())
KNOWN = FeedState(url="https://a.example/", rhythm=HOURLY.pack(), window=8, last_read=NOW, etag='"1"')


def test_each_rule_is_explained() -> None:
    assert set(_WHY) == set(get_args(Why))


def test_a_healthy_feed() -> None:
    state = next_state(KNOWN, Same(Validators(etag='"1"', fresh=60)), NOW, POLICY)
    found = forecast(state, NOW, POLICY)
    assert (found.why, found.next_due, found.conditional) == ("pace", state.next_due, True)
    assert found.because.startswith("its normal pace")
    assert 20 < found.per_day < 28
    assert 1000 < found.pace_seconds < 1500
    assert found.window_seconds is not None
    assert 4500 < found.window_seconds < 8000
    assert found.wish_seconds == 60


def test_what_decided_otherwise() -> None:
    failed = next_state(KNOWN, Failed("http-429", "busy", 7200.0), NOW, POLICY)
    assert forecast(failed, NOW, POLICY).because.startswith("its server asked us to wait")
    gone = forecast(next_state(KNOWN, Gone("removed"), NOW, POLICY), NOW + timedelta(days=9), POLICY)
    assert (gone.next_due, gone.because) == (None, "it was removed permanently, and is no longer polled")
    new = forecast(FeedState(url="https://a.example/"), NOW, POLICY)
    assert (new.because, new.window_seconds, new.busiest_hours) == ("it was never polled", None, ())
