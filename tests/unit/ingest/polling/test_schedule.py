import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.polling.rhythm import DAY, HOUR, Rhythm
from ingest.polling.schedule import (
    NO_WISHES,
    Plan,
    Policy,
    Wishes,
    after_failure,
    after_success,
    at_pace,
    family_of,
    is_network,
    spread,
    until_items,
)

NOON = 20_000 * DAY + 12 * HOUR
POLICY = Policy(pace=1200, shortest=60, quiet=3 * HOUR, longest=DAY, jitter=lambda _url, _poll: 0.0)


def steady(items_an_hour: float) -> Rhythm:
    """A feed that has been watched for long, with news evenly at all hours."""
    return Rhythm(NOON, items_an_hour * 1e6, 1e6, (1e4,) * 24, (1e4,) * 7)


def plan(rhythm: Rhythm, window: int = 1000, wishes: Wishes = NO_WISHES, jitter: float = 0.0) -> Plan:
    return after_success(POLICY, rhythm, window, wishes, NOON, jitter)


def test_the_interval_goes_with_the_inverse_root_of_the_rate() -> None:
    for rate in (0.1, 1, 4, 9):
        found = plan(steady(rate))
        assert (round(found.seconds, 1), found.why) == (round(1200 / math.sqrt(rate), 1), "pace")


def test_bounds() -> None:
    assert plan(steady(10_000)) == Plan(60, "shortest")
    assert plan(steady(0.0001)) == Plan(3 * HOUR, "quiet")


def test_no_item_scrolls_off_unseen() -> None:
    found = plan(steady(4), window=1)
    assert (round(found.seconds), found.why) == (225, "window")
    assert plan(steady(4), window=0).why == "pace"


def test_hours_with_news_are_polled_more_often() -> None:
    by_hour = [0.0] * 24
    by_hour[14] = 100.0
    rhythm = Rhythm(NOON, 240, 240, tuple(by_hour))
    quiet, busy = (after_success(POLICY, rhythm, 1000, NO_WISHES, NOON + h * HOUR, 0.0) for h in (8, 2))
    assert quiet.seconds > 5 * busy.seconds
    before = after_success(POLICY, rhythm, 1000, NO_WISHES, NOON, 0.0)
    assert 0.8 * HOUR < before.seconds < 1.6 * HOUR, "it must not sleep into the busy hour"


@pytest.mark.parametrize(
    ("wishes", "seconds", "why"),
    [
        (Wishes(600, "max-age"), 1200, "pace"),
        (Wishes(1800, "max-age"), 1800, "max-age"),
        (Wishes(1e9, "ttl"), 3600, "ttl"),
        (Wishes(1800), 1200, "pace"),  # nobody requested it
        (Wishes(skip_hours=(12, 13)), 2 * HOUR, "skip"),
        (Wishes(skip_hours=(3,)), 1200, "pace"),
        (Wishes(skip_days=tuple(range(7))), DAY + 1200 - 1200, "skip"),
    ],
)
def test_wishes_are_granted_within_bounds(wishes: Wishes, seconds: float, why: str) -> None:
    found = plan(steady(1), wishes=wishes)
    assert found.why == why
    assert abs(found.seconds - seconds) <= (HOUR if seconds == DAY else 1)


def test_a_feed_that_skips_every_day_is_polled_a_day_later() -> None:
    always = Wishes(HOUR, "max-age", skip_days=tuple(range(7)))
    assert plan(steady(1), wishes=always) == Plan(25 * HOUR, "skip")


def test_a_feed_has_no_wishes_unless_it_says_so() -> None:
    assert Wishes() == NO_WISHES == Wishes(0.0, "", (), ())


def test_a_wish_does_not_make_us_lose_items() -> None:
    assert plan(steady(60), window=20, wishes=Wishes(3600, "max-age")) == Plan(
        pytest.approx(300, rel=1e-3), "window"
    )


def test_jitter_breaks_no_bound() -> None:
    for jitter in (-0.05, 0.05):
        assert plan(steady(1), wishes=Wishes(1800, "max-age"), jitter=jitter).seconds >= 1800
        assert plan(steady(10_000), jitter=jitter).seconds >= 60
        assert plan(steady(4), window=1, jitter=jitter).seconds <= 225.01
    assert plan(steady(1), jitter=0.05).seconds == pytest.approx(1260, rel=1e-3)


def test_a_fixed_interval_is_fixed() -> None:
    fixed = Policy(every=2.0)
    wishes = Wishes(1800, "max-age", skip_hours=tuple(range(24)))
    assert after_success(fixed, steady(1000), 5, wishes, NOON, 0.0) == Plan(2.0, "fixed")
    assert after_success(fixed, steady(1000), 5, wishes, NOON, 0.25) == Plan(2.5, "fixed")


@given(
    st.floats(0, 1e5),
    st.floats(0, 1e5),
    st.lists(st.floats(0, 1e6), min_size=24, max_size=24),
    st.integers(0, 1000),
    st.floats(0, 1e10),
    st.floats(-0.05, 0.05),
)
def test_whatever_is_learned_the_interval_is_bounded(
    items: float, hours: float, by_hour: list[float], window: int, wish: float, jitter: float
) -> None:
    rhythm = Rhythm(NOON, items, hours, tuple(by_hour))
    found = after_success(POLICY, rhythm, window, Wishes(wish, "ttl"), NOON, jitter)
    assert 60 <= found.seconds <= 3 * HOUR * 1.05


def failed(
    kind: str, failures: int = 1, after: float | None = None, usual: float = 1000, *, offline: bool = False
) -> Plan:
    return after_failure(POLICY, kind, failures, after, usual, 0.0, offline=offline)


