"""`wirewatch export`: all articles of a search in a form for other programs."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TimeRemainingColumn

from index.results import hit_document
from index.store import Search, Sort, Store
from query.parse import parse
from results.parts import Hit
from results.search import Search as Page
from stream.clock import utc_now
from web.search.formats.about import About
from web.search.formats.forms import FEEDS, IN_A_FEED, STREAMED
from wirewatch.commands.desk import marks_here
from wirewatch.commands.remote import Remote, with_server
from wirewatch.commands.screen import plain_console
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment, past
from wirewatch.composition.stores import open_store

EXAMPLES = """
\b
Examples:
  wirewatch export 'topic:syria' --since 30d > syria.csv
  wirewatch export --format jsonl --output all.jsonl       everything
  wirewatch export 'geneva AND talks' --format ris --output talks.ris
  wirewatch export 'topic:syria' --format atom --server https://desk.example > syria.atom
"""
_A_LINE_EACH = ("jsonl", "csv")


@click.command(epilog=EXAMPLES)
@click.argument("query", required=False, default="")
@click.option(
    "--format", "form", type=click.Choice([*STREAMED, *FEEDS]), default="csv", show_default=True,
    help=f"jsonl: documents wirewatch/hit; md: Markdown; ris: for reference managers; atom and rss: the newest {IN_A_FEED}.",
)  # fmt: skip
@click.option("--since", default="", help="Published at or after: 2016-03-14, 2016-03-14T09:30, 24h, 7d.")
@click.option("--until", default="", help="Published before.")
@click.option(
    "--sort", type=click.Choice(["newest", "oldest", "relevance"]), default="newest", show_default=True,
    help="By relevance, memory grows with the number of articles.",
)  # fmt: skip
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write, once it is complete.",
)
@with_server
@with_settings
def export(
    settings: Settings,
    query: str,
    form: str,
    since: str,
    until: str,
    sort: Sort,
    output: Path | None,
    server: Remote | None,
) -> None:
    """Write all articles of a search, in the same forms as the page; without a query, all there are.

    They are written as they are read, so there may be any number. Ctrl-C stops; the file of --output is then left as it was.
    """
    with _opened(output) as file, _progress(file) as progress:
        if server:
            asked = {"q": query, "since": since, "until": until, "sort": sort}
            total = server.document("/api/v1/articles", Page, **asked, limit=1).total if progress else 0
            parts: Iterable[bytes] = server.parts(f"/search.{form}", **asked)
            _write(
                parts, file, progress, total if form in _A_LINE_EACH else None, lambda part: part.count(b"\n")
            )
            return
        now = utc_now()
        wanted = Search(
            query=parse(query, marks_here(settings)) if query.strip() else None,
            since=past("--since", since, now) if since else None,
            until=moment(until, now) if until else None,
            sort=sort,
            limit=0,
        )
        with open_store(settings.config, settings.paths, readonly=True) as store:
            total = store.search(wanted).total if progress else 0
            _write(_parts(store, wanted, form, query), file, progress, total, lambda _: 1)


def _parts(store: Store, wanted: Search, form: str, query: str) -> Iterable[bytes]:
    hits: Iterator[Hit] = (hit_document(hit, wanted.query) for hit in store.each(wanted))
    if form in STREAMED:
        return STREAMED[form].write(hits)
    about = About(title=query or "All articles", now=utc_now())
    return [FEEDS[form].write(islice(hits, IN_A_FEED), about)]


def _write(
    parts: Iterable[bytes],
    file: BinaryIO,
    progress: Progress | None,
    total: int | None,
    articles_in: Callable[[bytes], int],
) -> None:
    """Write the parts, and show how many of the articles are in them; `total` is None if that can't be told."""
    task = progress.add_task("", total=total) if progress else None
    for part in parts:
        file.write(part)
        if progress and task is not None:
            progress.advance(task, articles_in(part))
    file.flush()


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that takes its name when it is complete."""
    if output is None:
        yield sys.stdout.buffer
        return
    partial = output.with_name(f".{output.name}.part")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _progress(file: BinaryIO) -> Iterator[Progress | None]:
    """A bar on standard error, where a person sees it and the articles don't go to the same terminal."""
    console = plain_console(stderr=True)
    if not console.is_terminal or (file is sys.stdout.buffer and sys.stdout.isatty()):
        yield None
        return
    columns = (BarColumn(), MofNCompleteColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress
