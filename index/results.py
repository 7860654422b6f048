"""The documents that wirewatch shows, built from the store: an article, a hit, a page of hits."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from index.counts import Counts, Tally
from index.earlier import only_earlier
from index.edits import edits
from index.snippet import snippet
from index.store import Document, Hit, Hits, Search
from query.article import prepare_enriched
from query.explain import because
from query.match import Prepared, matches
from query.tree import Node, show
from results import article as public
from results import counts as public_counts
from results.alert import Firing
from results.counts import Counts as PublicCounts
from results.parts import (
    Coverage,
    EntityName,
    Head,
    Mark,
    QueryWarning,
    Snippet,
    TopicName,
)
from results.parts import Hit as PublicHit
from results.parts import Span as PublicSpan
from results.search import Query, Suggestion
from results.search import Search as Page
from stream.messages import Article, Enriched, Entity, Span

IsSalient = Callable[[Sequence[Span], Prepared], bool]
"""Whether an article is about the entity with these spans."""


def search_document(
    hits: Hits,
    search: Search,
    text: str,
    coverage: Coverage | None,
    warnings: Sequence[QueryWarning],
    suggestions: Sequence[Suggestion],
) -> Page:
    """A page of hits.

    Args:
        hits: the hits from the store.
        search: the search request.
        text: the query as typed.
        coverage: how many of the listed feeds were answering; None if unknown.
        warnings: likely mistakes in the query.
        suggestions: similar queries that find more.
    """
    end = search.offset + len(hits.hits)
    return Page(
        query=query_document(search, text),
        total=hits.total,
        total_exact=True,
        offset=search.offset,
        limit=search.limit,
        next_offset=end if hits.hits and end < hits.total else None,
        hits=tuple(hit_document(hit, search.query) for hit in hits.hits),
        coverage=coverage,
        warnings=tuple(warnings),
        suggestions=tuple(suggestions),
    )


def query_document(search: Search, text: str) -> Query:
    """The search request; `text` is the query as typed."""
    return Query(
        text=text,
        understood=show(search.query) if search.query else None,
        topics=search.topics,
        sources=search.sources,
        languages=search.languages,
        since=utc(search.since),
        until=utc(search.until),
        sort=search.sort,
    )


def counts_document(counts: Counts, search: Search, text: str, coverage: Coverage | None) -> PublicCounts:
    """How many articles a search finds; see `search_document` for the arguments."""
    return PublicCounts(
        query=query_document(search, text),
        articles=counts.articles,
        stories=counts.stories,
        fields=tuple(public_counts.Field(by, _tallies(found)) for by, found in counts.by.items()),
        over_time=tuple(
            public_counts.Stretch(
                since=one.since.astimezone(UTC),
                until=one.until.astimezone(UTC),
                articles=one.articles,
                stories=one.stories,
            )
            for one in counts.stretches
        ),
        coverage=coverage,
    )


def _tallies(tallies: Sequence[Tally]) -> tuple[public_counts.Tally, ...]:
    return tuple(public_counts.Tally(one.value, one.articles, one.stories) for one in tallies)


def hit_document(hit: Hit, query: Node | None) -> PublicHit:
    """An article that was found, and why."""
    enriched, article = hit.document.enriched, hit.document.enriched.article
    shown = snippet(article.text, hit.spans)
    return PublicHit(
        article=head(enriched),
        title_marks=tuple(Mark(span.start, span.end) for span in hit.spans if span.field == "title"),
        snippet=Snippet("text", shown.text, tuple(Mark(*mark) for mark in shown.marks)),
        clause=_clause(query, hit.prepared or prepare_enriched(enriched)) if query else None,
        earlier=only_earlier(query, enriched) if query else None,
    )


def _clause(query: Node, prepared: Prepared) -> str | None:
    """Why it matches; None if its newest version no longer does (see index/embedded/store.py)."""
    return show(because(query, prepared)) if matches(query, prepared) else None


def head(enriched: Enriched) -> Head:
    """The summary of an article in a list."""
    article = enriched.article
    return Head(
        id=article.id,
        url=article.url,
        title=article.title,
        source=article.source,
        language=language_or_none(enriched.language),
        published=utc(article.published),
        seen=article.seen.astimezone(UTC),
        story=enriched.story or None,
        authors=_authors(article),
        published_from=article.published_from or None,
        published_doubt=utc(article.published_doubt),
        published_doubt_from=article.published_doubt_from or None,
        kind=article.content_status,
        edited=utc(article.edited),
        withdrawn=utc(article.withdrawn),
        topics=tuple(TopicName(tag.topic, tag.name) for tag in enriched.topics),
        entities=tuple(
            EntityName(one.id or None, one.name, one.type, len(one.spans)) for one in enriched.entities
        ),
    )


def article_document(document: Document, is_salient: IsSalient, alerts: Sequence[Firing]) -> public.Article:
    """All data of an article.

    Args:
        document: the stored document.
        is_salient: returns whether the article is about one of its entities.
        alerts: the alerts that reported it.
    """
    enriched, article = document.enriched, document.enriched.article
    return public.Article(
        id=article.id,
        url=article.url,
        canonical=article.url,
        title=article.title,
        title_from=article.title_from or None,
        source=article.source,
        site_name=article.site_name or None,
        section=article.section or None,
        authors=_authors(article),
        authors_from=article.author_from or None,
        language=language_or_none(enriched.language),
        declared_language=article.declared_language or None,
        published=utc(article.published),
        published_from=article.published_from or None,
        published_doubt=utc(article.published_doubt),
        published_doubt_from=article.published_doubt_from or None,
        published_precision=article.published_precision or None,
        modified=utc(article.modified),
        modified_from=article.modified_from or None,
        seen=article.seen.astimezone(UTC),
        fetched=article.fetched.astimezone(UTC),
        extracted=article.extracted.astimezone(UTC),
        enriched=enriched.enriched.astimezone(UTC),
        indexed=document.indexed.astimezone(UTC),
        text=article.text,
        summary=article.summary,
        word_count=article.word_count,
        image=article.image or None,
        links=article.links,
        topics=_topics(enriched),
        entities=_entities(enriched, is_salient),
        story=enriched.story or None,
        kind=article.content_status,
        backfill=article.backfill,
        feed=article.feed,
        extraction=_extraction(enriched),
        version=article.version,
        edited=utc(article.edited),
        withdrawn=utc(article.withdrawn),
        edits=edits(article),
        alerts=tuple(alerts),
    )


def _topics(enriched: Enriched) -> tuple[public.Topic, ...]:
    return tuple(
        public.Topic(
            id=tag.topic,
            name=tag.name,
            clause=tag.clause,
            spans=_spans(tag.spans),
            version=tag.version or None,
        )
        for tag in enriched.topics
    )


def _entities(enriched: Enriched, is_salient: IsSalient) -> tuple[public.Entity, ...]:
    prepared = prepare_enriched(enriched)

    def shown(one: Entity) -> public.Entity:
        return public.Entity(
            id=one.id or None,
            name=one.name,
            type=one.type,
            count=len(one.spans),
            salient=is_salient(one.spans, prepared),
            spans=_spans(one.spans),
        )

    return tuple(map(shown, enriched.entities))


def _spans(spans: Sequence[Span]) -> tuple[PublicSpan, ...]:
    return tuple(PublicSpan(span.field, span.start, span.end) for span in spans)


def _extraction(enriched: Enriched) -> public.Extraction:
    article = enriched.article
    kind, _, reason = article.instead_of.partition(": ")
    return public.Extraction(
        text_is_from="feed" if article.instead_of else "page",
        instead_of_kind=kind or None,
        instead_of_reason=reason or None,
        quotes=article.quotes or None,
        hearsay=article.hearsay,
        text_was=article.cut_from or None,
        entities_within=enriched.enriched_to or None,
    )


def _authors(article: Article) -> tuple[str, ...]:
    return tuple(name for name in article.author.split(", ") if name)


def language_or_none(language: str) -> str | None:
    """None for unknown values."""
    return None if language in ("", "unknown") else language


def utc(moment: datetime | None) -> datetime | None:
    """The time in UTC, as documents show it."""
    return moment.astimezone(UTC) if moment else None
