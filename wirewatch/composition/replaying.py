"""Runs stages again over what the archive or the log holds, behind live news.

What is to be done again is put into the stage's topic a little at a time: only while little waits there and before all later
stages, so that a live article passes within about a second. A record in the log says how far a replay is; one that was stopped,
or killed, goes on from there. What is done twice replaces itself.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec

from index.store import Document, Store
from query.article import prepare_enriched
from query.match import matches
from query.tree import Node
from stream.log.base import Consumer, Log, Outgoing, Record
from stream.messages import Enriched, Entry, article_id, decode, encode
from stream.persist import until_possible
from stream.trace import trace_of
from wirewatch.topics import BESIDE, ENTRIES, REPLAYER, REPLAYS, STAGES, Replay

FROM_ARCHIVE = "enrich"
"""The stage whose messages are the archive's articles; the others read again what their topics hold."""
REPLAYABLE = ("fetch", "extract", "enrich", "relate", "index")
FEWEST = 20
"""Messages that may always wait for the stage, so that it has something to do."""
MOST = 500
"""Messages that may wait for it at most, however fast it is."""
LOOK_SECONDS = 0.25
"""Between looks at how much waits."""
RECORD_SECONDS = 2.0
"""Between records of how far it is."""
READ_SECONDS = 5.0
"""Without a message for so long, it is asked whether there is one left: a topic may have been trimmed."""


@dataclass(frozen=True)
class Wanted:
    """What is to be done again.

    Attributes:
        stage: the first stage.
        since: only what came in since then; None: all.
        query: only articles that match; None: all.
        said: the options as they were typed: a replay of the same goes on where it was stopped.
    """

    stage: str
    since: datetime | None
    query: Node | None
    said: str

    def takes(self, enriched: Enriched) -> bool:
        """Whether an article of the archive is meant."""
        if self.since is not None and enriched.article.seen < self.since:
            return False
        return self.query is None or matches(self.query, prepare_enriched(enriched))


@dataclass(frozen=True)
class Progress:
    """How far a replay is: `done` of `total` messages were handed over, `rate` a second since this process began."""

    done: int
    total: int
    rate: float

    @property
    def seconds_left(self) -> float | None:
        """An estimate; None while there is none."""
        return (self.total - self.done) / self.rate if self.rate else None


Batch = tuple[list[Outgoing], int]
"""Messages to put into the topic, and how many were read to find them."""


class Source:
    """What is to be done again, in batches. `done` is called when a batch is in the topic."""

    def __init__(self, read: Callable[[int], Batch | None], done: Callable[[], None]) -> None:
        self.read = read
        self.done = done


def begin(log: Log, store: Store | None, wanted: Wanted, now: datetime, *, anew: bool) -> Replay:
    """The record of this replay: that of a stopped one, if there is one and the caller does not want to begin anew."""
    before = log.latest(REPLAYS.name).get(wanted.said)
    known = decode(before, Replay) if before else None
    if known and not known.over and not anew:
        return known
    topic = STAGES[wanted.stage].name
    if wanted.stage == FROM_ARCHIVE and store is not None:
        return Replay(key=wanted.said, stage=wanted.stage, started=now, total=store.count())
    log.consumer(REPLAYER, topic).close()  # a group must be known before it can be set back
    total = log.rewind(REPLAYER, topic, wanted.since)
    return Replay(key=wanted.said, stage=wanted.stage, started=now, total=total, ends=dict(log.ends(topic)))


def from_archive(documents: Iterator[Document], wanted: Wanted, replay: Replay) -> Source:
    """The archive's articles, as if they had just been extracted. Those that were tagged since the replay began are done."""

    def read(limit: int) -> Batch | None:
        found: list[Outgoing] = []
        looked = 0
        for document in documents:
            looked += 1
            enriched = document.enriched
            if enriched.enriched < replay.started and wanted.takes(enriched):
                article = enriched.article
                found.append(
                    Outgoing(
                        STAGES[FROM_ARCHIVE].name, article.key, encode(article), trace=trace_of(article.key)
                    )
                )
            if len(found) >= limit:
                break
        return (found, looked) if looked else None

    return Source(read, lambda: None)


def from_log(log: Log, consumer: Consumer, store: Store | None, wanted: Wanted, replay: Replay) -> Source:
    """What the stage's topic held when the replay began. A message that stands there twice is taken once."""
    topic, left, seen = STAGES[wanted.stage].name, dict(replay.ends), set[bytes]()
    ids = _ids(store, wanted) if wanted.query is not None and store is not None else None
    reached: dict[int, int] = {}

    def read(limit: int) -> Batch | None:
        if all(reached.get(number, 0) >= end for number, end in left.items()):
            return None
        records = consumer.poll(limit, READ_SECONDS)
        if not records:  # a broker may be slow, or partitions on their way to us
            consumer.commit(reached)
            return ([], 0) if log.progress(REPLAYER, topic).lag else None
        found = []
        for record in records:
            reached[record.partition] = record.offset + 1
            digest = hashlib.blake2b(record.key.encode() + b"\0" + record.value, digest_size=8).digest()
            old = record.offset < left.get(record.partition, 0)
            recent = wanted.since is None or record.appended >= wanted.since
            meant = old and recent and digest not in seen
            if meant and (ids is None or _about(topic, record, ids)):
                found.append(Outgoing(topic, record.key, record.value, trace=record.trace))
            seen.add(digest)
        return found, sum(one.offset < left.get(one.partition, 0) for one in records)

    return Source(read, lambda: consumer.commit(reached))


