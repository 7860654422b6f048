"""The full-text index of the embedded store, in tantivy.

It contains the articles' tokens from query/tokens.py, joined by spaces and split at them again, so that a token is the same
here as in live matching. It stores no text; a hit is the number of an article in documents.py.
"""

import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path

import msgspec
import tantivy
from tantivy import DocAddress, Occur, Order, Query

from index.aggregations import Size, aggregations, answer, of_period, of_sizes, period, sizes
from index.counts import Count, Counts
from index.embedded.counted import COUNTED, counted
from index.embedded.damage import Damaged, index_is_read
from index.embedded.documents import Row
from index.embedded.near_candidates import verify
from index.embedded.paging import Ranked, page
from index.embedded.query import compile_search, filtered
from index.folding import firsts
from index.searchable import microseconds, source_key
from index.store import Document, Search
from query.article import prepare_enriched
from query.match import Prepared
from query.near import MAX_SLOP
from query.tokens import RULES
from query.tree import TIME_FIELDS, VALUE_FIELDS, WORD_FIELDS

_VERSION = f"schema 5, tokens {RULES}"
_VERSION_FILE = "wirewatch-version"
_WRITER_HEAP = 64_000_000
"""Bytes that the writer collects before it writes a segment."""


_MOST_COUNTED = 64
"""Counts that are remembered."""

Read = Callable[[Sequence[int]], Mapping[int, Document]]
"""Returns the articles with the given numbers."""


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in WORD_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
    for exact in (*(name for name in VALUE_FIELDS if name != "story"), "source_name"):
        builder.add_text_field(exact, tokenizer_name="raw", index_option="basic")
    for fast in ("id", *COUNTED.values()):
        builder.add_text_field(fast, tokenizer_name="raw", index_option="basic", fast=True)
    for number in ("number", "sequence", "time", *TIME_FIELDS):
        builder.add_integer_field(number, fast=True)
    builder.add_integer_field("story_key", fast=True, indexed=True)
    return builder.build()


SCHEMA = _schema()


def open_current(folder: Path) -> "FullText | None":
    """The index in a folder; None if it is missing, broken, or built by other rules than the current ones."""
    version = folder / _VERSION_FILE
    if not version.is_file() or version.read_text(encoding="utf-8") != _VERSION:
        return None
    try:
        return FullText(folder)
    except (ValueError, OSError, Damaged):
        return None


def build(folder: Path, rows: Iterable[Row]) -> None:
    """Build a new index of all articles, and replace the old one in a folder with it."""
    new, old = folder.with_suffix(".new"), folder.with_suffix(".old")
    for leftover in (new, old):
        shutil.rmtree(leftover, ignore_errors=True)
    new.mkdir(parents=True)
    FullText(new, create=True).index(rows)
    (new / _VERSION_FILE).write_text(_VERSION, encoding="utf-8")
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


class Found(msgspec.Struct, frozen=True):
    """A page of hits: the total, and the score (0 unless sorted by it) and number of each."""

    total: int
    hits: tuple[tuple[float, int], ...]


class FoundStory(msgspec.Struct, frozen=True):
    """A story by its first hit: the score and number of that; its size, None for an article without a story."""

    score: float
    number: int
    size: Size | None


