"""Which sources an alert about sources would name now, for `wirewatch alerts test`."""

from collections.abc import Sequence

import msgspec

from alerts.definitions import Definition
from alerts.sources import SourceState, is_dark, wants
from stream.words import plural
from wirewatch.commands import coverage
from wirewatch.commands.output import Form, print_document
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings
from wirewatch.commands.times import clock
from wirewatch.composition.source_health import source_states


class Named(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alert-test-sources/1"):
    """Which sources an alert about sources would name now."""

    sources: int
    """Sources that the alert is about and that were polled."""
    unknown: tuple[str, ...]
    """Names in the alert that no source of the feed list has, in lower case."""
    named: tuple[SourceState, ...]


def name_sources(settings: Settings, definition: Definition, form: Form) -> None:
    """Print the sources that are silent, or have failed for as long as the alert waits."""
    feeds, states = coverage.read(settings.config, settings.paths)
    found = [one for one in source_states(feeds, states) if wants(definition, one)]
    listed = {(feed.title or feed.url).casefold() for feed in feeds}
    unknown = tuple(sorted(definition.sources - listed))
    named = tuple(one for one in found if is_dark(definition, one))
    if form == "json":
        print_document(Named(len(found), unknown, named))
        return
    for line in _lines(found, unknown, named):
        Screen().line(line, hang=2)


def _lines(found: Sequence[SourceState], unknown: Sequence[str], named: Sequence[SourceState]) -> list[str]:
    warnings = [f"warning: the feed list has no source called {name!r}" for name in unknown]
    count = f"Now it would name {len(named):,} of {plural(len(found), 'source')}{':' if named else '.'}"
    return [*warnings, count, *map(_line, named)]


def _line(one: SourceState) -> str:
    return f"  {one.status:<8} {one.name}, since {clock(one.since)}: {one.reason}"