def _ids(store: Store, wanted: Wanted) -> frozenset[str]:
    """The ids of the articles that a query finds, and of the addresses that they were fetched from."""
    found = (document.enriched.article for document in store.scan() if wanted.takes(document.enriched))
    return frozenset(one for article in found for one in (article.key, article_id(article.url)))


def _about(topic: str, record: Record, ids: frozenset[str]) -> bool:
    """Whether a message is about one of these articles."""
    return (article_id(decode(record.value, Entry).url) if topic == ENTRIES.name else record.key) in ids


class Replayer:
    """Hands a source over to a stage, as fast as live news allows.

    Args:
        log: the log.
        replay: the record of it so far.
        rate: messages a second at most; None: as many as leave room.
        tell: told how far it is.
    """

    def __init__(
        self, log: Log, replay: Replay, rate: float | None, tell: Callable[[Progress], None]
    ) -> None:
        names = list(STAGES)
        self._log = log
        self._replay = replay
        self._rate = rate
        self._tell = tell
        self._later = [
            name for name in names[names.index(replay.stage) :] if name not in (*BESIDE, "deliver")
        ]
        self._begun = time.monotonic()
        self._before = replay.done
        self._done = replay.done
        self._recorded = 0.0
        self._pace = _Pace()

    async def run(self, source: Source, stop: asyncio.Event) -> bool:
        """Hand it all over, or until told to stop; returns whether all was."""
        while not stop.is_set():
            room = await self._room()
            batch = await until_possible("log", source.read, room) if room else ([], 0)
            if batch is None:
                await self._record(over=True)
                return True
            messages, looked = batch
            if messages:
                await until_possible("log", self._log.produce, messages)
            if looked:
                await until_possible("log", source.done)
                self._done += looked
            await self._record(over=False)
            if not room:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        await self._record(over=False, now=True)
        return False

    async def _room(self) -> int:
        """How many messages may follow now."""
        allowed = self._allowed()
        lags = []
        for name in self._later:
            progress = await until_possible("log", self._log.progress, name, STAGES[name].name)
            lags.append(progress.lag)
            if name == self._replay.stage:
                self._pace.note(progress.done, time.monotonic())
        return max(min(self._pace.ahead() - max(lags), allowed), 0)

    def _allowed(self) -> int:
        """How many the rate allows by now."""
        if self._rate is None:
            return MOST
        return int(self._rate * (time.monotonic() - self._begun) + 1) - (self._done - self._before)

    async def _record(self, *, over: bool, now: bool = False) -> None:
        """Note how far it is, and tell."""
        moment = time.monotonic()
        if not (over or now) and moment - self._recorded < RECORD_SECONDS:
            return
        self._recorded = moment
        rate = (self._done - self._before) / max(moment - self._begun, 0.001)
        self._tell(Progress(self._done, max(self._replay.total, self._done), rate))
        state = msgspec.structs.replace(self._replay, done=self._done, over=over)
        await until_possible("log", self._log.produce, [Outgoing(REPLAYS.name, state.key, encode(state))])


class _Pace:
    """How many messages the stage finishes in a second: so many may wait for it."""

    def __init__(self) -> None:
        self._done: int | None = None
        self._since = 0.0
        self._rate = 0.0

    def note(self, done: int, now: float) -> None:
        """The stage has finished so many in all by now."""
        if self._done is None:
            self._done, self._since = done, now
        elif now - self._since >= 1.0:
            self._rate = (done - self._done) / (now - self._since)
            self._done, self._since = done, now

    def ahead(self) -> int:
        """How many may wait."""
        return int(min(max(self._rate, FEWEST), MOST))


def source_of(
    log: Log, store: Store | None, wanted: Wanted, replay: Replay
) -> tuple[Source, Callable[[], None]]:
    """What is to be done again, and what closes it. Raises LogError if another process replays the same topic."""
    if wanted.stage == FROM_ARCHIVE and store is not None:
        documents = store.scan()
        return from_archive(documents, wanted, replay), partial(_close, documents)
    consumer = log.consumer(REPLAYER, STAGES[wanted.stage].name)
    return from_log(log, consumer, store, wanted, replay), consumer.close


def _close(documents: Generator[Document, None, None]) -> None:
    """End a scan while its store is still open: Elasticsearch holds a view for it."""
    with suppress(ValueError):  # a thread that was left behind is still in it
        documents.close()


def unfinished(log: Log) -> Sequence[Replay]:
    """The replays that were begun and are not over."""
    found = (decode(value, Replay) for value in log.latest(REPLAYS.name).values())
    return sorted((one for one in found if not one.over), key=lambda one: one.started)
