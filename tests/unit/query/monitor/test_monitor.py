import threading
from collections.abc import Sequence
from concurrent.futures import wait
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from structlog.testing import capture_logs
from waiting import PATIENCE

from query.match import Prepared, matches, prepare
from query.monitor import monitor as monitor_module
from query.monitor.monitor import Monitor
from query.parse import parse
from query.tree import And, Field, Near, Node, Not, Or, Phrase, Prefix, Range, Term, Wildcard
from stream.errors import ConfigError

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # no test asserts a time
WORDS = ("a", "b", "ab", "abc", "cab", "bc", "longerthansixteencharacters", "longerthansixteenletters")
FIELDS: tuple[Field | None, ...] = (None, None, None, "title", "text", "author", "source", "entity")
SPRING, SUMMER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


def word_leaves() -> st.SearchStrategy[Node]:
    field, word = st.sampled_from(FIELDS), st.sampled_from(WORDS)
    some = st.lists(word, min_size=2, max_size=3).map(tuple)
    affix = st.sampled_from(
        ("", "a", "ab", "c", "longerthansixteen", "longerthansixteenc", "longerthansixteenx")
    )
    pattern = st.sampled_from(
        (
            "a*c",
            "?b",
            "*b",
            "a?c",
            "*",
            "*sixteen*",
            "longerthan*characters",
            "a*",
            "??",
            "ab*",
            "ab?",
            "ab*c",
        )
    )
    return st.one_of(
        st.builds(Term, field, word),
        st.builds(Prefix, field, affix),
        st.builds(Phrase, field, some),
        st.builds(Near, field, some, st.integers(1, 2)),
        st.builds(Wildcard, field, pattern),
    )


def trees() -> st.SearchStrategy[Node]:
    moment = st.sampled_from((None, SPRING, SUMMER))
    leaves = word_leaves() | st.builds(Range, st.just("published"), moment, moment)
    return st.recursive(leaves, groups, max_leaves=14)


def groups(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=4).map(tuple)
    return st.builds(And, several) | st.builds(Or, several) | st.builds(Not, parts)


def texts() -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)


def articles() -> st.SearchStrategy[Prepared]:
    values = st.lists(texts(), max_size=2)
    return st.builds(
        prepare,
        texts(),
        texts(),
        st.fixed_dictionaries({"author": values, "source": values, "entity": values}),
        st.lists(st.sampled_from((SPRING, SUMMER)), max_size=2),
    )


def held(queries: Sequence[Node]) -> Monitor:
    monitor = Monitor()
    for number, tree in enumerate(queries):
        monitor.add(str(number), tree)
    return monitor


@settings(UNHURRIED, max_examples=150)
@given(st.lists(trees(), min_size=1, max_size=12), st.lists(articles(), min_size=1, max_size=3))
def test_it_agrees_with_matching_each_query(queries: list[Node], some: list[Prepared]) -> None:
    monitor = held(queries)
    for article in some:
        expected = {str(number) for number, tree in enumerate(queries) if matches(tree, article)}
        assert monitor.match(article) == expected


class Changing(RuleBasedStateMachine):
    """Queries come, go and are merged into the compiled ones in any order, while articles are matched."""

    def __init__(self) -> None:
        super().__init__()
        self.monitor = Monitor()
        self.model: dict[str, Node] = {}
        self.numbers = count()

    @rule(some=st.lists(trees(), min_size=1, max_size=4))
    def add(self, some: list[Node]) -> None:
        for tree in some:
            name = f"query {next(self.numbers)}"
            self.monitor.add(name, tree)
            self.model[name] = tree

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def remove(self, data: Any) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        self.monitor.remove(name)
        del self.model[name]

    @precondition(lambda self: self.model)
    @rule(data=st.data(), tree=trees())
    def replace(self, data: Any, tree: Node) -> None:
        name = data.draw(st.sampled_from(sorted(self.model)))
        self.monitor.add(name, tree)
        self.model[name] = tree

    @rule(article=articles())
    def match(self, article: Prepared) -> None:
        expected = {name for name, tree in self.model.items() if matches(tree, article)}
        assert self.monitor.match(article) == expected

    @rule()
    def settle(self) -> None:
        self.monitor.settle()

    @invariant()
    def holds_what_was_added(self) -> None:
        assert len(self.monitor) == len(self.model)


