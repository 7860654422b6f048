"""`wirewatch warc`: pages from and to WARC files."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from index.store import Search, Store
from ingest.warc.captures import size_of
from query.parse import parse
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.supervisor import Supervisor
from stream.words import plural
from wirewatch.commands.bar import bar
from wirewatch.commands.desk import marks_here
from wirewatch.commands.run import search_hint
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.service import run_pipeline, say, serve
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import day, past
from wirewatch.composition.presence import processes
from wirewatch.composition.stores import is_being_written, open_store
from wirewatch.composition.warc_export import export
from wirewatch.composition.warc_import import KNOWN, Importer
from wirewatch.pipeline import ALL
from wirewatch.topics import POLL, WarcImport, open_log


@click.group()
def warc() -> None:
    """Read and write WARC files.

    Pages are kept in such files as they are fetched, if the configuration says where: [warc] folder.
    """


EXPORT_EXAMPLES = """
\b
Examples:
  wirewatch warc export january.warc.gz --since 2026-01-01
  wirewatch warc export talks.warc.gz '"peace talks" AND geneva'
"""


@warc.command("export", epilog=EXPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("query", default="")
@click.option("--since", help="Only what was fetched since: 2016-03-14, 24h, 7d.")
@with_settings
def export_(settings: Settings, file: Path, query: str, since: str | None) -> None:
    """Write the pages that the log still holds.

    With QUERY, only those of articles that it finds. The log keeps pages for log.keep_days, without their headers but for the
    type, ETag and Last-Modified; set [warc] folder to keep all. FILE must not exist.
    """
    config, paths, now = settings.config, settings.paths, utc_now()
    if not config.kafka.bootstrap_servers and not paths.log.exists():
        raise paths.nothing_yet("is no log")
    start = past("--since", since, now) if since else None
    wanted = _found(settings, query) if query.strip() else None
    with open_log(config, paths, begins=False) as log, bar("messages") as tell:
        number = export(log, file, start, wanted, tell, now)
    Screen().print(f"{plural(number, 'page')} written to {file}.")


def _found(settings: Settings, query: str) -> frozenset[str]:
    """The ids of the articles that a query finds."""
    search = Search(query=parse(query, marks_here(settings)), sort="oldest")
    with open_store(settings.config, settings.paths, readonly=True) as store:
        return frozenset(hit.document.enriched.key for hit in store.each(search))


IMPORT_EXAMPLES = """
\b
Examples:
  wirewatch warc import CC-NEWS-20260301001122-00042.warc.gz
  wirewatch warc import pages/*.warc.gz --anew
"""


@warc.command("import", epilog=IMPORT_EXAMPLES)
@click.argument(
    "files", type=click.Path(path_type=Path, dir_okay=False, exists=True), nargs=-1, required=True
)
@click.option(
    "--anew", is_flag=True, help="Begin again with files that were read before, in whole or in part."
)
@with_settings
def import_(settings: Settings, files: Sequence[Path], anew: bool) -> None:  # noqa: FBT001 - click's flag
    """Read the articles of WARC files.

    They may come from any crawler (news-crawl, wget, browsertrix). Pages go through the pipeline behind live news, as old
    articles do: they fire no alert. What the archive has already is left out. Anybody can write such a file, so what it says
    replaces nothing that an outlet's own feed brought. Ctrl-C stops; the same command goes on from there. While wirewatch runs,
    it does the work.
    """
    job = _Import(settings, files, anew)
    runs = is_being_written(settings.config, settings.paths) or processes(settings.paths.data)
    serve(job.beside if runs else job.alone)
    job.report()


@dataclass
class _Import:
    """What is to be read, and what came of it.

    Attributes:
        settings: of the command.
        files: which.
        anew: whether to begin again.
        done: what came of each file, so far.
        before: the files that were read to their end before.
        damage: what hindered files.
    """

    settings: Settings
    files: Sequence[Path]
    anew: bool

    def __post_init__(self) -> None:
        self.done: list[WarcImport] = []
        self.before: dict[Path, WarcImport] = {}
        self.damage: list[ConfigError] = []

    async def alone(self, stop: asyncio.Event) -> None:
        """Hand the pages over, and do the work."""

        async def work(supervisor: Supervisor) -> None:
            await supervisor.drain(lambda: self.beside(stop))

        names = [name for name in ALL if name != POLL]
        await run_pipeline(self.settings, stop, work, hint=search_hint(self.settings), names=names)

    async def beside(self, stop: asyncio.Event) -> None:
        """Hand the pages over to whoever runs."""
        with self._opened() as importer:
            for path in self.files:
                if stop.is_set():
                    say("Stopped; the same command goes on from here.")
                    return
                try:
                    await self._read(importer, path, stop)
                except ConfigError as error:
                    self.damage.append(error)

    async def _read(self, importer: Importer, path: Path, stop: asyncio.Event) -> None:
        known = None if self.anew else await asyncio.to_thread(importer.known, path, size_of(path))
        if known and known.over:
            self.before[path] = known
        else:
            self.done.append(await importer.run(path, stop, anew=self.anew))

    @contextmanager
    def _opened(self) -> Iterator[Importer]:
        config, paths = self.settings.config, self.settings.paths
        with ExitStack() as held:
            log = held.enter_context(open_log(config, paths))
            store = self._archive(held)
            tell = held.enter_context(bar("bytes"))
            yield Importer(config, log, store, lambda _, done, total: tell(done, total))

    def _archive(self, held: ExitStack) -> Store | None:
        try:
            return held.enter_context(open_store(self.settings.config, self.settings.paths, readonly=True))
        except ConfigError:
            return None  # there is none yet

    def report(self) -> None:
        """Say what came of it; exits with 1 if a file is damaged."""
        pages, kinds = sum(one.pages for one in self.done), Counter[str]()
        for one in self.done:
            kinds.update(one.left_out)
        known = kinds.pop(KNOWN, 0)
        for path, one in self.before.items():
            Screen().line(f"{path.name} was read before, on {day(one.began)}; --anew reads it again.")
        if self.done or not self.before:
            Screen().print(
                f"{plural(pages, 'page')} handed over; {known:,} were in the archive already.{_left_out(kinds)}"
            )
        for error in self.damage:
            complain(str(error))
        if self.damage:
            sys.exit(1)


def _left_out(kinds: Mapping[str, int]) -> str:
    """What was left out, the most frequent kind first."""
    if not kinds:
        return ""
    ordered = sorted(kinds.items(), key=lambda one: (-one[1], one[0]))
    return f" Left out: {', '.join(f'{number:,} {kind}' for kind, number in ordered)}."
