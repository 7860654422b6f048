"""What an archive has of a person, organisation or place. Made of searches and counts, so that both stores give the same."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

from index.counts import Count, CountBy, Counts
from index.intervals import edges, unit_for
from index.periods import period
from index.store import Search, Store
from query.parse import parse
from query.tokens import terms
from query.values import value_key
from results import counts as public
from results.entity import Companion, Entity, Pair, Spelling
from results.parts import EntityType
from stream.errors import QueryError
from stream.messages import Enriched
from stream.messages import Entity as Named

SAMPLED = 200
"""Articles that are read for spellings and pairs."""
COMPANIONS, IN_PAIRS, SPELLINGS, OTHERS = 24, 12, 12, 10
_VALUES = 10
_DECADE = timedelta(days=3650)
_KINDS: Mapping[CountBy, EntityType] = {"person": "person", "organisation": "organisation", "place": "place"}


def find_entity(store: Store, key: str, since: datetime | None = None) -> Entity | None:
    """An entity by its name, its id (`iso3166:SY`), or the id without the scheme; None if no article names it.

    Args:
        store: the archive.
        key: the name or id.
        since: aware; only articles from then on count.
    """
    query = query_for(key)
    try:
        search = Search(query=parse(query), since=since, sort="newest", limit=SAMPLED)
    except QueryError:
        return None  # no word in it
    articles = [hit.document.enriched for hit in store.search(search).hits]
    named = _meant(articles, key)
    if not named:
        return None
    (entity_id, name, kind), *others = named
    between = _edges(store, search)
    count = Count(
        by=("topic", "source", "language", *_KINDS),
        most=COMPANIONS + len(named),
        edges=between,
        with_stories=False,
    )
    counts = store.counts(search, count)
    companions = _companions(counts, {one[1] for one in named})
    first, last = store.period(search) or (articles[-1].article.time, articles[0].article.time)
    return Entity(
        name=name,
        id=entity_id or None,
        type=kind,
        others=tuple(other_id or other for other_id, other, _ in others)[:OTHERS],
        query=query,
        since=since.astimezone(UTC) if since else None,
        articles=counts.articles,
        stories=counts.stories,
        first=first.astimezone(UTC),
        last=last.astimezone(UTC),
        sampled=len(articles),
        spellings=_spellings(articles, key),
        topics=_tallies(counts, "topic"),
        sources=_tallies(counts, "source"),
        languages=_tallies(counts, "language"),
        companions=companions,
        pairs=_pairs(articles, [one.name for one in companions[:IN_PAIRS]]),
        over_time=tuple(
            public.Stretch(
                since=one.since.astimezone(UTC),
                until=one.until.astimezone(UTC),
                articles=one.articles,
                stories=0,
            )
            for one in counts.stretches
        ),
    )


def query_for(key: str) -> str:
    """The query that finds the articles of an entity."""
    return f'entity:"{key.replace(chr(34), " ").strip()}"'


def _meant(articles: Sequence[Enriched], key: str) -> list[tuple[str, str, EntityType]]:
    """Who may be meant, the most frequent first: id, the name that is most frequent, and type."""
    names: dict[str, Counter[tuple[str, EntityType]]] = {}
    for named in _of(articles, key):
        names.setdefault(named.id or named.name, Counter())[named.name, named.type] += 1
    found = sorted(names.items(), key=lambda one: (-one[1].total(), one[0]))
    made = []
    for either, counted in found:
        (name, kind), _ = min(counted.items(), key=lambda one: (-one[1], one[0]))
        made.append((either if either != name else "", name, kind))
    return made


def _of(articles: Sequence[Enriched], key: str) -> Iterator[Named]:
    """The entities of articles that the key means."""
    wanted = value_key(terms(key))
    for enriched in articles:
        for named in enriched.entities:
            if any(value_key(terms(value)) == wanted for value in named.searched_as):
                yield named


def _spellings(articles: Sequence[Enriched], key: str) -> tuple[Spelling, ...]:
    counted: Counter[str] = Counter()
    for enriched in articles:
        texts = {"title": enriched.article.title, "text": enriched.article.text}
        for named in _of([enriched], key):
            counted.update(
                texts[span.field][span.start : span.end] for span in named.spans if span.field in texts
            )
    ordered = sorted(
        ((text, times) for text, times in counted.items() if text.strip()), key=lambda one: (-one[1], one[0])
    )
    return tuple(Spelling(text, times) for text, times in ordered[:SPELLINGS])


def _companions(counts: Counts, own: set[str]) -> tuple[Companion, ...]:
    found = [
        Companion(tally.value, kind, tally.articles)
        for by, kind in _KINDS.items()
        for tally in counts.by[by]
        if tally.value not in own
    ]
    return tuple(sorted(found, key=lambda one: (-one.articles, one.name, one.type))[:COMPANIONS])


def _pairs(articles: Sequence[Enriched], names: Sequence[str]) -> tuple[Pair, ...]:
    counted: Counter[tuple[str, str]] = Counter()
    for enriched in articles:
        here = {entity.name for entity in enriched.entities}
        counted.update(combinations(sorted(name for name in set(names) if name in here), 2))
    return tuple(
        Pair(*pair, number) for pair, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    )


def _tallies(counts: Counts, by: CountBy) -> tuple[public.Tally, ...]:
    return tuple(public.Tally(one.value, one.articles, 0) for one in counts.by[by][:_VALUES])


def _edges(store: Store, search: Search) -> tuple[datetime, ...]:
    found = period(store, search)
    if found is None:
        return ()
    first, last = found
    try:
        return edges(first, last, unit_for(last - first))
    except ValueError:  # one article is dated centuries off: count what is near the newest
        return edges(last - _DECADE, last, "month")