class FullText:
    """An index in a folder, open for reading, and for writing from the first `index` on.

    Raises ValueError if the folder has no intact index.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self._folder = folder
        with index_is_read(folder):
            self._index = tantivy.Index(SCHEMA, str(folder)) if create else tantivy.Index.open(str(folder))
        whitespace = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("whitespace", whitespace)
        self._index.config_reader("Manual")
        self._writer: tantivy.IndexWriter | None = None
        self._turn = threading.Lock()
        self._loaded = b""
        self._counted: dict[tuple[Search, Count], Counts] = {}

    def index(self, rows: Iterable[Row]) -> None:
        """Add articles durably, replacing their older versions, all or none.

        Raises ValueError or OSError if that can't be done, and may then be called again.
        """
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_HEAP, 1)
        try:
            with index_is_read(self._folder):
                self._commit(self._writer, rows)
        except BaseException:
            self._writer = None  # what it collected is dropped with it
            raise

    def _commit(self, writer: tantivy.IndexWriter, rows: Iterable[Row]) -> None:
        for row in rows:
            writer.delete_documents_by_term("id", row.document.enriched.article.id)
            writer.add_document(_document(row))
        writer.commit()

    def remove(self, ids: Iterable[str]) -> None:
        """Take articles out durably, all or none; raises as `index` does."""
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_HEAP, 1)
        try:
            with index_is_read(self._folder):
                for article_id in ids:
                    self._writer.delete_documents_by_term("id", article_id)
                self._writer.commit()
        except BaseException:
            self._writer = None
            raise

    def last_sequence(self) -> int:
        """The highest sequence that is indexed; 0 if nothing is."""
        with index_is_read(self._folder):
            hits = self._searcher().search(Query.all_query(), 1, order_by_field="sequence").hits
        return int(hits[0][0]) if hits else 0

    def count(self) -> int:
        """How many articles are indexed."""
        with index_is_read(self._folder):
            return self._searcher().num_docs

    def find(
        self,
        search: Search,
        ids: Callable[[Sequence[int]], Sequence[str]],
        read: Read,
    ) -> Found:
        """A page of hits; `ids` returns the ids for numbers, `read` the articles. Raises Damaged if a file can't be read."""
        with index_is_read(self._folder):
            return self._find(search, ids, read)

    def _find(
        self,
        search: Search,
        ids: Callable[[Sequence[int]], Sequence[str]],
        read: Read,
    ) -> Found:
        searcher = self._searcher()
        query = _compiled(searcher, search, read)
        total = _total(searcher, query)
        if search.offset >= total or search.limit < 1:
            return Found(total, ())
        hits = _ranked(searcher, query, search, ids)(search.offset, search.limit)
        numbers = _values(searcher, "number", [address for _, address in hits])
        scored = _is_scored(search)
        pairs = zip(hits, numbers, strict=True)
        return Found(total, tuple((rank if scored else 0.0, number or 0) for (rank, _), number in pairs))

    def folds(
        self, search: Search, ids: Callable[[Sequence[int]], Sequence[str]], read: Read
    ) -> Sequence[FoundStory]:
        """A page of stories; see `find` for the arguments."""
        with index_is_read(self._folder):
            searcher = self._searcher()
            query = _compiled(searcher, search, read)
            ranked = _ranked(searcher, query, search, ids)
            found = firsts(partial(_by_story, searcher, ranked), search.offset, search.limit)
            numbers = _values(searcher, "number", [address for _, address in found.values()])
            known = _sizes(searcher, query, [story for story in found if isinstance(story, int)])
            scored = _is_scored(search)
            each = zip(found.items(), numbers, strict=True)
            return [
                FoundStory(rank if scored else 0.0, number or 0, known.get(story))
                for (story, (rank, _)), number in each
            ]

    def period(self, search: Search, read: Read) -> tuple[datetime, datetime] | None:
        """The first and the last time of what a search finds; `read` returns the articles for numbers."""
        with index_is_read(self._folder):
            searcher = self._searcher()
            return period(searcher.aggregate(_compiled(searcher, search, read), of_period("time")))

    def find_all(
        self, search: Search, ids: Callable[[Sequence[int]], Sequence[str]], read: Read
    ) -> Sequence[tuple[float, int]]:
        """Score and number of each hit; see `find` for the arguments."""
        with index_is_read(self._folder):
            total = max(self._searcher().num_docs, 1)
            everything = msgspec.structs.replace(search, offset=0, limit=total)
            return self._find(everything, ids, read).hits

    def counts(self, search: Search, count: Count, read: Read) -> Counts:
        """How many articles a search finds, by fields and time; `read` returns the articles for numbers.

        Readers share what was counted since the index was last changed: nothing else takes as long.
        """
        with index_is_read(self._folder):
            searcher, counted = self._opened()
            asked = (msgspec.structs.replace(search, sort="relevance", limit=0, offset=0), count)
            found = counted.get(asked)
            if found is None:
                found = _counts(searcher, search, count, read)
                if len(counted) >= _MOST_COUNTED:
                    counted.clear()
                counted[asked] = found
            return found

    def _searcher(self) -> tantivy.Searcher:
        return self._opened()[0]

    def _opened(self) -> tuple[tantivy.Searcher, dict[tuple[Search, Count], Counts]]:
        """The index as it is now, and what was counted in it. Opening it again takes longer than many a search."""
        with self._turn:
            try:
                present = (self._folder / "meta.json").read_bytes()
                if present != self._loaded:
                    self._index.reload()
                    self._loaded, self._counted = present, {}
            except (OSError, ValueError):
                pass  # a rebuilt index is being put in place: keep using the loaded one
            return self._index.searcher(), self._counted

    def close(self) -> None:
        """Stop writing; what was committed stays."""
        self._writer = None


def _compiled(searcher: tantivy.Searcher, search: Search, read: Read) -> Query:
    candidates = partial(_numbers, searcher, search)
    return compile_search(search, SCHEMA, verify(search.query, SCHEMA, candidates, read))


def _total(searcher: tantivy.Searcher, query: Query) -> int:
    total: int = searcher.search(query, 1).count  # type: ignore[attr-defined]  # missing from its stub
    return total


