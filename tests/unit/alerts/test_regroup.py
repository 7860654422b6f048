from datetime import timedelta

from samples.alerts import NOW, definition, mention, restarted

from alerts import rules
from alerts.decision import apply
from alerts.definitions import Definition
from alerts.regroup import follow
from alerts.state import State
from stream.messages import Regrouping

MERGED = Regrouping(was="b", story="a")
HOUR = timedelta(hours=1)


def comes(wanted: Definition, state: State, number: int, story: str, source: str = "Herald") -> int:
    """How many messages an article makes."""
    decision = rules.consider(wanted, mention(number, story=story, source=source), state, NOW)
    apply(decision, state)
    return len(decision.firings)


def test_an_alert_that_reported_one_side_does_not_report_the_merged_story() -> None:
    wanted, state = definition(), State()
    assert comes(wanted, state, 1, "b") == 1
    apply(follow([MERGED], state), state)
    assert comes(wanted, state, 2, "a") == 0
    assert comes(wanted, restarted(state), 3, "a") == 0


def test_an_alert_that_reported_both_sides_reports_neither_again_and_knows_the_outlets_of_both() -> None:
    wanted, state = definition(updates="outlets >= 3, 4"), State()
    assert comes(wanted, state, 1, "a", "A") + comes(wanted, state, 2, "b", "B") == 2
    for _ in range(2):  # a repeat after a crash
        apply(follow([MERGED], state), state)
    assert state.fired["talks", "a"].seen.outlets == ("A", "B")
    assert comes(wanted, state, 3, "a", "B") == 0
    assert comes(wanted, state, 4, "a", "C") == 1


def test_what_was_reported_before_a_split_is_not_reported_again_for_either_part() -> None:
    wanted, state = definition(), State()
    assert comes(wanted, state, 1, "a") == 1
    apply(follow([Regrouping(was="a", story="c", articles=("x",))], state), state)
    assert comes(wanted, state, 2, "a") + comes(wanted, state, 3, "c") == 0
    assert comes(wanted, state, 4, "d") == 1


def test_articles_that_are_counted_count_for_their_new_story() -> None:
    wanted, state = definition(at_least=2, of="outlets", within="1h", same_story=True), State()
    assert comes(wanted, state, 1, "b", "B") == 0
    apply(follow([MERGED], state), state)
    assert comes(wanted, state, 2, "a", "A") == 1


def test_of_a_split_story_only_the_articles_named_move() -> None:
    wanted, state = definition(at_least=3, within="1h", same_story=True), State()
    for number in (1, 2):
        comes(wanted, state, number, "a")
    change = Regrouping(was="a", story="c", articles=(mention(2).article,))
    apply(follow([change], state), state)
    assert {one.mention.story for one in state.counted["talks"].values()} == {"a", "c"}


def test_several_changes_follow_one_another() -> None:
    wanted, state = definition(), State()
    comes(wanted, state, 1, "c")
    apply(follow([Regrouping(was="c", story="b"), MERGED], state), state)
    assert comes(wanted, state, 2, "a") == 0
