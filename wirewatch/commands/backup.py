"""`wirewatch backup` and `wirewatch restore`: saves an installation in one file, and makes it again from that file."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import msgspec
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from results.parts import Time
from stream.clock import utc_now
from stream.words import byte_size, plural
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen, complain, plain_console
from wirewatch.commands.settings import Settings, hint, with_settings
from wirewatch.commands.times import clock
from wirewatch.composition import backing_up
from wirewatch.process.backup_file import Manifest, Tell
from wirewatch.process.logs import to_console

_NOUNS = {"articles": "article", "marks": "mark", "users": "user"}


class SavedFile(msgspec.Struct, frozen=True):
    """A file of a backup."""

    name: str
    bytes: int
    was: str
    """Where it was, if that was outside the data folder."""


class Backup(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/backup/1"):
    """A backup that was made or restored."""

    file: str
    bytes: int
    """Its size."""
    made: Time
    wirewatch: str
    """The version that made it."""
    counts: Mapping[str, int]
    """How many articles, marks and users it has."""
    files: Sequence[SavedFile]
    missing: Sequence[str]
    """What it does not have, in sentences."""


BACKUP_EXAMPLES = """
\b
Examples:
  wirewatch backup wirewatch-2026-11-28.zip
  wirewatch backup "/backups/wirewatch-$(date +%F).zip" --json
"""


@click.command(epilog=BACKUP_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_json
@with_settings
def backup(settings: Settings, file: Path, form: Form) -> None:
    """Save everything in one file, also while wirewatch runs.

    Saves the log, the archive, marks, users, feeds, topics, alerts and the configuration, each as of one moment. FILE must not
    exist; only you can read it, because it has the secrets of the configuration. Settings that stand in environment variables,
    certificates and the files that alerts are written to are not in it.
    """
    with _progress() as tell:
        manifest = backing_up.back_up(settings.config, settings.paths, settings.file, file, utc_now(), tell)
    _say(manifest, file, form, f"{_counted(manifest)} saved in {file} ({byte_size(file.stat().st_size)}).")


RESTORE_EXAMPLES = """
\b
Examples:
  wirewatch restore wirewatch-2026-11-28.zip --data restored
"""


@click.command(epilog=RESTORE_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_json
@with_settings
def restore(settings: Settings, file: Path, form: Form) -> None:
    """Make a data folder from a backup.

    The folder (--data) must be empty or missing. Every file is checked against its hash, and the search index is built; the
    folder appears only if all is well.
    """
    folder = settings.paths.data
    with _progress() as tell:
        manifest = backing_up.restore(file, folder, tell)
    made = clock(manifest.made)
    _say(manifest, file, form, f"{_counted(manifest)} of {made} restored in {folder}.")
    if form == "text":
        _say_outside(manifest, folder)
        Screen().print(f"To go on with it: {hint(settings, 'run')}")


def _say_outside(manifest: Manifest, folder: Path) -> None:
    for one in manifest.files:
        if one.was:
            Screen().line(f"{folder / one.name} was {one.was}", hang=2)


def _say(manifest: Manifest, file: Path, form: Form, sentence: str) -> None:
    if form == "json":
        print_document(_document(manifest, file))
        return
    Screen().print(sentence)
    for line in manifest.missing:
        Screen().line(line, style="yellow")


def _counted(manifest: Manifest) -> str:
    """`1,200 articles, 3 marks`."""
    return (
        ", ".join(plural(number, _NOUNS.get(what, what)) for what, number in manifest.counts.items()) or "All"
    )


def _document(manifest: Manifest, file: Path) -> Backup:
    return Backup(
        file=str(file),
        bytes=file.stat().st_size,
        made=manifest.made,
        wirewatch=manifest.wirewatch,
        counts=manifest.counts,
        files=[SavedFile(one.name, one.bytes, one.was) for one in manifest.files],
        missing=manifest.missing,
    )


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar for each file on a terminal, else a line when a file is begun; on standard error."""
    console = plain_console(stderr=True)
    to_console(console)
    if not console.is_terminal:
        yield _teller()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {}

        def tell(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done, total=total)

        yield tell


def _teller() -> Tell:
    told: set[str] = set()

    def tell(name: str, _: int, total: int) -> None:
        if name not in told:
            told.add(name)
            complain(f"{name} ({byte_size(total)})" if total > 1 else name)

    return tell
