"""The full-text index of the embedded store, in tantivy.

It contains the articles' tokens from query/tokens.py, joined by spaces and split at them again, so that a token is the same
here as in live matching. It stores no text; a hit is the number of an article in documents.py.
"""

import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
import tantivy
from tantivy import Order, Query

from index.aggregations import aggregations, answer
from index.counts import Count, Counts
from index.embedded.counted import COUNTED, counted
from index.embedded.damage import Damaged, index_is_read
from index.embedded.documents import Row
from index.embedded.near_candidates import verify
from index.embedded.paging import Ranked, page
from index.embedded.query import compile_search, filtered
from index.searchable import microseconds, source_key
from index.store import Document, Search
from query.article import prepare_enriched
from query.match import Prepared
from query.near import MAX_SLOP
from query.tokens import RULES
from query.tree import TIME_FIELDS, VALUE_FIELDS, WORD_FIELDS

_VERSION = f"schema 4, tokens {RULES}"
_VERSION_FILE = "wirewatch-version"
_WRITER_HEAP = 64_000_000
"""Bytes that the writer collects before it writes a segment."""


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
        top = partial(_top, searcher, query, _order(search))
        hits = page(top, ids, search.offset, search.limit)
        scored = search.sort == "relevance" and search.query is not None
        return Found(total, tuple((rank if scored else 0.0, number) for rank, number in hits))

    def find_all(
        self, search: Search, ids: Callable[[Sequence[int]], Sequence[str]], read: Read
    ) -> Sequence[tuple[float, int]]:
        """Score and number of each hit; see `find` for the arguments."""
        with index_is_read(self._folder):
            total = max(self._searcher().num_docs, 1)
            everything = msgspec.structs.replace(search, offset=0, limit=total)
            return self._find(everything, ids, read).hits

    def counts(self, search: Search, count: Count, read: Read) -> Counts:
        """How many articles a search finds, by fields and time; `read` returns the articles for numbers."""
        with index_is_read(self._folder):
            searcher = self._searcher()
            query = _compiled(searcher, search, read)
            edges = [microseconds(edge) for edge in count.edges]
            aggregated = searcher.aggregate(query, aggregations(count, COUNTED, "time", edges))
            return answer(count, _total(searcher, query), aggregated)

    def _searcher(self) -> tantivy.Searcher:
        # While a rebuilt index is put in place there is none for a moment: keep using the loaded one.
        with suppress(ValueError):
            self._index.reload()
        return self._index.searcher()

    def close(self) -> None:
        """Stop writing; what was committed stays."""
        self._writer = None


def _compiled(searcher: tantivy.Searcher, search: Search, read: Read) -> Query:
    candidates = partial(_numbers, searcher, search)
    return compile_search(search, SCHEMA, verify(search.query, SCHEMA, candidates, read))


def _total(searcher: tantivy.Searcher, query: Query) -> int:
    total: int = searcher.search(query, 1).count  # type: ignore[attr-defined]  # missing from its stub
    return total


def _order(search: Search) -> tuple[str, Order] | None:
    """The field that hits are ordered by; None means the score."""
    if search.sort == "relevance":
        return None if search.query else ("id", Order.Asc)
    return ("time", Order.Desc if search.sort == "newest" else Order.Asc)


def _numbers(searcher: tantivy.Searcher, search: Search, query: Query) -> Sequence[int]:
    """The numbers of all articles that match a query and the filters of a search."""
    hits = searcher.search(filtered(query, search, SCHEMA), max(searcher.num_docs, 1), count=False).hits
    numbers = searcher.fast_field_values("number", [address for _, address in hits])
    return [int(number or 0) for number in numbers]


def _top(searcher: tantivy.Searcher, query: Query, order: tuple[str, Order] | None, count: int) -> Ranked:
    """The best hits: the sort key and the number of each."""
    count = min(count, searcher.num_docs)  # tantivy reserves memory for as many as are requested
    if order is None:
        hits = searcher.search(query, count, count=False).hits
    else:
        hits = searcher.search(query, count, count=False, order_by_field=order[0], order=order[1]).hits
    numbers = searcher.fast_field_values("number", [address for _, address in hits])
    return [(rank, number) for (rank, _), number in zip(hits, numbers, strict=True)]


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
    return document


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
