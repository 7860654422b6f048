import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.parse import MAX_DEPTH, MAX_LEAVES, parse
from query.tokens import terms
from query.tree import FIELDS, And, Node, Not, Or, Phrase, Prefix, Term, show
from wirewatch.errors import QueryError


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("Syria", "syria"),
        ("a b", "(a AND b)"),
        ("a AND b c", "(a AND b AND c)"),
        ("a b OR c AND NOT d", "((a AND b) OR (c AND NOT d))"),
        ("a NOT b", "(a AND NOT b)"),
        ("NOT a", "NOT a"),
        ("NOT NOT (a)", "NOT NOT a"),
        ("(a OR b) c", "((a OR b) AND c)"),
        ("and or not", "(and AND or AND not)"),
        ('"AND"', "and"),
        ("peace-talks", '"peace talks"'),
        ("“Peace  Talks!”", '"peace talks"'),
        ("U.S. 9/11", '("u s" AND "9 11")'),
        ("Russia's", "russia"),
        ("Gov*", "gov*"),
        ("title:(a OR text:b) c", "((title:a OR text:b) AND c)"),
        ('source: "BBC News"', 'source:"bbc news"'),
        ("topic:peace-talks lang:en*", '(topic:"peace talks" AND lang:en*)'),
        ("中国", '"中 国"'),
        ("Really! a,b", '(really AND "a b")'),
    ],
)
def test_understood(query: str, understood: str) -> None:
    assert show(parse(query)) == understood


@pytest.mark.parametrize(
    ("query", "position", "word"),
    [
        ("", 0, "empty"),
        ("  ", 0, "empty"),
        ("(a b", 0, "never closed"),
        ("a)", 1, "closes nothing"),
        ('a "b', 2, "never closed"),
        ("()", 1, "missing before )"),
        ("a AND", 5, "missing at the end"),
        ("AND a", 0, "missing before AND"),
        ("a OR AND b", 5, "missing before AND"),
        ("NOT", 3, "missing at the end"),
        ("a foo:b", 2, "no field 'foo'"),
        ("http://x", 0, "no field 'http'"),
        ("title:", 6, "must follow title"),
        ("title:NOT a", 6, "must follow title"),
        (":a", 0, "field's name"),
        ("oil~1", 3, "fuzzy"),
        ('"a b"~5', 5, "proximity"),
        ("a^2", 1, "boost"),
        ("wh?t", 2, "wildcard ?"),
        ("*", 0, "end of a word"),
        ("g*v", 1, "end of a word"),
        ("**", 0, "end of a word"),
        ("peace-talk*", 0, "single word"),
        ("talk.*", 0, "single word"),
        ('"peace talk*"', 11, "within quotes"),
        ("a [1 TO 2]", 2, "ranges"),
        ("a {b", 2, "ranges"),
        ("a && b", 2, "write AND"),
        ("a||b", 1, "write OR"),
        ("!a", 0, "write NOT"),
        ("-a", 0, "write NOT"),
        ("+a", 0, "required"),
        ("/a.*b/", 0, "regular expressions"),
        ("title:>5", 6, "comparisons"),
        ("a\\:b", 1, "escape"),
        ("a …", 2, "no letter"),
        ('""', 0, "no letter"),
    ],
)
def test_refused_with_its_position(query: str, position: int, word: str) -> None:
    with pytest.raises(QueryError, match=r"(?s).") as caught:
        parse(query)
    assert word in caught.value.reason
    assert (caught.value.position, caught.value.query) == (position, query)


def test_bounds() -> None:
    deep = "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH
    assert parse(deep) == Term(None, "a")
    for query in (f"({deep})", "NOT " * (MAX_DEPTH + 1) + "a"):
        with pytest.raises(QueryError, match="deep at most"):
            parse(query)
    with pytest.raises(QueryError, match="10,000 characters"):
        parse("a" * 10_001)
    assert len(parse("a " * MAX_LEAVES).parts) == MAX_LEAVES  # type: ignore[union-attr]  # it is an And
    with pytest.raises(QueryError, match="200 words at most"):
        parse("a-" * 201)
    with pytest.raises(QueryError, match="1,024 words"):
        parse("a " * (MAX_LEAVES + 1))


fields = st.sampled_from([None, *FIELDS])
term = st.text(min_size=1, max_size=8).map(terms).filter(bool).map(lambda found: found[0])
leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, fields, term),
    st.builds(Prefix, fields, term),
    st.builds(Phrase, fields, st.lists(term, min_size=2, max_size=4).map(tuple)),
)


def branches(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(part, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, parts), st.builds(Or, parts), st.builds(Not, part))


@given(st.recursive(leaves, branches, max_leaves=12))
def test_what_is_shown_parses_to_the_same_tree(node: Node) -> None:
    assert parse(show(node)) == node


@given(st.text('ab "()*:~?ANDORTtitle-“’é中', max_size=40))
def test_any_string_is_understood_or_refused_at_a_position_within_it(query: str) -> None:
    node, fault = understood_or_fault(query)
    assert (parse(show(node)) == node) if node else (0 <= fault <= len(query))


def understood_or_fault(query: str) -> tuple[Node | None, int]:
    try:
        return parse(query), -1
    except QueryError as error:
        return None, error.position
