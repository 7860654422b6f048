"""Builds a hit, the same way for every store: its spans are those of live matching in the stored text."""

from index.aggregations import Size
from index.store import Document, Fold, Hit
from query.article import prepare_enriched
from query.match import match
from query.tree import Node


def make_hit(document: Document, score: float, query: Node | None) -> Hit:
    """The hit of a document that a store found; without spans if its newest version no longer matches."""
    if query is None:
        return Hit(document, score, ())
    prepared = prepare_enriched(document.enriched)
    return Hit(document, score, match(query, prepared) or (), prepared)


def make_fold(hit: Hit, size: Size | None) -> Fold:
    """A story by its first hit; None for the size of an article that was never compared with others."""
    if size is None or size.articles < 2:
        return Fold(hit, 0, 0, hit.document.enriched.article.time)
    return Fold(hit, size.articles - 1, size.outlets - 1, size.first)
