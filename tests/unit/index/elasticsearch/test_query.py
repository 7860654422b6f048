import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from index.elasticsearch.query import compile_query, compile_search, sort_of
from index.store import Search
from query.parse import MAX_DEPTH, parse

MIDNIGHT = datetime(1970, 1, 2, tzinfo=UTC)
DAY = 86_400_000_000


def either(word: str) -> dict[str, Any]:
    """A word in the title or in the text."""
    in_title = {"match_phrase": {"terms.title": {"query": word, "boost": 2.0}}}
    return {"bool": {"should": [in_title, in_text(word)]}}


def in_text(words: str) -> dict[str, Any]:
    return {"match_phrase": {"terms.text": {"query": words, "boost": 1.0}}}


@pytest.mark.parametrize(
    ("query", "compiled"),
    [
        ("Syria", either("syria")),
        ('text:"Peace-talks in"', in_text("peace talks in")),
        ("text:gov*", {"prefix": {"terms.text": {"value": "gov", "boost": 1.0}}}),
        ("lang:EN", {"term": {"terms.lang": "en"}}),
        ("topic:peace-talks", {"term": {"terms.topic": "peace talks"}}),
        ("source:bbc*", {"prefix": {"terms.source": {"value": "bbc", "boost": 1.0}}}),
        (
            'url:"a b"~3',
            {
                "intervals": {
                    "terms.url": {"match": {"query": "a b", "max_gaps": 3, "ordered": False}, "boost": 1.0}
                }
            },
        ),
        ("text:wom?n", {"wildcard": {"terms.text": {"value": "wom?n", "boost": 1.0}}}),
        ("published:1970-01-02", {"range": {"terms.published": {"gte": DAY, "lt": 2 * DAY}}}),
        ("published:>=1970-01-02", {"range": {"terms.published": {"gte": DAY}}}),
        ("published:*", {"exists": {"field": "terms.published"}}),
        ("text:a text:b", {"bool": {"must": [in_text("a"), in_text("b")]}}),
        ("text:a OR text:b", {"bool": {"should": [in_text("a"), in_text("b")]}}),
        ("NOT text:a", {"bool": {"must_not": [in_text("a")]}}),
    ],
)
def test_each_kind_of_node(query: str, compiled: dict[str, Any]) -> None:
    assert compile_query(parse(query)) == compiled


def depths(query: Any, depth: int = 0) -> Iterator[int]:
    """How deep each part of a query is below the `wrapper` that is parsed separately."""
    yield depth
    for kind, clauses in query.items():
        if kind == "wrapper":
            yield from depths(json.loads(base64.b64decode(clauses["query"])))
        elif kind == "bool":
            for part in (part for parts in clauses.values() for part in parts):
                yield from depths(part, depth + 1)


def test_no_part_is_nested_deeper_than_elasticsearch_allows() -> None:
    deep = "a OR b ("
    query = deep * MAX_DEPTH + "a" + ")" * MAX_DEPTH
    assert max(depths(compile_query(parse(query)))) < 28


def test_filters_do_not_count_for_the_score() -> None:
    asked = Search(
        query=parse("text:a"),
        topics=("x",),
        sources=("BBC News",),
        languages=("en", "de"),
        since=MIDNIGHT,
        until=MIDNIGHT + timedelta(microseconds=1),
    )
    assert compile_search(asked)["bool"] == {
        "must": [in_text("a")],
        "filter": [
            {"terms": {"topics.topic": ("x",)}},
            {"terms": {"source_key": ["bbc news"]}},
            {"terms": {"language": ("en", "de")}},
            {"range": {"timeline_us": {"gte": DAY, "lt": DAY + 1}}},
        ],
    }
    assert compile_search(Search()) == {"match_all": {}}
    assert compile_search(Search(until=MIDNIGHT))["bool"]["filter"] == [
        {"range": {"timeline_us": {"lt": DAY}}}
    ]


def test_ties_are_ordered_by_id() -> None:
    assert sort_of(Search(sort="newest")) == [{"timeline_us": "desc"}, {"id": "asc"}]
    assert sort_of(Search(query=parse("a"))) == [{"_score": "desc"}, {"id": "asc"}]
    assert sort_of(Search()) == [{"id": "asc"}]
