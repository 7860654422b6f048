"""The writer of the Elasticsearch store.

An article goes to the index of the period in which it was first seen, and stays there: a later version looks up its index by
id, so that no article is in two indices, also after the period was changed. Its version is the time `enriched`: a repeat of the
newest version is accepted, an older one that arrives late changes nothing.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from types import MappingProxyType
from typing import Any

import msgspec
import structlog

from index.arrivals import check_storable, in_its_story, latest, seen_first, version_of, without_changes
from index.elasticsearch.bulk import (
    AT_ONCE,
    MOST_DOCUMENTS,
    MOST_REGROUPED,
    Answer,
    Operation,
    Verdict,
    batches,
    fewer,
    more,
    operation,
    share,
    verdict,
)
from index.elasticsearch.cluster import BulkAnswer, Cluster
from index.elasticsearch.document import to_document, to_source
from index.elasticsearch.settings import Period
from index.elasticsearch.setup import index_of
from index.store import Document
from stream.errors import ConfigError, Reject, RetryLater
from stream.messages import Enriched, Regrouping

_log = structlog.get_logger()


class _Sighting(msgspec.Struct, frozen=True):
    """The stored data of an article that was indexed before."""

    index: str
    seen: datetime
    first_indexed: datetime


class Writer:
    """Takes articles into the indices behind an alias, which `index.elasticsearch.setup.set_up` has made.

    Args:
        cluster: the cluster; its owner closes it.
        alias: the alias that articles are read under.
        now: the clock for the time `indexed`, aware.
        moves: maps an index to the one that gets its articles from now on.
        period: of the articles that share an index.
    """

    def __init__(
        self,
        cluster: Cluster,
        alias: str,
        now: Callable[[], datetime],
        moves: Mapping[str, str] = MappingProxyType({}),
        period: Period = "month",
    ) -> None:
        self._cluster = cluster
        self._alias = alias
        self._now = now
        self._moves = moves
        self._period = period
        self._lock = threading.Lock()
        self._pending: dict[str, Enriched] = {}
        self._indexed: dict[str, datetime] = {}
        self._regrouped: list[Regrouping] = []
        self._refused: dict[str, Reject] = {}
        self._indices: set[str] = set()
        self._documents = MOST_DOCUMENTS
        self._refreshed = False  # a predecessor may have died between storing and refreshing

    def add(self, message: Enriched) -> None:
        """Take an article for the next `flush`; raises Reject if it can't be stored at all."""
        check_storable(message)
        with self._lock:
            for change in message.regrouped:
                self._pending = {key: in_its_story(one, change) for key, one in self._pending.items()}
                self._regrouped.append(change)
            earlier, message = self._pending.get(message.key), without_changes(message)
            self._pending[message.key] = latest(message, earlier) if earlier else message

    def take_over(self, document: Document) -> None:
        """Take an article from another archive, with the time at which it was indexed there."""
        self.add(document.enriched)
        self._indexed[document.enriched.key] = document.indexed

    def flush(self) -> Mapping[str, Reject]:
        """Make added articles durable and findable; returns the reason, by id, for those that Elasticsearch refused.

        Raises RetryLater if Elasticsearch can't store now (accepted articles are not sent again), ConfigError if it refuses to.
        """
        with self._lock:
            self._refresh()
            for change in self._regrouped:
                self._regroup(change)
            self._regrouped.clear()
            if self._pending:
                self._refreshed = False
                self._store(self._operations(), len(self._pending))
                self._refresh()
            refused, self._refused = self._refused, {}
            return refused

    def _regroup(self, change: Regrouping) -> None:
        """Bring the stored articles of a story, which precede all that were added since, to where they belong now."""
        if change.was == change.story:  # an older wirewatch named a part of a story as the whole
            return
        wanted: list[dict[str, Any]] = [{"term": {"story": change.was}}]
        if change.articles:
            wanted.append({"ids": {"values": change.articles}})
        body = {
            "query": {"bool": {"filter": wanted}},
            "size": MOST_REGROUPED,
            "_source": {"excludes": ["terms"]},
            "version": True,
        }
        while found := self._cluster.search(body, self._alias)["hits"]["hits"]:
            answers = self._cluster.bulk([_regrouping(hit, change.story) for hit in found])
            verdicts = (
                Verdict.STORED,
                Verdict.OLDER,
            )  # a newer version that has come meanwhile is found next
            refused = [one for one in answers.answers if verdict(one) not in verdicts]
            if refused:
                raise RetryLater(
                    f"elasticsearch-{refused[0].status}",
                    f"Elasticsearch can't store now: {refused[0].reason}",
                )
            self._cluster.refresh(self._alias)

    def _refresh(self) -> None:
        if not self._refreshed:
            self._cluster.refresh(self._alias)
            self._refreshed = True

    def _operations(self) -> Iterator[Operation]:
        """What stores the added articles, made one by one: requests with the first are under way meanwhile."""
        now, messages = self._now(), list(self._pending.values())
        known = self._known(list(self._pending))
        for index in {self._index_of(one, known.get(one.key)) for one in messages} - self._indices:
            self._cluster.create_index(index)
            self._indices.add(index)
        return (self._operation(one, known.get(one.key), self._indexed.get(one.key, now)) for one in messages)

    def _index_of(self, message: Enriched, known: _Sighting | None) -> str:
        if known is None:
            return index_of(self._alias, message.article.seen, self._period)
        return self._moves.get(known.index, known.index)

    def _operation(self, message: Enriched, known: _Sighting | None, indexed: datetime) -> Operation:
        index, version = self._index_of(message, known), version_of(message)
        if known is None:
            return operation(message.key, index, version, to_source(message, indexed, indexed))
        source = to_source(seen_first(message, known.seen), known.first_indexed, indexed)
        return operation(message.key, index, version, source)

    def _known(self, ids: Sequence[str]) -> dict[str, _Sighting]:
        """Which of the given articles are stored."""
        known = {}
        for start in range(0, len(ids), MOST_DOCUMENTS):
            chunk = ids[start : start + MOST_DOCUMENTS]
            body = {
                "query": {"ids": {"values": chunk}},
                "size": len(chunk),
                "_source": ["seen", "first_indexed"],
            }
            for hit in self._cluster.search(body, self._alias)["hits"]["hits"]:
                known[hit["_id"]] = msgspec.convert({"index": hit["_index"], **hit["_source"]}, _Sighting)
        return known

    def _store(self, operations: Iterable[Operation], number: int) -> None:
        """Send operations, whose number is given, several requests at once. Raises the first fault once all have answered."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="bulk") as pool:
            sent = [
                (batch, pool.submit(self._cluster.bulk, batch))
                for batch in batches(operations, share(number, self._documents))
            ]
        again: list[Operation] = []
        faults: list[RetryLater | ConfigError] = []
        for batch, answer in sent:
            try:
                again += self._left(batch, answer.result())
            except (RetryLater, ConfigError) as fault:
                faults.append(fault)
        if faults:
            raise faults[0]
        if again:
            self._store(again, len(again))

    def _left(self, batch: Sequence[Operation], answer: BulkAnswer) -> Sequence[Operation]:
        """What is to be sent again at once, in smaller requests. Raises RetryLater, ConfigError: see `flush`."""
        if answer.whole and answer.answers[0].status != 429 and len(batch) > 1:
            self._documents = fewer(len(batch))  # too large, or one of them makes it malformed
            return batch
        self._settle(batch, answer.answers)
        self._documents = more(self._documents)
        return ()

    def _settle(self, batch: Sequence[Operation], answers: Sequence[Answer]) -> None:
        """Drop operations that need no retry; raises RetryLater if any does."""
        later: Answer | None = None
        for one, answer in zip(batch, answers, strict=True):
            match verdict(answer):
                case Verdict.LATER:
                    later = answer
                    continue
                case Verdict.MISFIT:
                    raise ConfigError(_misfit(one, answer))
                case Verdict.REFUSED:
                    self._refused[one.id] = _reject(answer)
                case Verdict.OLDER:
                    _log.info("an older version was left out", id=one.id, index=one.index)
                case Verdict.STORED:
                    pass
            del self._pending[one.id]
            self._indexed.pop(one.id, None)
        if later:
            self._documents = fewer(len(batch))
            self._indices.clear()  # an index may have been deleted
            raise RetryLater(
                f"elasticsearch-{later.status}", f"Elasticsearch can't store now: {later.reason}"
            )


def _regrouping(hit: Mapping[str, Any], story: str) -> Operation:
    """The operation that puts a stored article into another story. It stores the document anew: a partial update would lose
    what is indexed but not kept in `_source`."""
    source = hit["_source"]
    document = to_document(source)
    enriched = msgspec.structs.replace(document.enriched, story=story)
    first_indexed = msgspec.convert(source["first_indexed"], datetime)
    return operation(
        hit["_id"], hit["_index"], hit["_version"], to_source(enriched, first_indexed, document.indexed)
    )


def _reject(answer: Answer) -> Reject:
    kind = "too-large" if answer.status == 413 else "refused-by-store"
    return Reject(
        kind, f"Elasticsearch refused the article ({answer.status} {answer.error}): {answer.reason}"
    )


def _misfit(one: Operation, answer: Answer) -> str:
    return (
        f"the index {one.index} in Elasticsearch has another mapping than wirewatch's: {answer.reason}; "
        "delete the index if it is empty, or set elasticsearch.prefix to a new name"
    )
