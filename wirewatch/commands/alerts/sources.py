"""Which sources an alert about sources would name now: what `wirewatch alerts test` says of it."""

from collections.abc import Sequence

import click
import msgspec

from alerts.definitions import Definition
from alerts.sources import SourceState, is_dark, wants
from wirewatch.commands import coverage
from wirewatch.commands.output import Form, print_document
from wirewatch.commands.render import clock, printable
from wirewatch.commands.settings import Settings
from wirewatch.composition.source_health import source_states


class Named(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alert-test-sources/1"):
    """Which sources an alert about sources would name now."""

    sources: int
    """That it is about, of those that were polled."""
    unknown: tuple[str, ...]
    """Names in the alert that no source of the feed list has, in lower case."""
    named: tuple[SourceState, ...]


def name_sources(settings: Settings, definition: Definition, form: Form) -> None:
    """Print which sources are silent, or fail for as long as the alert has it."""
    feeds, states = coverage.read(settings.config, settings.paths)
    found = [one for one in source_states(feeds, states) if wants(definition, one)]
    listed = {(feed.title or feed.url).casefold() for feed in feeds}
    unknown = tuple(sorted(definition.sources - listed))
    named = tuple(one for one in found if is_dark(definition, one))
    if form == "json":
        print_document(Named(len(found), unknown, named))
        return
    for line in _lines(found, unknown, named):
        click.echo(line)


def _lines(found: Sequence[SourceState], unknown: Sequence[str], named: Sequence[SourceState]) -> list[str]:
    warnings = [f"warning: the feed list has no source {name!r}" for name in unknown]
    count = f"It would name {len(named)} of {len(found)} sources now{':' if named else '.'}"
    return [*warnings, count, *map(_line, named)]


def _line(one: SourceState) -> str:
    return f"  {one.status:<8} {printable(one.name)}, since {clock(one.since)} UTC: {printable(one.reason)}"
