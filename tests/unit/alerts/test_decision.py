from samples.alerts import NOW, records

from alerts.decision import Decision, after, together
from alerts.state import Judged, Pace, State

ONE, OTHER = Judged(article="1", seen=NOW), Judged(article="2", seen=NOW)


def test_of_two_decisions_about_a_record_the_later_one_wins() -> None:
    put, dropped = Decision(put=(ONE, OTHER)), Decision(dropped=(ONE,))
    assert together([put, dropped]) == Decision(put=(OTHER,), dropped=(ONE,))
    assert together([dropped, put]) == Decision(put=(ONE, OTHER))
    first, second = Pace(alert="a"), Pace(alert="a", last=NOW)
    assert together([Decision(put=(first,)), Decision(put=(second,))]) == Decision(put=(second,))


def test_a_look_ahead_leaves_the_state_as_it_is() -> None:
    state = State([ONE])
    assert records(after(Decision(put=(OTHER,), dropped=(ONE,)), state)) == [OTHER]
    assert records(state) == [ONE]


def test_a_look_ahead_at_one_change_and_at_none() -> None:
    state = State([ONE])
    assert records(after(Decision(put=(OTHER,)), state)) == [ONE, OTHER]
    assert records(after(Decision(dropped=(ONE,)), state)) == []
    assert after(Decision(), state) is state, "a copy costs more than it is worth"
