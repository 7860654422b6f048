from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query.near import MAX_SLOP
from query.parse import MAX_DEPTH, MAX_LEAVES, MAX_WILDCARDS, parse
from query.tokens import terms
from query.tree import (
    VALUE_FIELDS,
    WORD_FIELDS,
    And,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
    show,
)
from stream.errors import QueryError


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
        (
            "«Peace  Talks!» »peace talks« 「和平」 ＂peace talks＂",
            '("peace talks" AND "peace talks" AND "和 平" AND "peace talks")',
        ),
        ('צה"ל ארה״ב', '("צה ל" AND "ארה ב")'),
        ('"דובר צה"ל מסר" "שלום"', '("דובר צה ל מסר" AND שלום)'),
        ('"the «peace» talks" «a "b" c»~2', '("the peace talks" AND "a b c"~2)'),
        ("U.S. 9/11", '("u s" AND "9 11")'),
        ("Russia's", "russia"),
        ("Gov*", "gov*"),
        ("title:(a OR text:b) c", "((title:a OR text:b) AND c)"),
        ('source: "BBC News"', 'source:"bbc news"'),
        ("topic:peace-talks lang:en*", '(topic:"peace talks" AND lang:en*)'),
        ("中国", '"中 国"'),
        ("Really! a,b", '(really AND "a b")'),
        ("a && b || !c", "((a AND b) OR NOT c)"),
        ("! (a b)", "NOT (a AND b)"),
        ('-a -"b c" -title:d -(e f)', '(NOT a AND NOT "b c" AND NOT title:d AND NOT (e AND f))'),
        ("+a +b -c", "(a AND b AND NOT c)"),
        ("(+a b) OR c", "((a AND b) OR c)"),
        ("AT&T C++", '("at t" AND c)'),
        ('a^2 "b c"^0.5 (d OR e)^3 f*^2', '(a AND "b c" AND (d OR e) AND f*)'),
        ('"Peace in Syria"~5 "a b"~0 "a"~7', '("peace in syria"~5 AND "a b" AND a)'),
        ('title:"a b"~3^2', 'title:"a b"~3'),
        ("wom?n organi?ation *BURG* é?é", "(wom?n AND organi?ation AND *burg* AND e?e)"),
        ("g*v a** source:*time?", "(g*v AND a* AND source:*time?)"),
        ("中国*", '"中 国"'),
        (r"a\:b \(c\) wh\?t \-d \AND", '("a b" AND c AND "wh t" AND d AND and)'),
        (r'"say \"no\" now"', '"say no now"'),
        ("topic:peace-t*", "topic:peace-t*"),
        ("what now?", "(what AND now?)"),
        ('"what now?"', '"what now"'),
        ("url:bbc.com/news", 'url:"bbc com news"'),
        (r"url:https\://bbc.com", 'url:"https bbc com"'),
        ("published:2016", "published:[2016-01-01 TO 2017-01-01}"),
        ("published:2016-12", "published:[2016-12-01 TO 2017-01-01}"),
        ("published:2016-03-14", "published:[2016-03-14 TO 2016-03-15}"),
        ("published:2016-03-14T09:30", "published:[2016-03-14T09:30:00Z TO 2016-03-14T09:31:00Z}"),
        ('published:"2016-03-14T09:30:01+01:00"', "published:[2016-03-14T08:30:01Z TO 2016-03-14T08:30:02Z}"),
        ("published:[2016-01-01 TO 2016-03-14}", "published:[2016-01-01 TO 2016-03-14}"),
        ("published:[2016-01-01 TO 2016-03-14]^2", "published:[2016-01-01 TO 2016-03-15}"),
        ("published:{2016-01-01 TO *]", "published:[2016-01-02 TO *]"),
        ("published:>2016", "published:[2017-01-01 TO *]"),
        ("published:>=2016-01-01T00:00Z", "published:[2016-01-01 TO *]"),
        ("published:<2016", "published:[* TO 2016-01-01}"),
        ("published:<=2016", "published:[* TO 2017-01-01}"),
        ("published:(>=2016 AND <2017)", "(published:[2016-01-01 TO *] AND published:[* TO 2017-01-01})"),
        ("published:*", "published:[* TO *]"),
        ("NOT published:[* TO *]", "NOT published:[* TO *]"),
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
        ("a)", 1, "no opening one"),
        ('a "b', 2, "never closed"),
        ("()", 1, "missing before )"),
        ("a AND", 5, "missing at the end"),
        ("AND a", 0, "missing before AND"),
        ("a OR AND b", 5, "missing before AND"),
        ("NOT", 3, "missing at the end"),
        ("a foo:b", 2, "no field 'foo'"),
        ("http://x", 0, "no field 'http'"),
        ("title:", 6, "after title:"),
        ("title:NOT a", 6, "after title:"),
        (":a", 0, "name of a field"),
        ("oil~1", 3, "fuzzy"),
        ("oil~", 3, "fuzzy"),
        ("(a b)~2", 5, "fuzzy"),
        ("a ~2", 2, "can only follow a phrase"),
        ('"a b"~', 5, "number of words"),
        ('"a b"~x', 5, "number of words"),
        ('"a b"~5x', 5, "number of words"),
        ('"a b"~100', 0, "at most 99"),
        ('source:"a b"~3', 7, "holds names"),
        ('"' + "a " * 21 + '"~5', 0, "at most 20 words"),
        ("a^", 1, "boost"),
        ("a^x", 1, "boost"),
        ("a^2b", 1, "boost"),
        ("^2", 0, "boost (^) can only follow"),
        ("*", 0, "finds everything"),
        ("a OR **", 5, "finds everything"),
        ("title:*", 6, "finds everything"),
        ("?", 0, "two letters"),
        ("*a", 0, "two letters"),
        ("a?", 0, "two letters"),
        ("a*b*c*d*e*", 0, "at most 4 *"),
        ("ab?????????", 0, "8 ?"),
        ("*ab????", 0, "at most 3 ? can follow"),
        ("*" + "a" * 64, 0, "64 characters"),
        ("a" * 201 + "*", 0, "200 characters"),
        ("peace-talk*", 0, "single word"),
        ("peace-t?lk", 0, "single word"),
        ("talk.*", 0, "single word"),
        ("中国?", 0, "single word"),
        (r"g\*v*", 0, "single word"),
        ('"peace talk*"', 11, "within quotes"),
        ('"peace t?lk"', 8, "within quotes"),
        ("a [1 TO 2]", 2, "only published and edited take a range"),
        ("title:[a TO b]", 6, "only published and edited take a range"),
        ("a {b", 2, "never closed"),
        ("a ]", 2, "no opening one"),
        ("published:[2016 2017]", 10, "expected a range such as"),
        ("published:[2017 TO 2016]", 10, "ends before"),
        ("published:{2016 TO 2016}", 10, "ends before"),
        ("published:[2016-13 TO *]", 11, "expected a date"),
        ("published:[* TO now-7d]", 16, "now-7d"),
        ("published:soon", 10, "expected a date"),
        ("published:>=", 10, "expected a date"),
        ("published:0001-01-01T00:00+23:00", 10, "expected a date"),
        ("published:9999", 10, "expected a date"),
        ("published:2016~1", 14, "fuzzy"),
        ("a||b", 1, "around ||"),
        ("a&&b", 1, "around &&"),
        ("!", 1, "missing at the end"),
        ("+", 0, "no letter"),
        ("a - b", 2, "no letter"),
        ("+a OR b", 0, "ambiguous"),
        ("a OR (b OR +c)", 11, "ambiguous"),
        ("+-a", 1, "missing before -"),
        ("/a.*b/", 0, "regular expressions"),
        ("peace /s talks", 6, '"a b"~5'),
        ("peace /15 talks", 6, '"a b"~5'),
        ("intitle:peace", 0, "write title:"),
        ("after:2016-01-01", 0, "write published:>="),
        ("a | b", 2, "the operator is OR"),
        ("a & b", 2, "the operator is AND"),
        ("«a b", 0, "never closed"),
        ("title:>5", 6, "only published and edited take < and >"),
        ("a\\", 1, "escape"),
        (r"caf\u00e9", 3, "escape"),
        ("_exists_:title", 0, "_exists_"),
        ("*:*", 0, "no field"),
        ("a …", 2, "no letter"),
        ('""', 0, "no letter"),
    ],
)
def test_refused_with_its_position(query: str, position: int, word: str) -> None:
    with pytest.raises(QueryError, match=r"(?s).") as caught:
        parse(query)
    assert word in caught.value.reason
    assert (caught.value.position, caught.value.query) == (position, query)