def test_changes_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_module, "_FEWEST_COMPILED", 3)
    monkeypatch.setattr(monitor_module, "_FIRST_LEARNED", 2)
    Changing.TestCase.settings = settings(UNHURRIED, max_examples=50, stateful_step_count=25)
    Changing.TestCase("runTest").runTest()


def test_a_query_added_under_the_same_name_replaces_the_first() -> None:
    monitor = held([parse("syria")])
    monitor.add("0", parse("ukraine"))
    assert "0" in monitor
    assert len(monitor) == 1
    assert monitor.match(prepare("Syria", "", {})) == set()
    assert monitor.match(prepare("Ukraine", "", {})) == {"0"}


def test_a_query_that_was_removed_matches_nothing_and_can_be_added_again() -> None:
    monitor = held([parse("syria")])
    monitor.remove("0")
    assert "0" not in monitor
    assert monitor.match(prepare("Syria", "", {})) == set()
    with pytest.raises(KeyError):
        monitor.remove("0")
    monitor.add("0", parse("syria"))
    assert monitor.match(prepare("Syria", "", {})) == {"0"}


def test_queries_without_a_required_word_are_counted_and_bounded() -> None:
    monitor = Monitor(max_unkeyed=2)
    monitor.add("not", parse("NOT syria"))
    monitor.add("or not", parse("syria OR NOT russia"))
    monitor.add("keyed", parse("syria NOT russia"))
    assert monitor.unkeyed == 2
    with pytest.raises(ConfigError, match=r"query 'more'.*at most 2 such queries"):
        monitor.add("more", parse("NOT ukraine"))
    assert "more" not in monitor
    monitor.add("not", parse("NOT ukraine"))  # in place of one of them
    assert monitor.match(prepare("Syria", "", {})) == {"not", "or not", "keyed"}
    monitor.remove("not")
    monitor.add("more", parse("NOT ukraine"))
    assert monitor.unkeyed == 2


def test_an_empty_monitor_and_an_empty_article() -> None:
    assert Monitor().match(prepare("Syria", "text", {})) == set()
    assert held([parse("syria")]).match(prepare("", "", {})) == set()


def test_unused_keys_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_module, "_FEWEST_COMPILED", 50)
    monitor = Monitor()
    for number in range(2_000):
        monitor.add(str(number), parse(f'word{number} "some phrase{number}" pre{number}*'))
        if number >= 20:
            monitor.remove(str(number - 20))
        if number % 50 == 0:
            monitor.settle()
    monitor.settle()
    assert len(monitor._keys) < 1_000
    assert len(monitor._queries) < 500
    article = prepare("word1999 word3", "some phrase1999 some phrase3 pre1999x pre3", {})
    assert monitor.match(article) == {"1999"}


def test_queries_of_a_thousand_words_do_not_explode() -> None:
    sides = [Or(tuple(Term(None, f"{side}{number}") for number in range(100))) for side in "abcdefghij"]
    monitor = held([And(tuple(sides)), Not(And(tuple(Not(side) for side in sides)))])
    article = prepare("", " ".join(f"{side}7" for side in "abcdefghij"), {})
    assert monitor.match(article) == {"0", "1"}
    assert monitor.match(prepare("", "a7", {})) == {"1"}


def test_a_failed_merge_does_not_stop_matching_is_logged_once_and_retried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monitor_module, "_FEWEST_COMPILED", 3)
    monkeypatch.setattr(monitor_module, "_AFTER_FAILURE", 2)
    attempts = []

    def fails(*_: object) -> None:
        attempts.append(1)
        raise MemoryError("no room for the arrays")

    works = monitor_module._merged
    monkeypatch.setattr(monitor_module, "_merged", fails)
    monitor = Monitor()
    article = prepare("word1 word2 word9 word20", "", {})
    with capture_logs() as logs:
        for number in range(10):
            monitor.add(str(number), parse(f"word{number}"))
            monitor.settle()
        monitor.remove("2")
        for _ in range(6):
            assert monitor.match(article) == {"1", "9"}
            monitor.settle()
        assert len(attempts) > 1
        assert len([line for line in logs if line["log_level"] == "error"]) == 1
    monkeypatch.setattr(monitor_module, "_merged", works)
    for _ in range(4):
        assert monitor.match(article) == {"1", "9"}
        monitor.settle()
    assert len(monitor._compiled) == 9
    monitor.add("20", parse("word20"))
    assert monitor.match(article) == {"1", "9", "20"}