@pytest.mark.parametrize(
    ("kind", "waits"),
    [
        ("timeout", [300, 600, 1200]),
        ("http-502", [300, 600, 1200]),
        ("dns", [1000, 2000, 4000]),
        ("http-429", [1800, 3600, 7200]),
        ("http-404", [3600, 7200, 14400]),
        ("feed-is-html", [1800, 3600, 7200]),
    ],
)
def test_each_kind_of_failure_has_its_wait(kind: str, waits: list[float]) -> None:
    assert [failed(kind, n).seconds for n in (1, 2, 3)] == waits
    assert failed(kind, 10_000) == Plan(DAY, "longest")


def test_a_feed_that_is_polled_more_often_is_retried_sooner() -> None:
    assert failed("timeout", usual=100).seconds == 100


def test_retry_after() -> None:
    assert failed("http-429", after=7200) == Plan(7200, "retry-after")
    assert failed("http-429", after=10) == Plan(1800, "back-off")
    assert failed("http-429", after=1e12) == Plan(DAY, "retry-after")


def test_retry_after_is_bounded_by_a_week_too() -> None:
    patient = Policy(longest=30 * DAY, jitter=lambda _url, _poll: 0.0)
    assert after_failure(patient, "http-503", 1, 1e12, 1000, 0.0, offline=False) == Plan(
        7 * DAY, "retry-after"
    )


def test_of_tied_rules_the_first_is_reported() -> None:
    assert failed("http-429", after=1800) == Plan(1800, "back-off")
    assert failed("feed-is-html", usual=DAY) == Plan(DAY, "back-off")
    found = plan(steady(1))
    just = Policy(pace=1200, shortest=found.seconds)
    assert after_success(just, steady(1), 1000, NO_WISHES, NOON, 0.0) == found
    assert plan(steady(1), wishes=Wishes(found.seconds, "max-age")) == found


def test_a_failure_is_not_tried_again_sooner_than_the_shortest_interval() -> None:
    assert failed("timeout", usual=10) == Plan(60, "back-off")
    fixed = Policy(every=2.0, shortest=60)
    assert after_failure(fixed, "timeout", 1, None, 2.0, 0.0, offline=False) == Plan(2.0, "back-off")


@pytest.mark.parametrize("jitter", [-0.05, 0.05])
def test_a_failed_feed_is_retried_with_jitter_but_not_before_retry_after(jitter: float) -> None:
    def waits(after: float | None) -> float:
        return after_failure(POLICY, "timeout", 1, after, 1000, jitter, offline=False).seconds

    assert waits(None) == pytest.approx(300 * (1 + jitter))
    assert waits(7200) == pytest.approx(7200 * 1.05)


def test_a_host_unknown_to_dns_is_left_alone_for_a_quarter_of_an_hour() -> None:
    assert failed("dns", usual=100) == Plan(900, "back-off")


def test_while_we_are_offline_all_feeds_are_retried_soon() -> None:
    assert failed("connect", 50, offline=True) == Plan(300, "offline")


def test_families() -> None:
    kinds = ("tls", "dns", "http-503", "http-403", "blocked-address", "too-large", "bug", "http-304")
    assert [family_of(kind) for kind in kinds] == [
        *("passing", "nameless", "busy", "refused", "refused", "broken", "broken", "refused")
    ]


@pytest.mark.parametrize("kind", ["timeout", "connect", "dns"])
def test_what_may_be_our_own_connection(kind: str) -> None:
    assert is_network(kind)


@pytest.mark.parametrize("kind", ["http-503", "tls", "too-large"])
def test_failures_that_are_surely_the_servers(kind: str) -> None:
    assert not is_network(kind)


def test_the_pace_goes_through_hours_with_different_rates() -> None:
    assert at_pace(POLICY, [(0.25, 1.0), (1.0, 4.0)]) == Plan(pytest.approx(900 + 150), "pace")
    assert at_pace(POLICY, [(0.1, 1.0), (0.1, 1.0), (0.1, 1.0)]) == Plan(3 * HOUR, "quiet")
    assert at_pace(POLICY, [(1 / 3, 1.0)]) == Plan(1200, "pace"), "at the very end"


def test_items_are_awaited_through_hours_with_different_rates() -> None:
    assert until_items(3, [(1.0, 2.0), (2.0, 0.5), (1.0, 4.0)]) == pytest.approx(3 * HOUR)
    assert until_items(3.5, [(1.0, 2.0), (2.0, 0.5), (1.0, 4.0)]) == pytest.approx(3 * HOUR + 450)
    assert until_items(3, [(1.0, 2.0), (1.0, 0.5)]) == math.inf
    assert until_items(2, [(1.0, 2.0)]) == HOUR, "at the very end"
    assert until_items(1.5, [(0.5, 2.0)]) == math.inf


def test_polls_are_spread_by_five_per_cent_by_the_url_and_the_poll() -> None:
    found = [spread(f"https://{n}.example/", poll) for n in range(50) for poll in range(20)]
    assert -0.05 <= min(found) < -0.045
    assert 0.045 < max(found) <= 0.05
    assert abs(sum(found) / len(found)) < 0.005
    assert len(set(found)) == len(found)
    assert spread("https://a.example/") == spread("https://a.example/", 0)


def test_the_intervals_that_are_promised() -> None:
    asked = Policy()
    assert after_success(asked, steady(1), 1000, NO_WISHES, NOON, 0.0).seconds == pytest.approx(
        1320, rel=1e-3
    )
    assert after_success(asked, steady(1e6), 1000, NO_WISHES, NOON, 0.0) == Plan(60, "shortest")
    assert after_success(asked, steady(1e-6), 1000, NO_WISHES, NOON, 0.0) == Plan(3 * HOUR, "quiet")