def _counts(searcher: tantivy.Searcher, search: Search, count: Count, read: Read) -> Counts:
    query = _compiled(searcher, search, read)
    edges = [microseconds(edge) for edge in count.edges]
    aggregated = searcher.aggregate(query, aggregations(count, COUNTED, "story_key", "time", edges))
    return answer(count, _total(searcher, query), aggregated)


def _sizes(searcher: tantivy.Searcher, query: Query, stories: Sequence[int]) -> Mapping[object, Size]:
    """The sizes of some stories among what a query finds, by `story_key`."""
    of_them = Query.term_set_query(SCHEMA, "story_key", stories)
    within = Query.boolean_query([(Occur.Must, query), (Occur.Must, of_them)])
    asked = of_sizes("story_key", COUNTED["source"], "time", len(stories))
    return sizes(searcher.aggregate(within, asked))


def _by_story(
    searcher: tantivy.Searcher, ranked: Callable[[int, int], Ranked], number: int
) -> Sequence[tuple[int | tuple[int, int], tuple[float, DocAddress]]]:
    """The best hits, each with its `story_key`, or its own place in the index where it has no story."""
    hits = ranked(0, number)
    stories = _values(searcher, "story_key", [address for _, address in hits])
    pairs = zip(stories, hits, strict=True)
    return [((hit[1].segment_ord, hit[1].doc) if story is None else story, hit) for story, hit in pairs]


def _values(searcher: tantivy.Searcher, field: str, addresses: Sequence[DocAddress]) -> Sequence[int | None]:
    """The values of a field of integers."""
    return searcher.fast_field_values(field, list(addresses))  # type: ignore[return-value]


def _is_scored(search: Search) -> bool:
    return search.sort == "relevance" and search.query is not None


def _order(search: Search) -> tuple[str, Order] | None:
    """The field that hits are ordered by; None means the score."""
    if search.sort == "relevance":
        return None if search.query else ("id", Order.Asc)
    return ("time", Order.Desc if search.sort == "newest" else Order.Asc)


def _numbers(searcher: tantivy.Searcher, search: Search, query: Query) -> Sequence[int]:
    """The numbers of all articles that match a query and the filters of a search."""
    hits = searcher.search(filtered(query, search, SCHEMA), max(searcher.num_docs, 1), count=False).hits
    return [number or 0 for number in _values(searcher, "number", [address for _, address in hits])]


def _ranked(
    searcher: tantivy.Searcher,
    query: Query,
    search: Search,
    ids: Callable[[Sequence[int]], Sequence[str]],
) -> Callable[[int, int], Ranked]:
    """Returns hits from an offset on, a number of them; `ids` returns the ids for numbers."""

    def named(addresses: Sequence[DocAddress]) -> Sequence[str]:
        return ids([number or 0 for number in _values(searcher, "number", addresses)])

    return partial(page, partial(_top, searcher, query, _order(search)), named)


def _top(searcher: tantivy.Searcher, query: Query, order: tuple[str, Order] | None, count: int) -> Ranked:
    """The best hits: the sort key and the address of each."""
    count = min(count, searcher.num_docs)  # tantivy reserves memory for as many as are requested
    if count == 0:
        return []
    if order is None:
        hits = searcher.search(query, count, count=False).hits
    else:
        hits = searcher.search(query, count, count=False, order_by_field=order[0], order=order[1]).hits
    return hits


def _document(row: Row) -> tantivy.Document:
    enriched, article = row.document.enriched, row.document.enriched.article
    document = tantivy.Document()
    _add_searchable(document, prepare_enriched(enriched))
    document.add_text("id", article.id)
    document.add_text("source_name", source_key(article.source))
    for name, values in counted(enriched).items():
        for value in values:
            document.add_text(name, value)
    document.add_integer("number", row.number)
    document.add_integer("sequence", row.sequence)
    document.add_integer("time", microseconds(article.time))
    if enriched.story:
        document.add_integer("story_key", _story_key(enriched.story))
    return document


def _story_key(story: str) -> int:
    """A number that stands for a story: tantivy counts and groups by it several times as fast as by the id itself."""
    return int.from_bytes(blake2b(story.encode(), digest_size=8).digest(), "big", signed=True)


_GAP = f" {'_ ' * (MAX_SLOP + 1)}"
"""Separates two passages of a field, so that no words are near each other across them; `_` is never a word."""


def _add_searchable(document: tantivy.Document, prepared: Prepared) -> None:
    for word_field, stretches in prepared.words.items():
        if stretches:
            document.add_text(word_field, _GAP.join(" ".join(words.terms) for words in stretches))
    for value_field, values in prepared.values.items():
        for value in values if value_field != "story" else ():  # it is among those counted
            document.add_text(value_field, value)
    for date in prepared.published:
        document.add_integer("published", microseconds(date))
    for date in prepared.edited:
        document.add_integer("edited", microseconds(date))
