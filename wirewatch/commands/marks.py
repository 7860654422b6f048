"""`wirewatch marks`: what people marked, listed, exported and imported."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, get_args

import click
import msgspec

from results.desk import Mark, MarkKind, Marks
from stream.display import to_json
from stream.errors import ConfigError
from stream.words import plural
from wirewatch.commands.desk import desk_of, mark_as_text
from wirewatch.commands.output import Form, print_document, print_lines, with_json_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, hint, with_settings
from wirewatch.commands.times import clock
from wirewatch.commands.users import note

KINDS: tuple[MarkKind, ...] = get_args(MarkKind)


def _kinds(_: click.Context, __: click.Parameter, text: str | None) -> tuple[MarkKind, ...]:
    if not text:
        return KINDS
    asked = [one.strip() for one in text.split(",") if one.strip()]
    if unknown := sorted(set(asked) - set(KINDS)):
        raise click.BadParameter(f"expected some of {', '.join(KINDS)}, found {unknown[0]!r}")
    return tuple(kind for kind in KINDS if kind in asked)


@click.group()
def marks() -> None:
    """List, export and import what people marked: stars, tags, notes, assignments, corrections, saved searches."""


LIST_EXAMPLES = """
\b
Examples:
  wirewatch marks list --kind tag,note
  wirewatch marks list --kind not-topic,wrong-name     what readers say is wrong
  wirewatch marks list --person ann --jsonl | jq -r .article
"""


@marks.command("list", epilog=LIST_EXAMPLES)
@click.option(
    "--kind",
    "kinds",
    callback=_kinds,
    metavar="KINDS",
    help=f"Only some: {', '.join(KINDS)}.",
)
@click.option("--person", default="", help="Only what this person set.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True, help="How many to show."
)
@with_json_lines
@with_settings
def list_(settings: Settings, kinds: tuple[MarkKind, ...], person: str, limit: int, form: Form) -> None:
    """List marks, the newest first."""
    found = [mark for mark in desk_of(settings).listed(kinds, limit=limit) if person in ("", mark.person)]
    if form == "json":
        print_document(Marks(tuple(found)))
    elif form == "jsonl":
        print_lines(found)
    else:
        for mark in found:
            Screen().line(
                f"{clock(mark.time)}  {mark.article[:8] or '        '}  {mark.person}: {mark_as_text(mark)}",
                hang=10,
            )
        if not found:
            Screen().print(f"There are none; {hint(settings, 'mark ID --star')} sets one.")


EXPORT_EXAMPLES = """
\b
Examples:
  wirewatch marks export marks.jsonl
  wirewatch marks export | jq -r 'select(.kind == "note") | .value'
"""


@marks.command(epilog=EXPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@with_settings
def export(settings: Settings, file: Path | None) -> None:
    """Write all marks as JSON lines.

    They go to FILE, or else to standard output.
    """
    lines = (f"{to_json(mark, secrets=True)}\n" for mark in desk_of(settings).all())
    if file is None:
        for line in lines:
            Screen(secrets=True).raw(line)
        return
    with file.open("w", encoding="utf-8") as out:
        number = sum(1 for line in lines if out.write(line))
    Screen().print(f"{plural(number, 'mark')} written to {file}.")


IMPORT_EXAMPLES = """
\b
Examples:
  wirewatch marks import marks.jsonl
  ssh desk wirewatch marks export | wirewatch marks import -
"""


@marks.command("import", epilog=IMPORT_EXAMPLES)
@click.argument("file", type=click.File("rb"))
@with_settings
def import_(settings: Settings, file: IO[bytes]) -> None:
    """Add marks that `marks export` wrote. Of two that are the same, the newer one stays; `-` reads standard input.

    If a line can't be read, nothing is added.
    """
    taken, known = desk_of(settings).take_in(_read(file))
    note(settings, "marks import", file=str(file.name)[:200], marks=str(taken))
    Screen().print(f"{plural(taken, 'mark')} taken in; {known:,} were here already.")


def _read(file: IO[bytes]) -> Iterator[Mark]:
    for number, line in enumerate(file, 1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=Mark)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise ConfigError(f"{file.name}: line {number}: {error}") from None