@pytest.mark.parametrize(
    "query",
    ["(" * 1_000_000, "a" * 1_000_000, "NOT " * 2_400, "(" * 9_999, '"' * 1_000_001, "-" * 9_999 + "a"],
)
def test_oversized_queries_are_refused_with_a_short_message(query: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert len(str(caught.value)) < 300


def test_bounds() -> None:
    deep = "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH
    assert parse(deep) == Term(None, "a")
    for query in (f"({deep})", "NOT " * (MAX_DEPTH + 1) + "a"):
        with pytest.raises(QueryError, match="at most 100 deep"):
            parse(query)
    with pytest.raises(QueryError, match="10,000 characters"):
        parse("a" * 10_001)
    assert len(parse("a " * MAX_LEAVES).parts) == MAX_LEAVES  # type: ignore[union-attr]  # it is an And
    with pytest.raises(QueryError, match="100 words with wildcards"):
        parse("wom?n " * (MAX_WILDCARDS + 1))
    with pytest.raises(QueryError, match="at most 200 words"):
        parse("a-" * 201)
    with pytest.raises(QueryError, match="1,024 words"):
        parse("a " * (MAX_LEAVES + 1))


# `changed` takes a few words only: see test_changes.py.
fields = st.sampled_from([None, *WORD_FIELDS, *(name for name in VALUE_FIELDS if name != "changed")])
term = st.text(min_size=1, max_size=8).map(terms).filter(bool).map(lambda found: found[0])
moments = st.none() | st.datetimes(timezones=st.just(UTC))
leaves: st.SearchStrategy[Node] = st.one_of(
    st.builds(Term, fields, term),
    st.builds(Prefix, fields, term),
    st.builds(Phrase, fields, st.lists(term, min_size=2, max_size=4).map(tuple)),
    st.builds(
        Near,
        st.sampled_from([None, *WORD_FIELDS]),
        st.lists(term, min_size=2, max_size=4).map(tuple),
        st.integers(1, MAX_SLOP),
    ),
    st.builds(
        Wildcard,
        fields,
        st.tuples(*[st.sampled_from(["ab", "cd", "?", "*", ""])] * 4).map(
            lambda pieces: f"?{''.join(pieces)}ef".replace("**", "*").replace("**", "*")
        ),
    ),
    st.tuples(moments, moments)
    .filter(lambda ends: None in ends or ends[0] < ends[1])
    .map(lambda ends: Range("published", *ends)),
)


def branches(part: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    parts = st.lists(part, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(And, parts), st.builds(Or, parts), st.builds(Not, part))


@given(st.recursive(leaves, branches, max_leaves=12))
def test_what_is_shown_parses_to_the_same_tree(node: Node) -> None:
    assert parse(show(node)) == node


@given(st.text('ab "()*:~?ANDORTtitle-+!&|[]{}^19\\\\“’é中', max_size=40))
def test_any_string_is_understood_or_refused_at_a_position_within_it(query: str) -> None:
    node, fault = understood_or_fault(query)
    assert (parse(show(node)) == node) if node else (0 <= fault <= len(query))


def understood_or_fault(query: str) -> tuple[Node | None, int]:
    try:
        return parse(query), -1
    except QueryError as error:
        return None, error.position
