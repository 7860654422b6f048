from collections.abc import Collection

import pytest

from alerts.definitions import definition_of
from kibana.language import to_kql, to_lucene
from query.lint import lint
from query.marks import MOST_ARTICLES, asks_for_marks
from query.match import match, prepare
from query.parse import parse
from query.tree import MARK_FIELDS, And, Marked, Not, Or, Phrase, Prefix, Term, Wildcard, WordLeaf, show
from stream.errors import ConfigError, QueryError

IDS = {
    Term("tag", "urgent"): ["a", "b"],
    Phrase("tag", ("to", "check")): ["c"],
    Prefix("tag", "urg"): ["a", "b"],
    Wildcard("tag", "u*t"): ["a", "b"],
    Phrase("note", ("call", "ann")): ["d"],
    Term("starred", "true"): ["e"],
    Term("read", "true"): ["f"],
    Term("assigned", "ann"): ["g"],
}


def marks(leaf: WordLeaf) -> Collection[str]:
    return IDS[leaf]  # type: ignore[index]  # a Near is none of them


def marked(query: str, *ids: str) -> Marked:
    return Marked(query, frozenset(ids))


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("tag:Urgent", marked("tag:urgent", "a", "b")),
        ('tag:"to check"', marked('tag:"to check"', "c")),
        ("tag:to-check", marked('tag:"to check"', "c")),
        ("tag:urg*", marked("tag:urg*", "a", "b")),
        ("tag:u*t", marked("tag:u*t", "a", "b")),
        ('note:"call Ann"', marked('note:"call ann"', "d")),
        ("starred:true", marked("starred:true", "e")),
        ("starred:false", Not(marked("starred:true", "e"))),
        ("read:false", Not(marked("read:true", "f"))),
        ("assigned:Ann", marked("assigned:ann", "g")),
        (
            "talks AND tag:(urgent OR to-check)",
            And((Term(None, "talks"), Or((marked("tag:urgent", "a", "b"), marked('tag:"to check"', "c"))))),
        ),
        (
            "ferry starred:true in:any-version",
            And((Or((Term(None, "ferry"), Term("earlier", "ferry"))), marked("starred:true", "e"))),
        ),
    ],
)
def test_marks_become_the_articles_that_bear_them(query: str, tree: object) -> None:
    parsed = parse(query, marks)
    assert parsed == tree
    assert asks_for_marks(parsed)
    assert parse(show(parsed), marks) == parsed


@pytest.mark.parametrize("field", MARK_FIELDS)
def test_without_marks_they_are_refused_at_their_place(field: str) -> None:
    with pytest.raises(QueryError, match=f"{field}: searches marks.*only searches can use it") as caught:
        parse(f"talks AND {field}:true")
    assert caught.value.position == len(f"talks AND {field}:")
    with pytest.raises(ConfigError, match="only searches can use it"):
        definition_of({"name": "x", "query": f"{field}:true"}, "test")


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("starred:yes", "starred: takes true or false"),
        ("read:tr*", "read: takes true or false"),
        ('starred:"true false"', "starred: takes true or false"),
        ("tag:[a TO b]", "only published and edited take a range"),
        ('tag:"a b"~3', "proximity"),
    ],
)
def test_what_marks_do_not_take(query: str, reason: str) -> None:
    with pytest.raises(QueryError, match=reason):
        parse(query, marks)


def test_a_field_stands_for_a_bounded_number_of_articles() -> None:
    assert parse("starred:true", lambda _: range(MOST_ARTICLES))  # type: ignore[arg-type]  # their number counts
    with pytest.raises(
        QueryError, match=r"starred:true stands for 50,001 articles; a search takes at most 50,000"
    ):
        parse("starred:true", lambda _: range(MOST_ARTICLES + 1))  # type: ignore[arg-type]


def test_an_article_is_matched_by_its_id_and_only_its_words_are_spans() -> None:
    article = prepare("Peace talks", "They went on.", {}, article="a")
    spans = match(parse("talks tag:urgent", marks), article)
    assert [(span.field, span.start) for span in spans or ()] == [("title", 6)]
    assert match(parse("tag:urgent OR note:call-ann", marks), article) == ()
    assert match(parse("talks starred:true", marks), article) is None
    assert match(parse("starred:false", marks), article) == ()


def test_lint_says_nothing_of_marks() -> None:
    assert not lint("tag:urgent AND starred:true")


def test_kibana_is_told_the_articles() -> None:
    assert to_kql(parse("talks tag:urgent", marks)) == '(talks and (id : "a" or id : "b"))'.removeprefix(
        "("
    ).removesuffix(")")
    assert to_lucene(parse("starred:true", marks)).text == 'id:"e"'
    assert to_lucene(parse("starred:true", lambda _: ())).text == 'id:""'
