"""What a definition of a topic would tag, against the present one."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec

from enrich.topics import Topic, tag
from index.periods import latest
from index.store import Document, Search, Store
from query.article import prepare_enriched
from query.tree import Node, show
from query.warning import Warning  # noqa: A004 - it is not the exception
from results.parts import QueryWarning
from results.topics import Sample, TopicDay, TopicTrial

_PERIODS = (timedelta(days=30), timedelta(days=7), timedelta(days=1))
"""A trial takes the longest of them that has not too many articles."""
MOST = 1_000
"""Articles that are tried, of those that either definition finds."""
_SAMPLES = 5


class _Tagged(msgspec.Struct, frozen=True):
    """An article, and why each definition tags it; None where it does not."""

    document: Document
    before: str | None
    after: str | None


def trial(
    store: Store, before: Topic | None, after: Topic, now: datetime, warnings: Sequence[Warning] = ()
) -> TopicTrial:
    """What a definition would tag of late, by its own query.

    The time ends now, or with the newest article of an archive that gets none any more.

    Args:
        store: the archive.
        before: the present definition; None for a new topic.
        after: the one that is tried.
        now: the clock.
        warnings: likely mistakes in its query.
    """
    trees = [topic.tree for topic in (before, after) if topic]
    end = latest(store, now, _PERIODS[0])
    period = next((one for one in _PERIODS if _found(store, trees, end - one, end) <= MOST), _PERIODS[-1])
    since = end - period
    found = {document.enriched.article.id: document for document in _documents(store, trees, since, end)}
    tagged = [_Tagged(one, _clause(before, one), _clause(after, one)) for one in found.values()]
    tagged.sort(key=lambda one: one.document.enriched.article.time, reverse=True)
    kept = [one for one in tagged if one.before is not None and one.after is not None]
    gained = [one for one in tagged if one.before is None and one.after is not None]
    lost = [one for one in tagged if one.before is not None and one.after is None]
    return TopicTrial(
        query=show(after.tree),
        since=since.astimezone(UTC),
        until=end.astimezone(UTC),
        kept=len(kept),
        gained=len(gained),
        lost=len(lost),
        days=_days(since, end, {"kept": kept, "gained": gained, "lost": lost}),
        gained_samples=tuple(_sample(one.document, one.after) for one in gained[:_SAMPLES]),
        lost_samples=tuple(_sample(one.document, one.before) for one in lost[:_SAMPLES]),
        kept_samples=tuple(_sample(one.document, one.after) for one in kept[:_SAMPLES]),
        warnings=tuple(QueryWarning(one.kind, one.position, one.message) for one in warnings),
        complete=_found(store, trees, since, end) <= MOST,
    )


def _found(store: Store, trees: Sequence[Node], since: datetime, until: datetime) -> int:
    return sum(store.search(Search(query=tree, since=since, until=until, limit=0)).total for tree in trees)


def _documents(store: Store, trees: Sequence[Node], since: datetime, until: datetime) -> list[Document]:
    most = MOST // len(trees)
    return [
        hit.document
        for tree in trees
        for hit in store.search(Search(query=tree, since=since, until=until, sort="newest", limit=most)).hits
    ]


def _clause(topic: Topic | None, document: Document) -> str | None:
    """Why a definition tags an article; None if it does not."""
    if topic is None:
        return None
    alone = msgspec.structs.replace(topic, parent="")
    return next((one.clause for one in tag([alone], prepare_enriched(document.enriched))), None)


def _days(since: datetime, until: datetime, parts: Mapping[str, Sequence[_Tagged]]) -> tuple[TopicDay, ...]:
    counts: dict[date, dict[str, int]] = {}
    for name, articles in parts.items():
        for one in articles:
            day = counts.setdefault(one.document.enriched.article.time.astimezone(UTC).date(), {})
            day[name] = day.get(name, 0) + 1
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return tuple(
        TopicDay(day, *(counts.get(day, {}).get(name, 0) for name in ("kept", "gained", "lost")))
        for day in days
    )


def _sample(document: Document, clause: str | None) -> Sample:
    article = document.enriched.article
    published = article.published.astimezone(UTC) if article.published else None
    return Sample(article.id, article.title, article.source, published, clause or "")
