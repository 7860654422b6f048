"""Translates the tree of a query into tantivy's query objects, without its parser, which misreads much of the language."""

from collections.abc import Collection, Iterator
from datetime import datetime

from tantivy import FieldType, Occur, Query, Schema

from index.embedded.counted import COUNTED
from index.embedded.near_candidates import Verified, two_near
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

_TITLE_BOOST = 2.0
"""How much more a match in the title counts than one in the text."""


def compile_search(search: Search, schema: Schema, verified: Verified) -> Query:
    """The query and the filters of a search; the filters do not count for the score."""
    query = Query.all_query() if search.query is None else compile_query(search.query, schema, verified)
    return filtered(query, search, schema)


def filtered(query: Query, search: Search, schema: Schema) -> Query:
    """A query with the filters of a search."""
    unscored = [(occur, Query.const_score_query(part, 0.0)) for occur, part in _filters(search, schema)]
    return Query.boolean_query([(Occur.Must, query), *unscored]) if unscored else query


def compile_query(node: Node, schema: Schema, verified: Verified) -> Query:
    """The tantivy query that finds what `query.match.matches` matches.

    Args:
        node: the tree.
        schema: of fulltext.py, whose fields have the names of the query language's fields.
        verified: the results of near_candidates.py for the tree.
    """
    match node:
        case And(parts=parts):
            return Query.boolean_query(
                [(Occur.Must, compile_query(part, schema, verified)) for part in parts]
            )
        case Or(parts=parts):
            return _any([compile_query(part, schema, verified) for part in parts])
        case Not(part=part):
            excluded = (Occur.MustNot, compile_query(part, schema, verified))
            return Query.boolean_query(
                [(Occur.Must, Query.const_score_query(Query.all_query(), 0.0)), excluded]
            )
        case Range():
            return _range(node, schema)
        case Marked(ids=ids):
            return _among(ids, schema)
        case Near() if node in verified:
            return Query.term_set_query(schema, "id", verified[node])
        case _:
            return _leaf(node, schema)


def _among(ids: Collection[str], schema: Schema) -> Query:
    """The articles of some ids, none more relevant than another."""
    found = Query.term_set_query(schema, "id", sorted(ids)) if ids else Query.empty_query()
    return Query.const_score_query(found, 0.0)


def _range(leaf: Range, schema: Schema) -> Query:
    if leaf.since is None and leaf.until is None:
        return Query.exists_query(leaf.field)
    return _between(leaf.field, leaf.since, leaf.until, schema)


def _leaf(leaf: WordLeaf, schema: Schema) -> Query:
    if leaf.field is not None:
        return _leaf_in(leaf, leaf.field, schema)
    in_title = Query.boost_query(_leaf_in(leaf, "title", schema), _TITLE_BOOST)
    return _any([in_title, _leaf_in(leaf, "text", schema)])


def _leaf_in(leaf: WordLeaf, field: Field, schema: Schema) -> Query:
    match leaf:
        case Term(term=term):
            return Query.term_query(schema, field, term)
        case Prefix(prefix=prefix):
            return Query.regex_query(
                schema, field, f"{prefix}.*"
            )  # terms have no characters that need escaping
        case Phrase(terms=terms) if field in VALUE_FIELDS:
            return Query.term_query(schema, field, value_key(terms))
        case Phrase(terms=terms):
            return Query.phrase_query(schema, field, list(terms))
        case Wildcard(pattern=pattern):
            return Query.regex_query(schema, field, pattern.replace("*", ".*").replace("?", "."))
        case Near() if field in VALUE_FIELDS:
            return Query.empty_query()
        case Near(terms=terms, slop=slop):
            first, second = terms  # for more than two, `verified` has the answer
            return two_near(field, first, second, slop, schema)


def _filters(search: Search, schema: Schema) -> Iterator[tuple[Occur, Query]]:
    if search.topics:
        yield Occur.Must, Query.term_set_query(schema, "topic_id", search.topics)
    if search.sources:
        yield Occur.Must, Query.term_set_query(schema, "source_name", list(map(source_key, search.sources)))
    if search.languages:
        yield Occur.Must, Query.term_set_query(schema, "language", search.languages)
    for one in search.filters:
        occur = Occur.MustNot if one.excludes else Occur.Must
        yield occur, Query.term_set_query(schema, COUNTED[one.by], list(one.values))
    if search.since or search.until:
        yield Occur.Must, _between("time", search.since, search.until, schema)


def _between(field: str, since: datetime | None, until: datetime | None, schema: Schema) -> Query:
    return Query.range_query(
        schema,
        field,
        FieldType.Integer,
        lower_bound=microseconds(since) if since else None,
        upper_bound=microseconds(until) if until else None,
        include_upper=until is None,
    )


def _any(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])
