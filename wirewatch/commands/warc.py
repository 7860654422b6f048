"""`wirewatch warc`: pages from WARC files."""

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from index.store import Store
from stream.errors import ConfigError
from stream.supervisor import Supervisor
from stream.words import plural
from wirewatch.commands.bar import bar
from wirewatch.commands.run import search_hint
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.service import run_pipeline, say, serve
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.presence import processes
from wirewatch.composition.stores import is_being_written, open_store
from wirewatch.composition.warc_import import KNOWN, Importer
from wirewatch.pipeline import ALL
from wirewatch.topics import POLL, WarcImport, open_log


@click.group()
def warc() -> None:
    """Take in pages from WARC files.

    Pages are written to such files as well, if the configuration says where: [warc] folder.
    """


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
        damage: what hindered files.
    """

    settings: Settings
    files: Sequence[Path]
    anew: bool

    def __post_init__(self) -> None:
        self.done: list[WarcImport] = []
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
                    self.done.append(await importer.run(path, stop, anew=self.anew))
                except ConfigError as error:
                    self.damage.append(error)

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
