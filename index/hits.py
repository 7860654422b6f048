"""Builds a hit, the same way for every store: its spans are those of live matching in the stored text."""

from index.store import Document, Hit
from query.article import prepare_enriched
from query.match import match
from query.tree import Node


def make_hit(document: Document, score: float, query: Node | None) -> Hit:
    """The hit of a document that a store found; without spans if its newest version no longer matches."""
    spans = match(query, prepare_enriched(document.enriched)) if query else None
    return Hit(document, score, spans or ())
