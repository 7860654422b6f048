"""Proximity of three or more words in the embedded store.

tantivy can decide exactly whether two words are near each other. For more words it finds only candidates, in which each pair is
near enough; live matching then checks the text of these articles.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from tantivy import Occur, Query, Schema

from index.store import Document
from query.article import prepare_enriched
from query.match import matches
from query.tree import And, Near, Node, Not, Or

_CHUNK = 500
"""How many articles are held at once."""

Verified = Mapping[Near, Sequence[str]]
"""The ids of the articles that match a proximity, for each proximity that tantivy can't decide itself."""


def two_near(field: str, first: str, second: str, slop: int, schema: Schema) -> Query:
    """Two words in any order with at most `slop` others between."""
    if first == second:
        # tantivy would count one place for both.
        apart = range(1, slop + 2)
        phrases = [Query.phrase_query(schema, field, [(0, first), (distance, second)]) for distance in apart]
    else:
        orders = ([first, second], [second, first])
        phrases = [Query.phrase_query(schema, field, list(words), slop) for words in orders]
    return Query.boolean_query([(Occur.Should, phrase) for phrase in phrases])


def verify(
    node: Node | None,
    schema: Schema,
    find: Callable[[Query], Sequence[int]],
    read: Callable[[Sequence[int]], Mapping[int, Document]],
) -> Verified:
    """The articles that match each proximity of three or more words in a query.

    Args:
        node: the query.
        schema: of fulltext.py.
        find: returns the numbers of the articles that a query finds among the candidates.
        read: returns the articles with the given numbers.
    """
    verified = {}
    for leaf in set(_needing_it(node)):
        candidates = find(_candidates(leaf, schema))
        messages = (document.enriched for document in _read(candidates, read))
        verified[leaf] = [one.key for one in messages if matches(leaf, prepare_enriched(one))]
    return verified


def _read(
    numbers: Sequence[int], read: Callable[[Sequence[int]], Mapping[int, Document]]
) -> Iterator[Document]:
    for start in range(0, len(numbers), _CHUNK):
        yield from read(numbers[start : start + _CHUNK]).values()


def _needing_it(node: Node | None) -> Iterator[Near]:
    match node:
        case And(parts=parts) | Or(parts=parts):
            yield from _each(parts)
        case Not(part=part):
            yield from _needing_it(part)
        case Near(terms=terms) if len(terms) > 2:
            yield node


def _each(parts: Iterable[Node]) -> Iterator[Near]:
    for part in parts:
        yield from _needing_it(part)


def _candidates(leaf: Near, schema: Schema) -> Query:
    fields = (leaf.field,) if leaf.field else ("title", "text")
    return Query.boolean_query([(Occur.Should, _candidates_in(leaf, field, schema)) for field in fields])


def _candidates_in(leaf: Near, field: str, schema: Schema) -> Query:
    """Each pair of words within the maximum distance: all the other words and `slop` more may be between them."""
    apart = leaf.slop + len(leaf.terms) - 2
    pairs = sorted(set(combinations(sorted(leaf.terms), 2)))
    return Query.boolean_query(
        [(Occur.Must, two_near(field, first, second, apart, schema)) for first, second in pairs]
    )
