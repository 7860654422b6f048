"""Translates the tree of a query into Elasticsearch's query DSL, over the fields `terms.*` of template.json."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from index.counts import CountBy
from index.searchable import microseconds, source_key
from index.store import Search
from query.tree import (
    VALUE_FIELDS,
    And,
    Field,
    Marked,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
    WordLeaf,
)
from query.values import value_key

Query = dict[str, Any]

COUNTED: Mapping[CountBy, str] = {
    "topic": "topics.topic",
    "source": "source_name",
    "language": "language",
    "person": "people",
    "organisation": "organisations",
    "place": "places",
    "author": "author.name",
    "section": "section",
    "kind": "content_status",
    "story": "story",
}
"""The field for each that articles are counted by."""
_TITLE_BOOST = 2.0
"""How much more a match in the title counts than one in the text."""

_LEVELS = 12
"""Parts below this level are put into a `wrapper` query, which is parsed separately: Elasticsearch refuses queries nested more
than 30 deep (indices.query.bool.max_nested_depth), and ours may be deeper."""

_SORTS: dict[str, list[dict[str, str]]] = {
    "relevance": [{"_score": "desc"}, {"id": "asc"}],
    "newest": [{"timeline_us": "desc"}, {"id": "asc"}],
    "oldest": [{"timeline_us": "asc"}, {"id": "asc"}],
}


def compile_search(search: Search) -> Query:
    """The query and the filters of a search; the filters do not count for the score."""
    query = {"match_all": {}} if search.query is None else compile_query(search.query)
    filters = _filters(search)
    return {"bool": {"must": [query], "filter": filters}} if filters else query


def sort_of(search: Search) -> list[dict[str, str]]:
    """The order of hits; ties are ordered by id. Without a query, no article is more relevant than another."""
    if search.sort == "relevance" and search.query is None:
        return [{"id": "asc"}]
    return _SORTS[search.sort]


def compile_query(node: Node) -> Query:
    """The query that finds what `query.match.matches` matches."""
    return _compiled(node, 1)


def _compiled(node: Node, level: int) -> Query:
    match node:
        case And(parts=parts):
            return _packed({"must": [_compiled(part, level + 1) for part in parts]}, level)
        case Or(parts=parts):
            return _packed({"should": [_compiled(part, level + 1) for part in parts]}, level)
        case Not(part=part):
            return _packed({"must_not": [_compiled(part, level + 1)]}, level)
        case Range():
            return _range(node)
        case Marked(ids=ids):
            return {"bool": {"filter": [{"terms": {"id": sorted(ids)}}]}}
        case _:
            return _leaf(node)


def _packed(clauses: dict[str, list[Query]], level: int) -> Query:
    query = {"bool": clauses}
    if level % _LEVELS:
        return query
    return {"wrapper": {"query": base64.b64encode(msgspec.json.encode(query)).decode()}}


def _range(leaf: Range) -> Query:
    ends = {"gte": leaf.since, "lt": leaf.until}
    bounds = {name: microseconds(time) for name, time in ends.items() if time}
    name = f"terms.{leaf.field}"
    return {"range": {name: bounds}} if bounds else {"exists": {"field": name}}


def _leaf(leaf: WordLeaf) -> Query:
    if leaf.field is not None:
        return _leaf_in(leaf, leaf.field)
    return {"bool": {"should": [_leaf_in(leaf, "title", _TITLE_BOOST), _leaf_in(leaf, "text")]}}


def _leaf_in(leaf: WordLeaf, field: Field, boost: float = 1.0) -> Query:
    name = "story" if field == "story" else f"terms.{field}"  # an id is its own term
    match leaf:
        case Prefix(prefix=prefix):
            return {"prefix": {name: {"value": prefix, "boost": boost}}}
        case Term(term=term) if field in VALUE_FIELDS:
            return {"term": {name: term}}
        case Phrase(terms=terms) if field in VALUE_FIELDS:
            return {"term": {name: value_key(terms)}}
        case Term(term=term):
            return {"match_phrase": {name: {"query": term, "boost": boost}}}
        case Phrase(terms=terms):
            return {"match_phrase": {name: {"query": " ".join(terms), "boost": boost}}}
        case Wildcard(pattern=pattern):
            return {"wildcard": {name: {"value": pattern, "boost": boost}}}
        case Near() if field in VALUE_FIELDS:
            return {"match_none": {}}
        case Near(terms=terms, slop=slop):
            near = {"query": " ".join(terms), "max_gaps": slop, "ordered": False}
            return {"intervals": {name: {"match": near, "boost": boost}}}


def _filters(search: Search) -> list[Query]:
    filters: list[Query] = []
    if search.topics:
        filters.append({"terms": {"topics.topic": search.topics}})
    if search.sources:
        filters.append({"terms": {"source_key": [source_key(source) for source in search.sources]}})
    if search.languages:
        filters.append({"terms": {"language": search.languages}})
    for one in search.filters:
        terms: Query = {"terms": {COUNTED[one.by]: one.values}}
        filters.append({"bool": {"must_not": [terms]}} if one.excludes else terms)
    bounds = {"gte": search.since, "lt": search.until}
    times = {name: microseconds(time) for name, time in bounds.items() if time}
    if times:
        filters.append({"range": {"timeline_us": times}})
    return filters
