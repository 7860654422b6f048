"""Hands the pages of WARC files to the pipeline, behind live news; an import that was stopped goes on.

How far each file is stands in a compacted topic, and is written together with the pages. A page that a broker's failure has
handed over twice replaces itself.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from index.store import Store
from ingest.page.extract import MAX_BYTES
from ingest.urls import canonical
from ingest.warc.captures import Capture, captures, size_of
from stream.clock import utc_now
from stream.errors import ConfigError, Reject
from stream.log.base import Log, Outgoing
from stream.messages import Page, article_id, decode, encode
from wirewatch.config import Config
from wirewatch.topics import PAGES, STAGES, WARC_IMPORTS, WarcImport

MOST_WAITING = 500
"""Pages that may wait for a stage at most: live news passes in a few seconds."""
_AT_ONCE = 50
_BYTES_AT_ONCE = 16_000_000
_LOOK_SECONDS = 0.25
_LATER = ("extract", "enrich", "relate", "index")
KNOWN = "known"
"""Counts pages whose article the archive has already."""


class Importer:
    """Hands over the pages of files.

    Args:
        config: for the limits.
        log: where they go.
        store: the archive, to leave out what it has; None if there is none yet.
        tell: is told of each step: the file, bytes done, all its bytes.
    """

    def __init__(
        self, config: Config, log: Log, store: Store | None, tell: Callable[[str, int, int], None]
    ) -> None:
        self._most = min(config.fetch.max_bytes, MAX_BYTES)
        self._room = max(min(MOST_WAITING, config.log.backlog // 2), 1)
        self._log = log
        self._store = store
        self._tell = tell

    async def run(self, path: Path, stop: asyncio.Event, *, anew: bool) -> WarcImport:
        """Hand over a file, or what is left of it, until told to stop.

        Raises ConfigError where the file is damaged; what is before that is handed over.
        """
        size = size_of(path)
        record = await asyncio.to_thread(self._begun, path, size, anew)
        if record.over:
            return record
        with path.open("rb") as file:
            found = captures(file, path.name, record.place, self._most, utc_now())
            while not record.over and await self._has_room(stop):
                some, damage = await asyncio.to_thread(_next, found)
                over = not some and damage is None
                record = await asyncio.to_thread(self._hand_over, record, some, over=over)
                self._tell(path.name, size if over else record.place, size)
                if damage:
                    raise damage
        return record

    def _begun(self, path: Path, size: int, anew: bool) -> WarcImport:  # noqa: FBT001 - of `run`
        known = None if anew else self.known(path, size)
        return known or WarcImport(key=_key(path, size), began=utc_now())

    def known(self, path: Path, size: int) -> WarcImport | None:
        """How far a file is that was begun before; None for any other."""
        found = self._log.latest(WARC_IMPORTS.name).get(_key(path, size))
        return decode(found, WarcImport) if found else None

    async def _has_room(self, stop: asyncio.Event) -> bool:
        """Waits until few messages wait for each stage on the way to the archive; False if told to stop first."""
        while not stop.is_set():
            lags = await asyncio.to_thread(self._lags)
            if max(lags) < self._room:
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    def _lags(self) -> list[int]:
        return [self._log.progress(stage, STAGES[stage].name).lag for stage in _LATER]

    def _hand_over(self, record: WarcImport, some: Sequence[Capture], *, over: bool) -> WarcImport:
        pages = [one.page for one in some if one.page]
        fresh = self._without_known(pages)
        kinds = Counter(record.left_out) + Counter(one.kind for one in some if not one.page)
        kinds[KNOWN] += len(pages) - len(fresh)
        place = some[-1].place if some else record.place
        after = msgspec.structs.replace(
            record, place=place, pages=record.pages + len(fresh), left_out=+kinds, over=over
        )
        try:
            self._produce(fresh, after)
        except Reject:  # one of them is larger than the broker allows
            return self._one_by_one(fresh, after)
        return after

    def _one_by_one(self, pages: Sequence[Page], after: WarcImport) -> WarcImport:
        for page in pages:
            try:
                self._produce([page], after)
            except Reject as error:
                kinds = Counter(after.left_out) + Counter([error.kind])
                after = msgspec.structs.replace(after, pages=after.pages - 1, left_out=kinds)
        self._produce([], after)
        return after

    def _produce(self, pages: Sequence[Page], after: WarcImport) -> None:
        messages = [Outgoing(PAGES.name, page.key, encode(page)) for page in pages]
        self._log.produce([*messages, Outgoing(WARC_IMPORTS.name, after.key, encode(after))])

    def _without_known(self, pages: Sequence[Page]) -> list[Page]:
        """The pages whose articles the archive lacks, each address once."""
        by_id = {article_id(canonical(page.url)): page for page in pages}
        known = self._store.get_many(list(by_id)) if self._store and by_id else {}
        return [page for key, page in by_id.items() if key not in known]


def _key(path: Path, size: int) -> str:
    return f"{path.name}:{size}"


def _next(found: Iterator[Capture]) -> tuple[list[Capture], ConfigError | None]:
    """The next captures, and the damage that ends them, if there is any."""
    some: list[Capture] = []
    size = 0
    try:
        for one in found:
            some.append(one)
            size += len(one.page.body) if one.page else 0
            if len(some) == _AT_ONCE or size >= _BYTES_AT_ONCE:
                break
    except ConfigError as damage:
        return some, damage
    return some, None
