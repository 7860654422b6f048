from datetime import UTC, datetime, timedelta

from ingest.polling.agenda import Agenda
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)


def feed(name: str) -> Feed:
    return Feed(url=f"https://{name}.example/")


def state(name: str, minutes: float | None = None, *, gone: bool = False) -> FeedState:
    due = None if minutes is None else NOW + timedelta(minutes=minutes)
    return FeedState(url=f"https://{name}.example/", next_due=due, gone=gone)


def names(feeds: list[Feed]) -> str:
    return "".join(one.url[8] for one in feeds)


def test_feeds_come_when_they_are_due_and_once() -> None:
    agenda = Agenda()
    states = {one.url: one for one in (state("a", 5), state("b", -1), state("c", -9), state("d", gone=True))}
    agenda.follow([feed(name) for name in "abcde"], states)
    assert names(agenda.due(NOW)) == "ecb"
    assert names(agenda.due(NOW + timedelta(minutes=5))) == "a"
    assert agenda.due(NOW + timedelta(days=9)) == []


def test_what_is_put_back_comes_again() -> None:
    agenda = Agenda()
    agenda.follow([feed("a")], {})
    (one,) = agenda.due(NOW)
    agenda.put_back(one, state("a", 3))
    assert agenda.due(NOW + timedelta(minutes=2)) == []
    assert names(agenda.due(NOW + timedelta(minutes=3))) == "a"
    agenda.put_back(one, state("a", gone=True))
    assert agenda.due(NOW + timedelta(days=2)) == []


def test_another_list_takes_over_but_hands_nothing_out_twice() -> None:
    agenda = Agenda()
    agenda.follow([feed("a"), feed("b")], {})
    out = agenda.due(NOW)
    agenda.follow([feed("a"), feed("c")], {})
    assert names(agenda.due(NOW)) == "c"
    assert names(agenda.listed(out)) == "a"
    agenda.put_back(feed("a"), state("a", 1))
    agenda.put_back(feed("b"), state("b", 1))
    assert names(agenda.due(NOW + timedelta(minutes=1))) == "a"


def test_a_feed_that_left_while_it_waited_can_come_back() -> None:
    agenda = Agenda()
    agenda.follow([feed("a")], {})
    out = agenda.due(NOW)
    agenda.follow([feed("b")], {})
    assert agenda.listed(out) == []
    agenda.follow([feed("a")], {})
    assert names(agenda.due(NOW)) == "a"