def test_no_thread_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_module, "_FEWEST_COMPILED", 3)
    monitor = held([parse(f"word{number}") for number in range(10)])
    monitor.settle()
    for thread in threading.enumerate():
        if thread.name.startswith("monitor"):
            thread.join(PATIENCE)
            assert not thread.is_alive()
    assert monitor.match(prepare("word3", "", {})) == {"3"}


# When queries are merged


class Merges:
    """Counts the merges that were started; each is over before the next call. They fail while `fail` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fewest: int = 3, first_learned: int = 1_000) -> None:
        self.number, self.fail = 0, False
        works = monitor_module._merged

        def counted(*arguments: Any) -> Any:
            self.number += 1
            if self.fail:
                raise MemoryError("no room for the arrays")
            return works(*arguments)

        monkeypatch.setattr(monitor_module, "_merged", counted)
        monkeypatch.setattr(monitor_module, "_FEWEST_COMPILED", fewest)
        monkeypatch.setattr(monitor_module, "_FIRST_LEARNED", first_learned)

    def over(self, monitor: Monitor) -> int:
        """How many there were, when the last one is over; the monitor has not looked at it yet."""
        if monitor._merge:
            wait([monitor._merge.built])
        return self.number


NEWS = prepare("word1 word2 word3", "", {})


def test_adding_more_than_a_few_starts_a_merge_and_any_call_takes_its_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    merges = Merges(monkeypatch)
    for use in (
        lambda monitor: monitor.add("x", parse("x")),
        lambda monitor: monitor.remove("0"),
        lambda monitor: monitor.match(NEWS),
        lambda monitor: monitor.settle(),
    ):
        merges.number = 0
        monitor = held([parse(f"word{number}") for number in range(3)])
        assert merges.over(monitor) == 0, "three are few"
        monitor.add("3", parse("word3"))
        assert merges.over(monitor) == 1
        assert len(monitor._compiled) == 0
        use(monitor)
        assert len(monitor._compiled) == 4
        assert merges.over(monitor) == 1


def test_removing_more_than_a_few_starts_a_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    merges = Merges(monkeypatch)
    monitor = held([parse(f"word{number}") for number in range(20)])
    monitor.settle()
    before = merges.over(monitor)
    for number in range(10, 20):
        monitor.remove(str(number))
    assert merges.over(monitor) > before
    assert monitor.match(NEWS) == {"1", "2", "3"}


def test_of_many_queries_an_eighth_must_have_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    merges = Merges(monkeypatch, fewest=79)
    monitor = held([parse(f"word{number}") for number in range(80)])
    assert merges.over(monitor) == 1
    monitor.settle()
    monkeypatch.setattr(monitor_module, "_FEWEST_COMPILED", 3)
    for number in range(10):
        monitor.add(f"more {number}", parse("syria"))
    assert merges.over(monitor) == 1
    monitor.remove("more 0")
    assert merges.over(monitor) == 2, "ten added, and one removed"


def test_queries_are_compiled_again_when_rates_are_known_better(monkeypatch: pytest.MonkeyPatch) -> None:
    merges = Merges(monkeypatch, first_learned=2)
    monitor = held([parse(f"word{number}") for number in range(4)])
    monitor.settle()
    assert merges.number == 1
    at = []
    for number in range(1, 40):
        before = merges.number
        assert monitor.match(NEWS) == {"1", "2", "3"}
        monitor.settle()
        at += [number] * (merges.number - before)
    assert at == [2, 8, 32]


def test_without_compiled_queries_nothing_is_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    merges = Merges(monkeypatch, first_learned=2)
    monitor = held([parse("word1")])
    for _ in range(10):
        assert monitor.match(NEWS) == {"0"}
    assert merges.over(monitor) == 0


def test_a_failed_merge_is_tried_again_after_some_articles_and_told_again_after_a_success(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(monitor_module, "_AFTER_FAILURE", 3)
    merges = Merges(monkeypatch)
    merges.fail = True
    with capture_logs() as logs:
        monitor = held([parse(f"word{number}") for number in range(4)])
        monitor.settle()
        assert [line["log_level"] for line in logs] == ["error"], "at once"
        tried = []
        for _ in range(7):
            monitor.match(NEWS)
            monitor.settle()
            tried.append(merges.number)
        assert tried == [1, 1, 2, 2, 2, 3, 3]
        merges.fail = False
        for _ in range(3):
            monitor.match(NEWS)
            monitor.settle()
        assert (merges.number, len(monitor._compiled), len(logs)) == (4, 4, 1)
        merges.fail = True
        for number in range(4, 8):
            monitor.add(str(number), parse(f"word{number}"))
        monitor.settle()
        assert len(logs) == 2
    assert monitor.match(prepare("word2 word6", "", {})) == {"2", "6"}


def test_what_changes_during_a_merge_that_fails_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor_module, "_AFTER_FAILURE", 1)
    merges = Merges(monkeypatch)
    monitor = held([parse(f"word{number}") for number in range(4)])
    monitor.settle()
    merges.fail = True
    for number in range(4):
        monitor.remove(str(number))
    merges.over(monitor)  # which fails, with what was removed
    monitor.add("new", parse("word1"))
    assert monitor._free == []
    merges.fail = False
    assert monitor.match(NEWS) == {"new"}
    for number in range(8):
        monitor.add(f"more {number}", parse("word2"))
        monitor.settle()
    assert monitor.match(NEWS) == {"new", *(f"more {number}" for number in range(8))}
    assert len(monitor._queries) <= 13


def test_a_place_that_is_used_again_keeps_its_query_through_a_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    Merges(monkeypatch)
    monitor = held([parse(f"word{number}") for number in range(8)])
    monitor.settle()
    for number in range(8):
        monitor.remove(str(number))
    monitor.settle()
    assert monitor._free
    monitor.add("again", parse("word1"))
    for number in range(8):
        monitor.add(f"more {number}", parse("other"))
        monitor.settle()
    assert monitor.match(NEWS) == {"again"}


def test_a_new_query_is_filed_under_its_rarest_word() -> None:
    monitor = held([parse("common"), parse("rare")])
    for _ in range(20):
        monitor.match(prepare("common", "", {}))
    monitor.add("both", parse("common AND rare"))
    *_, filed = monitor._fresh[-1]
    common, rare = (next(iter(monitor._keys.found_in(prepare(word, "", {})))) for word in ("common", "rare"))
    assert filed.there == (rare, common)


def test_what_is_added_and_removed_while_a_merge_fails_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, gate = threading.Event(), threading.Event()
    merges = Merges(monkeypatch)
    counted = monitor_module._merged

    def held_up(*arguments: Any) -> Any:
        begun.set()
        assert gate.wait(PATIENCE)
        return counted(*arguments)

    monkeypatch.setattr(monitor_module, "_AFTER_FAILURE", 1)
    monitor = held([parse(f"word{number}") for number in range(3)])
    merges.fail = True
    monkeypatch.setattr(monitor_module, "_merged", held_up)
    monitor.remove("0")
    assert begun.wait(PATIENCE)
    monitor.add("during", parse("word1"))
    monitor.remove("2")
    gate.set()
    merges.over(monitor)
    assert monitor.match(NEWS) == {"1", "during"}
    merges.fail = False
    for _ in range(3):
        assert monitor.match(NEWS) == {"1", "during"}
        monitor.settle()
    assert sorted(monitor._free) == [0, 2]


def test_one_compiled_query_is_compiled_again_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    merges = Merges(monkeypatch, fewest=0, first_learned=2)
    monitor = held([parse("word1")])
    for _ in range(2):
        monitor.settle()
        monitor.match(NEWS)
    assert (merges.over(monitor), len(monitor._compiled)) == (2, 1)


def test_keys_are_kept_while_three_quarters_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    Merges(monkeypatch, fewest=7)
    monitor = held([parse(f"word{number}") for number in range(8)])
    monitor.settle()
    monkeypatch.setattr(monitor_module, "_FEWEST_COMPILED", 1)
    for number in range(2):
        monitor.remove(str(number))
    monitor.settle()
    assert (len(monitor._compiled), len(monitor._keys)) == (6, 8)


def test_a_thousand_queries_may_be_without_a_required_word() -> None:
    monitor = Monitor()
    for number in range(1_000):
        monitor.add(str(number), Not(Term(None, f"word{number}")))
    with pytest.raises(ConfigError, match="at most 1,000 such queries"):
        monitor.add("more", parse("NOT syria"))
