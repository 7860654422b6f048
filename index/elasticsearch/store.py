"""The store on an Elasticsearch cluster, version 9.

Articles are stored in indices by the month, week or day in which they were first seen, behind the alias `<prefix>-articles`.
Any number of processes may write and read. Searches use the fields filled by query/tokens.py, so they find what live matching
finds.
"""

import re
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import msgspec

from index.aggregations import aggregations, answer, of_period, of_sizes, period, sizes
from index.counts import Count, Counts
from index.elasticsearch.cluster import Cluster, in_view
from index.elasticsearch.document import to_document
from index.elasticsearch.query import COUNTED, compile_search, sort_of
from index.elasticsearch.settings import Elasticsearch, alias_of
from index.elasticsearch.setup import check, set_up
from index.elasticsearch.writer import Writer
from index.folding import firsts
from index.hits import make_fold, make_hit
from index.searchable import microseconds
from index.store import Arrival, Document, Facet, Fold, Hit, Hits, Search
from stream.errors import ConfigError, Reject, RetryLater
from stream.messages import Enriched

_PAGE = 500
"""Articles per response when many are read; more are read page by page."""

_BUCKETS = 1000
_FACETS = {
    "topic": "topics.topic",
    "source": "source_name",
    "language": "language",
    "entity": "entity_names",
}
_SOURCE = {"excludes": ["terms"]}
_IN_ORDER_OF_ARRIVAL = [{"first_indexed": "asc"}, {"id": "asc"}]
_SETTLED = timedelta(seconds=5)
"""Several processes may write, and what one began to write first may be found last: so long an arrival waits."""
_PLACE = re.compile(r"(\d{1,15})-([0-9a-f]{1,64})")
_OLDEST_INDEXED = [{"indexed": "asc"}, {"_seq_no": "asc"}, {"id": "asc"}]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ElasticsearchStore:
    """The store under a prefix; index/store.py says what its methods promise. Made by `open`."""

    def __init__(
        self, cluster: Cluster, alias: str, writer: Writer | None, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._cluster = cluster
        self._now = now
        self._alias = alias
        self._writer = writer

    @classmethod
    def open(
        cls,
        settings: Elasticsearch,
        *,
        readonly: bool = False,
        now: Callable[[], datetime] = _utc_now,
    ) -> Self:
        """Open the store under the prefix of the settings.

        Args:
            settings: how Elasticsearch is reached, and the prefix of its index names.
            readonly: only read; otherwise template and index are created if missing.
            now: the clock for the time `indexed`, aware.

        Raises:
            ConfigError: Elasticsearch does not respond or denies access, there is nothing to read yet, or an index with one
                of our names was created by something else or by other rules.
        """
        with ExitStack() as held:
            cluster = Cluster(settings)
            held.callback(cluster.close)
            alias = alias_of(settings.prefix)
            try:
                _prepare(cluster, settings, None if readonly else now())
            except RetryLater as error:
                raise ConfigError(
                    f"{error.reason}: does it run, and is elasticsearch.hosts right?"
                ) from error
            held.pop_all()
            writer = None if readonly else Writer(cluster, alias, now, period=settings.period)
            return cls(cluster, alias, writer, now)

    def add(self, message: Enriched) -> None:
        """Take an article; raises Reject if it can't be stored at all."""
        self._writing().add(message)

    def take_over(self, document: Document) -> None:
        """Take an article from another archive, with the time at which it was indexed there."""
        self._writing().take_over(document)

    def flush(self) -> Mapping[str, Reject]:
        """Make added articles durable and findable; writer.py says what it returns and raises."""
        return self._writing().flush()

    def _writing(self) -> Writer:
        if self._writer is None:
            raise ConfigError("the archive was opened for reading only")
        return self._writer

    def search(self, search: Search) -> Hits:
        """Find articles; the spans are what live matching gives for the stored text."""
        total, found = self._found(_body(search), search.offset, max(search.limit, 0))
        return Hits(total, tuple(_hit(hit, search) for hit in found))

    def folds(self, search: Search) -> Sequence[Fold]:
        """A page of a search's stories: their first hits are found without the articles, which are read with the sizes."""
        body, keys = _body(search), ["story"]

        def best(number: int) -> Sequence[tuple[str, dict[str, Any]]]:
            hits = self._found(body, 0, number, keys)[1]
            return [(hit["_source"].get("story") or hit["_id"], hit) for hit in hits]

        first = firsts(best, search.offset, search.limit)
        if not first:
            return ()
        found = self._cluster.search(_with_sizes(search, first), self._alias)
        known, whole = sizes(found["aggregations"]), {hit["_id"]: hit for hit in found["hits"]["hits"]}
        return [
            make_fold(_hit({**whole[hit["_id"]], "_score": hit["_score"]}, search), known.get(story))
            for story, hit in first.items()
            if hit["_id"] in whole
        ]

    def period(self, search: Search) -> tuple[datetime, datetime] | None:
        """The first and the last time of what a search finds."""
        body = {"size": 0, "query": compile_search(search), "aggs": of_period("timeline_us")}
        return period(self._cluster.search(body, self._alias)["aggregations"])

    def each(self, search: Search) -> Iterator[Hit]:
        """All articles that a search finds, in its order, as of now."""
        with closing(self._pages(_body(search))) as pages:
            for hits in pages:
                yield from (_hit(hit, search) for hit in hits["hits"])

    def _found(
        self, body: dict[str, Any], offset: int, limit: int, source: Any = _SOURCE
    ) -> tuple[int, list[dict[str, Any]]]:
        """The total, and the hits of a page; a distant or large page is gathered from pages of one point in time."""
        if offset + limit <= _PAGE:
            page = {**body, "from": offset, "size": limit, "_source": source}
            hits = self._cluster.search(page, self._alias)["hits"]
            return hits["total"]["value"], hits["hits"]
        total, found = 0, []
        with closing(self._pages(body, source)) as pages:
            for hits in pages:
                total = hits["total"]["value"]
                found += hits["hits"]
                if len(found) >= offset + limit:
                    break
        return total, found[offset : offset + limit]

    def _pages(self, body: dict[str, Any], source: Any = _SOURCE) -> Generator[dict[str, Any]]:
        """All hits of a search, a page at a time, as of now."""
        page = {**body, "size": _PAGE, "_source": source}
        view = self._cluster.open_view(self._alias)
        try:
            while True:
                answer = self._cluster.search({**page, "pit": in_view(view)})
                view, hits = answer["pit_id"], answer["hits"]
                yield hits
                if len(hits["hits"]) < _PAGE:
                    return
                page["search_after"] = hits["hits"][-1]["sort"]
        finally:
            self._cluster.close_view(view)

    def get(self, article_id: str) -> Document | None:
        """One article; None if there is none."""
        return self.get_many([article_id]).get(article_id)

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Document]:
        """Some articles by their ids; those that there are."""
        body = {"query": {"ids": {"values": list(ids)}}, "size": len(ids), "_source": _SOURCE}
        hits = self._cluster.search(body, self._alias)["hits"]["hits"]
        return {hit["_id"]: _document(hit) for hit in hits}

    def find_ids(self, prefix: str, limit: int = 10) -> list[str]:
        """The ids that start with a prefix, in order."""
        body = {"query": {"prefix": {"id": prefix}}, "sort": [{"id": "asc"}], "_source": False, "size": limit}
        return [hit["_id"] for hit in self._cluster.search(body, self._alias)["hits"]["hits"]]

    def count(self) -> int:
        """How many articles there are."""
        total, _ = self._found({"track_total_hits": True}, 0, 0)
        return total

    def counts(self, search: Search, count: Count) -> Counts:
        """How many articles a search finds, by the values of fields and by time."""
        edges = [microseconds(edge) for edge in count.edges]
        body = {
            "size": 0,
            "track_total_hits": True,
            "query": compile_search(search),
            "aggs": aggregations(count, COUNTED, "story", "timeline_us", edges),
        }
        found = self._cluster.search(body, self._alias)
        return answer(count, found["hits"]["total"]["value"], found["aggregations"])

    def facet(self, field: Facet) -> Mapping[str, int]:
        """How many articles have each value of a field, the most frequent first."""
        counts = dict(self._buckets(_FACETS[field]))
        return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))

    def _buckets(self, field: str) -> Iterator[tuple[str, int]]:
        composite: dict[str, Any] = {"size": _BUCKETS, "sources": [{"value": {"terms": {"field": field}}}]}
        while True:
            body = {"size": 0, "aggs": {"values": {"composite": composite}}}
            values = self._cluster.search(body, self._alias)["aggregations"]["values"]
            yield from ((bucket["key"]["value"], bucket["doc_count"]) for bucket in values["buckets"])
            if "after_key" not in values:
                return
            composite["after"] = values["after_key"]

    def scan(self) -> Generator[Document, None, None]:
        """Every article as of the start of the scan, oldest indexed first; articles stored in the meantime are not seen."""
        with closing(self._pages({"sort": _OLDEST_INDEXED})) as pages:
            for hits in pages:
                yield from map(_document, hits["hits"])

    def last_arrival(self) -> str:
        """The place of the article that came last; '' in an empty archive."""
        backwards = [{name: "desc"} for one in _IN_ORDER_OF_ARRIVAL for name in one]
        found = self._settled({"sort": backwards, "size": 1, "_source": False})
        return _place(found[0]) if found else ""

    def arrivals(self, after: str, limit: int = 500) -> Sequence[Arrival]:
        """The articles that came after a place, five seconds after they came."""
        asked: dict[str, Any] = {"sort": _IN_ORDER_OF_ARRIVAL, "size": limit, "_source": _SOURCE}
        if after:
            asked["search_after"] = _read_place(after)
        return [Arrival(_place(hit), _document(hit)) for hit in self._settled(asked)]

    def _settled(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """The hits of a search among the articles that no writer can be in the middle of."""
        until = (self._now() - _SETTLED).isoformat()
        query = {"range": {"first_indexed": {"lte": until}}}
        hits: list[dict[str, Any]] = self._cluster.search({**asked, "query": query}, self._alias)["hits"][
            "hits"
        ]
        return hits

    def close(self) -> None:
        """Close the connections; articles that were not flushed are dropped."""
        self._cluster.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _prepare(cluster: Cluster, settings: Elasticsearch, now: datetime | None) -> None:
    """Create what is missing or, without a time, check that there is something to read."""
    if now:
        set_up(cluster, settings, now)
        return
    alias = alias_of(settings.prefix)
    check(cluster, alias)
    if not cluster.has_alias(alias):
        raise ConfigError(f"there is no archive {alias} at {cluster.name} yet: `wirewatch run` creates it")


def _body(search: Search) -> dict[str, Any]:
    return {"query": compile_search(search), "sort": sort_of(search), "track_total_hits": True}


def _with_sizes(search: Search, first: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The request for the first hits of some stories, and how much of each story the search finds."""
    ids = {"ids": {"values": [hit["_id"] for hit in first.values()]}}
    of_them = {"bool": {"should": [{"terms": {"story": list(first)}}, ids]}}
    return {
        "query": {"bool": {"filter": [compile_search(search), of_them]}},
        "aggs": of_sizes("story", COUNTED["source"], "timeline_us", len(first)),
        "post_filter": ids,
        "size": len(first),
        "_source": _SOURCE,
    }


def _hit(hit: Mapping[str, Any], search: Search) -> Hit:
    scored = search.sort == "relevance" and search.query is not None
    return make_hit(_document(hit), hit["_score"] if scored else 0.0, search.query)


def _place(hit: Mapping[str, Any]) -> str:
    """Its place among the arrivals: milliseconds since 1970, and the id."""
    milliseconds, article_id = hit["sort"]
    return f"{milliseconds}-{article_id}"


def _read_place(place: str) -> tuple[int, str]:
    found = _PLACE.fullmatch(place)
    if found is None:
        raise ValueError(f"{place[:40]!r} is no place in this archive")
    return int(found[1]), found[2]


def _document(hit: Mapping[str, Any]) -> Document:
    try:
        return to_document(hit["_source"])
    except (msgspec.ValidationError, KeyError) as error:
        raise ConfigError(
            f"{hit['_index']}/{hit['_id']} in Elasticsearch is not an article: {error}"
        ) from error
