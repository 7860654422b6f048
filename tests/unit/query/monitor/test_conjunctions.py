import pytest

from query.monitor.conjunctions import MAX_ALTERNATIVES, MAX_CONDITIONS, Conjunction, Key, conjunctions
from query.parse import parse
from query.tree import And, Near, Node, Not, Or, Phrase, Term, Wildcard


def rate(key: Key) -> float:
    return 1 / len(str(key.value))


def shown(tree: Node) -> list[tuple[set[str], int]]:
    """Of each conjunction, its conditions and how many nodes its residue has."""
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


def test_what_can_never_match_has_none_and_its_negation_always_does() -> None:
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
