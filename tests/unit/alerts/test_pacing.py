"""What the tests of the rules don't reach: the records beside the messages."""

from datetime import timedelta

import pytest
from samples.alerts import NOW, definition, mention

from alerts import pacing
from alerts.decision import Decision, apply
from alerts.state import Held, Pace, State

MINUTE = timedelta(minutes=1)


def speaking(state: State, *numbers: int, story: str = "s", **keys: str) -> Decision:
    mentions = [mention(number, story=story) for number in numbers]
    return pacing.speak(definition(**keys), mentions, "why", state, NOW)


def test_further_articles_of_a_story_are_counted_in_its_record() -> None:
    state = State()
    apply(speaking(state, 1, 2, 3), state)
    told = state.fired["talks", "s"]
    assert (told.mention.article[-1], told.also, told.message) == ("1", 2, "s")
    apply(speaking(state, 4, 5), state)
    told = state.fired["talks", "s"]
    assert (told.mention.article[-1], told.also) == ("1", 4)


def test_what_is_not_due_changes_nothing() -> None:
    wanted, state = definition(digest="hourly"), State()
    apply(pacing.speak(wanted, [mention()], "why", state, NOW), state)
    assert pacing.release({"talks": wanted}, state, NOW + MINUTE) == Decision()


def test_an_alert_that_was_made_faster_is_due_sooner() -> None:
    slow, fast, state = definition(digest="daily"), definition(digest="hourly"), State()
    apply(pacing.speak(slow, [mention()], "why", state, NOW), state)
    decision = pacing.release({"talks": fast}, state, NOW + MINUTE)
    assert decision == Decision(put=(Pace(alert="talks", due=NOW + 60 * MINUTE),))


def test_what_is_held_without_a_time_is_sent_at_once() -> None:
    state = State([Held(alert="talks", mention=mention(), at=NOW)])
    assert len(pacing.release({"talks": definition(digest="daily")}, state, NOW).firings) == 1


@pytest.mark.parametrize(
    ("first_in_story", "numbers", "reason"),
    [
        (True, [1], "the hourly digest, 1 story"),
        (True, [1, 2], "the hourly digest, 2 stories"),
        (False, [1], "the hourly digest, 1 article"),
        (False, [1, 2], "the hourly digest, 2 articles"),
    ],
)
def test_a_digest_says_how_much_it_covers(*, first_in_story: bool, numbers: list[int], reason: str) -> None:
    wanted, state = definition(digest="hourly", first_in_story=first_in_story), State()
    for number in numbers:
        apply(pacing.speak(wanted, [mention(number)], "why", state, NOW), state)
    (told,) = pacing.release({"talks": wanted}, state, NOW + 60 * MINUTE).firings
    assert told.reason == reason
