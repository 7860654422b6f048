from datetime import timedelta

import msgspec
import pytest
from samples.alerts import NOW, definition, mention

from alerts import pacing, rules
from alerts.decision import Firing, apply
from alerts.definitions import Definition
from alerts.message import Mention
from alerts.state import State
from alerts.update_terms import Updates, parse_updates, shown

HOUR = timedelta(hours=1)


class Desk:
    """An alert and its messages."""

    def __init__(self, wanted: Definition) -> None:
        self.wanted, self.state, self.number = wanted, State(), 0

    def comes(self, outlet: str, *, after: timedelta = HOUR, **fields: object) -> list[Firing]:
        self.number += 1
        one: Mention = msgspec.structs.replace(mention(self.number, story="s", source=outlet), **fields)
        decision = rules.consider(self.wanted, one, self.state, NOW + after)
        apply(decision, self.state)
        return list(decision.firings)


def test_without_updates_a_story_is_reported_once() -> None:
    desk = Desk(definition())
    assert len(desk.comes("A")) == 1
    assert not any(desk.comes(outlet) for outlet in "BCDEFG")


def test_an_update_says_that_more_outlets_have_it_and_which_are_new() -> None:
    desk = Desk(definition(updates="outlets >= 3, 5"))
    assert [len(desk.comes(outlet)) for outlet in ("A", "B", "B")] == [1, 0, 0]
    (third,) = desk.comes("C")
    assert third.reason == (
        "update 1: 3 outlets have it (3 articles since the last message, new outlets: B, C)"
    )
    assert [len(desk.comes(outlet)) for outlet in ("C", "D", "E", "F")] == [0, 0, 1, 0]


def test_each_update_is_a_message_of_its_own() -> None:
    desk = Desk(definition(updates="outlets >= 2, 3"))
    stories = [firing.story for outlet in "ABC" for firing in desk.comes(outlet)]
    assert stories == ["s", "s|1", "s|2"]


def test_the_first_article_in_another_language_is_reported() -> None:
    desk = Desk(definition(updates="new-language"))
    desk.comes("A", language="en")
    assert not desk.comes("B", language="en")
    (french,) = desk.comes("C", language="fr")
    assert "the first in another language (fr)" in french.reason
    assert not desk.comes("D", language="fr")


def test_own_reports_are_reported_and_copies_are_not() -> None:
    desk = Desk(definition(updates="own-reports"))
    desk.comes("A", is_own=True)
    assert not desk.comes("B", is_own=False)
    assert "C has a report of its own" in desk.comes("C", is_own=True)[0].reason


def test_a_daily_update_waits_for_a_day_and_for_news() -> None:
    desk = Desk(definition(updates="daily"))
    desk.comes("A")
    assert not desk.comes("B", after=20 * HOUR)
    (daily,) = desk.comes("C", after=26 * HOUR)
    assert "2 articles since the last message" in daily.reason
    assert not desk.comes("D", after=27 * HOUR)


def test_updates_wait_for_the_digest_like_everything_else() -> None:
    wanted = definition(updates="outlets >= 2", digest="hourly")
    desk = Desk(wanted)
    assert not desk.comes("A")
    assert not desk.comes("B")
    told = pacing.release({wanted.name: wanted}, desk.state, NOW + 3 * HOUR)
    assert [one.update for one in told.firings[0].mentions] == [0, 1]


def test_the_state_of_a_story_survives_a_restart() -> None:
    desk = Desk(definition(updates="outlets >= 3"))
    desk.comes("A")
    desk.comes("B")
    desk.state = State(desk.state.fired.values())
    assert desk.comes("C")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("outlets >= 20, 5; daily", Updates(outlets=(5, 20), daily=True)),
        ("new-language;own-reports", Updates(new_language=True, own_reports=True)),
        ("", Updates()),
    ],
)
def test_updates_are_shown_as_written(text: str, found: Updates) -> None:
    assert parse_updates(text) == found
    assert parse_updates(shown(found)) == found


@pytest.mark.parametrize("text", ["weekly", "outlets > 5", "outlets >= 1", "outlets >="])
def test_what_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        parse_updates(text)


def test_outlets_are_those_of_one_story_unless_the_alert_says_otherwise() -> None:
    assert definition(at_least=3, of="outlets").same_story
    assert not definition(at_least=3, of="outlets", same_story=False).same_story
    assert not definition(at_least=3).same_story


def test_a_daily_update_comes_though_no_article_does() -> None:
    desk = Desk(definition(updates="daily"))
    desk.comes("A")
    desk.comes("B", after=5 * HOUR)
    alerts = {desk.wanted.name: desk.wanted}
    assert not rules.remind(alerts, desk.state, NOW + 24 * HOUR).firings
    decision = rules.remind(alerts, desk.state, NOW + 25 * HOUR)
    (told,) = decision.firings
    assert told.reason == "update 1: a day has passed (1 article since the last message, new outlets: B)"
    apply(decision, desk.state)
    assert not rules.remind(alerts, desk.state, NOW + 50 * HOUR).firings, "nothing has come since"


def test_no_daily_update_comes_unasked_or_while_the_alert_is_muted() -> None:
    for wanted in (definition(), definition(updates="daily", muted=True)):
        desk = Desk(msgspec.structs.replace(wanted, muted=False))
        desk.comes("A")
        desk.comes("B", after=5 * HOUR)
        assert not rules.remind({wanted.name: wanted}, desk.state, NOW + 48 * HOUR).firings
