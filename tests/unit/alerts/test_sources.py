from datetime import datetime, timedelta
from typing import Any

import pytest
from samples.alerts import NOW, dark_definition, restarted, source_state

from alerts import pacing, rules
from alerts.decision import Firing, apply
from alerts.definitions import Definition
from alerts.sources import SourceState, consider, consider_all
from alerts.state import State

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DARK = dark_definition()


def look(state: State, *found: SourceState, at: datetime = NOW, wanted: Definition = DARK) -> tuple[str, ...]:
    """The content of the message, by the headline of each part."""
    decision = consider(wanted, found, state, at)
    apply(decision, state)
    return tuple(mention.title for firing in decision.firings for mention in firing.mentions)


def well(name: str = "Radio", last: datetime = NOW) -> SourceState:
    return source_state(name, status="well", since=last, expected=0.0, reason="")


def failing(hours: float, name: str = "Radio", since: datetime = NOW) -> SourceState:
    return source_state(
        name, status="failing", since=since, until=since + hours * HOUR, reason="timeout, 9 times in a row"
    )


def test_a_source_that_goes_silent_is_reported_once_and_once_when_it_recovers() -> None:
    state = State()
    assert look(state, well(last=NOW - 9 * HOUR)) == ()
    assert look(state, source_state()) == ("Radio went silent",)
    assert look(state, source_state(until=NOW + HOUR), at=NOW + HOUR) == ()
    state = restarted(state)
    assert look(state, source_state(until=NOW + 2 * HOUR), at=NOW + 2 * HOUR) == ()
    assert look(state, well(last=NOW + 2 * HOUR), at=NOW + 3 * HOUR) == ("Radio is heard again",)
    state = restarted(state)
    assert look(state, well(last=NOW + 3 * HOUR), at=NOW + 4 * HOUR) == ()


def test_a_report_has_the_facts() -> None:
    state = State()
    decision = consider(DARK, [source_state()], state, NOW)
    apply(decision, state)
    (firing,) = decision.firings
    assert firing.reason == "1 source went silent"
    (told,) = firing.mentions
    assert firing.story == "http://radio.example/feed|silent|2026-03-14T04:00:00+00:00"
    assert (told.article, told.source, told.url) == ("", "Radio", "http://radio.example/feed")
    assert told.source_news is not None
    assert (told.source_news.since, told.source_news.expected, told.source_news.per_day) == (
        NOW - 8 * HOUR,
        13.2,
        40.0,
    )
    (again,) = consider(DARK, [well(last=NOW + HOUR)], state, NOW + HOUR).firings
    news = again.mentions[0].source_news
    assert news is not None
    assert news.reason == "it was silent since 2026-03-14 04:00 UTC"


def test_a_judgement_that_changes_without_a_new_item_is_not_news() -> None:
    state = State()
    look(state, source_state())
    assert look(state, well(last=NOW - 8 * HOUR)) == ()
    assert look(state, source_state()) == ()


def test_a_second_silence_is_reported_even_if_nobody_saw_the_first_end() -> None:
    state = State()
    look(state, source_state())
    assert look(state, source_state(since=NOW + DAY), at=NOW + 2 * DAY) == ("Radio went silent",)


@pytest.mark.parametrize(("hours", "told"), [(5.9, ()), (6.0, ("Radio fails",))])
def test_a_source_that_fails_is_reported_after_a_while(hours: float, told: tuple[str, ...]) -> None:
    assert look(State(), failing(hours), at=NOW + 90 * HOUR) == told


def test_a_failing_source_recovers_when_it_answers() -> None:
    state = State()
    assert look(state, failing(7)) == ("Radio fails",)
    assert look(state, failing(9)) == ()
    assert look(state, well(last=NOW - DAY)) == ("Radio is heard again",)


def test_a_silent_source_that_fails_briefly_has_not_recovered() -> None:
    state = State()
    look(state, source_state())
    assert look(state, failing(1)) == ()
    assert look(state, source_state()) == ()
    assert look(state, failing(8)) == ("Radio fails",)
    assert look(state, source_state()) == (), "it answers, and still has nothing new"
    assert look(state, well(last=NOW + HOUR), at=NOW + HOUR) == ("Radio is heard again",)


def test_a_source_that_is_gone_is_reported_at_once() -> None:
    assert look(State(), source_state(status="gone", since=NOW, until=NOW)) == ("Radio is gone",)


def test_all_news_is_in_one_message() -> None:
    state = State()
    look(state, source_state("A"))
    found = [well("A", NOW + HOUR), failing(7, "B"), failing(8, "C")]
    (firing,) = consider(DARK, found, state, NOW + 9 * HOUR).firings
    assert firing.reason == "1 source heard again, 2 sources failed for 6 hours"
    assert len(firing.mentions) == 3


def test_two_feeds_of_an_outlet_are_two_sources() -> None:
    state = State()
    assert look(state, source_state(), source_state(url="http://radio.example/sport")) == (
        "Radio went silent",
        "Radio went silent",
    )
    assert look(state, well(last=NOW + HOUR)) == ("Radio is heard again",)


def test_only_the_chosen_sources() -> None:
    wanted = dark_definition(sources=["RADIO"])
    assert look(State(), source_state("Herald"), source_state("Radio"), wanted=wanted) == (
        "Radio went silent",
    )


def test_one_alert_knows_nothing_of_another() -> None:
    state = State()
    look(state, source_state())
    assert look(state, source_state(), wanted=dark_definition("other")) == ("Radio went silent",)


def ask(wanted: Definition, state: State, found: SourceState, at: datetime) -> list[Firing]:
    return list(consider_all({wanted.name: wanted}, [found], state, at).firings)


def test_a_muted_alert_later_reports_what_is_still_true() -> None:
    wanted, state = dark_definition(muted_until=NOW + HOUR), State()
    assert ask(wanted, state, source_state(), NOW) == []
    assert len(ask(wanted, state, source_state(), NOW + HOUR)) == 1


@pytest.mark.parametrize(
    ("keys", "hours"),
    [({"quiet": "11:00-14:00"}, 2), ({"digest": "daily", "digest_at": "08:00"}, 20), ({"throttle": "3h"}, 3)],
)
def test_quiet_hours_digest_and_throttle_hold_it_back(keys: dict[str, Any], hours: int) -> None:
    wanted, state = dark_definition(**keys), State()
    if "throttle" in keys:
        assert look(state, source_state("First"), wanted=wanted)
    assert look(state, source_state("A"), source_state("B"), wanted=wanted) == ()
    state = restarted(state)
    alerts, due = {wanted.name: wanted}, NOW + hours * HOUR
    assert pacing.release(alerts, state, due - timedelta(minutes=1)).firings == ()
    decision = pacing.release(alerts, state, due)
    apply(decision, state)
    (told,) = decision.firings
    assert [one.source for one in told.mentions] == ["A", "B"]
    assert told.reason.endswith(", 2 changes")
    assert look(state, source_state("A"), source_state("B"), wanted=wanted) == ()


def test_a_source_that_is_dark_for_months_is_reported_once() -> None:
    state, alerts = State(), {DARK.name: DARK}
    look(state, source_state())
    for day in range(1, 100):
        apply(rules.forget(alerts, state, NOW + day * DAY), state)
        assert look(state, source_state(), at=NOW + day * DAY) == ()
    assert look(state, well(last=NOW + 100 * DAY), at=NOW + 100 * DAY) == ("Radio is heard again",)
    apply(rules.forget(alerts, state, NOW + 140 * DAY), state)
    assert state.fired == {}
