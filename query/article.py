"""An article as the fields of the query language, the same for searches and for alerts."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import islice

from query.changes import ANY_CHANGE
from query.match import Prepared, prepare
from query.tokens import terms
from query.values import value_key
from stream.messages import Article, Enriched, Entity, Span
from stream.versions import texts


def prepare_enriched(enriched: Enriched) -> Prepared:
    """Prepare an enriched article for matching or indexing."""
    article = enriched.article
    prepared = prepare(
        article.title,
        article.text,
        {
            "author": [article.author],
            "url": [article.url],
            "source": [article.source],
            "lang": [enriched.language],
            "topic": [tag.topic for tag in enriched.topics],
            "entity": [value for entity in enriched.entities for value in entity.searched_as],
            "earlier": changed_passages(article),
            "changed": kinds_of(article),
            "story": [enriched.story],
        },
        article.published_any,
        (article.edited,) if article.edited else (),
        article.id,
    )
    return replace(prepared, named=where_named(enriched.entities))


def where_named(entities: Iterable[Entity]) -> dict[str, tuple[Span, ...]]:
    """Where the values that `entity:` finds stand in title and text, by their `value_key`."""
    where: dict[str, tuple[Span, ...]] = {}
    for entity in entities:
        for value in entity.searched_as:
            key = value_key(terms(value))
            where[key] = where.get(key, ()) + entity.spans
    return where


def changed_passages(article: Article) -> list[str]:
    """The headlines and paragraphs of earlier versions that no later one has."""
    if not article.earlier:
        return []
    known = {article.title, *article.text.split("\n")}
    found = []
    versions = zip(reversed(article.earlier), islice(texts(article), 1, None), strict=True)
    for version, text in versions:
        for passage in (version.title, *text.split("\n")):
            if passage not in known:
                known.add(passage)
                found.append(passage)
    return found


def kinds_of(article: Article) -> list[str]:
    """The values that `changed:` finds: the kinds of all edits, and `any` if there was an edit."""
    kinds = {change.kind for version in article.earlier for change in version.changes}
    return sorted({*kinds, ANY_CHANGE}) if article.earlier else []
