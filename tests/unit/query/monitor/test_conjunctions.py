import pytest

from query.monitor.conjunctions import (
    MAX_ALTERNATIVES,
    MAX_CONDITIONS,
    Conjunction,
    Key,
    conjunctions,
)
from query.parse import parse
from query.tree import And, Near, Node, Not, Or, Phrase, Prefix, Range, Term, Wildcard


def rate(key: Key) -> float:
    return 1 / len(str(key.value))


def shown(tree: Node) -> list[tuple[set[str], int]]:
    """The conditions of each conjunction, and the number of nodes in its residue."""
    return [(set(map(as_text, each.conditions)), len(each.residue)) for each in conjunctions(tree, rate)]


def as_text(condition: tuple[Key, bool]) -> str:
    key, there = condition
    field = f"{key.field}:" if key.field else ""
    return f"{'' if there else '-'}{field}{key.kind} {key.value if isinstance(key.value, str) else '+'.join(key.value)}"


def by_terms(conjunction: tuple[set[str], int]) -> tuple[list[str], int]:
    """An order that does not depend on how Python hashes strings in this process, as that of a set's text does."""
    terms, left = conjunction
    return sorted(terms), left


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("a", [({"word a"}, 0)]),
        ("title:a", [({"title:word a"}, 0)]),
        ('"a b"', [({"pair a+b"}, 0)]),
        ('"a b c"', [({"pair a+b", "pair b+c"}, 1)]),
        ("ab*", [({"prefix ab"}, 0)]),
        ("ab*c?d", [({"pattern ab*c?d"}, 0)]),
        ("a b OR c", [({"word a", "word b"}, 0), ({"word c"}, 0)]),
        ("a (b OR c)", [({"word a", "word b"}, 0), ({"word a", "word c"}, 0)]),
        ("a NOT b", [({"word a", "-word b"}, 0)]),
        ("a NOT (b OR c)", [({"word a", "-word b", "-word c"}, 0)]),
        ("a NOT (b c)", [({"word a", "-word b"}, 0), ({"word a", "-word c"}, 0)]),
        ('a NOT "b c d"', [({"word a"}, 1)]),
        ("a NOT a", []),
        ("NOT NOT a", [({"word a"}, 0)]),
        ('source:"bbc news"', [({"source:word bbc news"}, 0)]),
    ],
)
def test_conjunctions(query: str, expected: list[tuple[set[str], int]]) -> None:
    found = shown(parse(query))
    assert sorted(found, key=by_terms) == sorted(expected, key=by_terms)


def test_leaves_that_look_ups_can_only_narrow() -> None:
    assert shown(Near(None, ("a", "b"), 3)) == [({"word a", "word b"}, 1)]
    assert shown(Wildcard(None, "a*c?d")) == [({"prefix a", "suffix d"}, 1)]
    assert shown(Wildcard(None, "*")) == [(set(), 1)]
    assert shown(Not(Near(None, ("a", "b"), 3))) == [(set(), 1)]


def test_a_query_that_never_matches_has_none_and_its_negation_always_matches() -> None:
    never = Near("source", ("a", "b"), 1)
    assert shown(never) == []
    assert shown(Not(never)) == [(set(), 0)]
    assert shown(And((Term(None, "a"), Not(never)))) == [({"word a"}, 0)]


def test_many_conditions_are_cut_to_the_rarest() -> None:
    terms = tuple("x" * length for length in range(1, 30))
    (found,) = conjunctions(And(tuple(Term(None, term) for term in terms)), rate)
    assert {condition.key.value for condition in found.conditions} == set(terms[-MAX_CONDITIONS:])
    assert len(found.residue) == 1
    (long,) = conjunctions(Phrase(None, tuple(f"w{number}" for number in range(50))), rate)
    assert len(long.conditions) == MAX_CONDITIONS


def test_brackets_are_not_multiplied_out_beyond_the_limit() -> None:
    rare = Or(tuple(Term(None, f"quite-rare-{number}") for number in range(20)))
    common = Or(tuple(Term(None, f"c{number}") for number in range(20)))
    found = conjunctions(And((rare, common)), rate)
    assert len(found) == 20 <= MAX_ALTERNATIVES
    assert all(each.residue == {And((rare, common))} for each in found)
    assert Conjunction(frozenset(), frozenset()) not in found


def terms(*names: str) -> tuple[Term, ...]:
    return tuple(Term(None, name) for name in names)


def numbered(start: str, count: int) -> list[str]:
    return [f"{start}{number:02}" for number in range(count)]


def values(found: Conjunction) -> set[object]:
    return {condition.key.value for condition in found.conditions}


def test_as_many_conditions_as_fit_are_enough() -> None:
    (found,) = conjunctions(And(terms(*numbered("x", 8))), rate)
    assert (len(found.conditions), found.residue) == (8, frozenset())
    (found,) = conjunctions(And(terms(*numbered("x", 9))), rate)
    assert (len(found.conditions), len(found.residue)) == (8, 1)


def test_absent_keys_are_the_first_conditions_to_be_cut() -> None:
    wanted = numbered("x", MAX_CONDITIONS)
    (found,) = conjunctions(And((Not(Term(None, "quite-rare")), *terms(*wanted))), rate)
    assert values(found) == set(wanted)


def test_a_part_that_never_matches_makes_the_whole_never_match() -> None:
    assert shown(And((Term(None, "a"), Near("source", ("a", "b"), 1)))) == []


def test_as_many_alternatives_as_fit_are_multiplied_out() -> None:
    pairs = [Or(terms(f"a{number}", f"b{number}")) for number in range(5)]
    found = conjunctions(And(tuple(pairs)), rate)
    assert len(found) == 2**5 == MAX_ALTERNATIVES
    assert not any(each.residue for each in found)


def test_beyond_the_limit_the_alternatives_that_test_the_fewest_articles_stay() -> None:
    middling = Or(terms(*numbered("mmm", 20)))
    by_their_rarest = Or(tuple(And(terms("c", name)) for name in numbered("quite-rare", 20)))
    for parts in ((middling, by_their_rarest), (by_their_rarest, middling)):
        assert {len(each.conditions) for each in conjunctions(And(parts), rate)} == {2}


def test_alternatives_of_excluded_words_are_tested_for_every_article() -> None:
    absent = Or(tuple(map(Not, terms(*numbered("x", 20)))))
    fewer, more = Or(terms(*numbered("mm", 20))), Or(terms(*(chr(ord("a") + number) for number in range(25))))
    assert all(condition.there for each in conjunctions(And((absent, fewer)), rate) for condition in each[0])
    assert not any(
        condition.there for each in conjunctions(And((absent, more)), rate) for condition in each[0]
    )


def test_a_prefix_is_a_key_up_to_a_length() -> None:
    longest = "x" * 16
    assert shown(Prefix(None, longest)) == [({f"prefix {longest}"}, 0)]
    assert shown(Prefix(None, longest + "x")) == [({f"prefix {longest}"}, 1)]
    assert shown(Not(Prefix(None, longest + "x"))) == [(set(), 1)], "what has the key may not have the prefix"


def test_a_value_of_one_word_and_a_stretch_of_time() -> None:
    assert shown(parse("source:bbc")) == [({"source:word bbc"}, 0)]
    (stretch,) = conjunctions(parse("published:[2016-01-01 TO 2016-02-01]"), rate)
    assert stretch.conditions == frozenset()
    assert [type(node) for node in stretch.residue] == [Range]
