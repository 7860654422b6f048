"""`wirewatch alerts`: who hears about what."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from tomlkit import TOMLDocument

from alerts.definitions import Definition, Definitions
from alerts.results import firing_document
from alerts.state import Fired
from query.tree import show as show_query
from results.alert import History
from results.alerts import AlertStatus
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.suggest import did_you_mean
from stream.words import plural
from wirewatch.commands import times as moments
from wirewatch.commands.alerts.backtest import test
from wirewatch.commands.alerts.doubts import check_conditions, doubts
from wirewatch.commands.alerts.history import delivered_at, firings, lines_of, read_past
from wirewatch.commands.alerts.options import about_edits, about_sources, given, with_conditions
from wirewatch.commands.alerts.status import broken_channels, conditions, listed, status_of
from wirewatch.commands.lint import warning_lines
from wirewatch.commands.output import Form, print_document, print_lines, with_json, with_json_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.taking_in import print_taken_in, replacing, write_out
from wirewatch.commands.times import clock, moment
from wirewatch.composition.lists import open_alert_list
from wirewatch.lists import alerts as alertlist


@click.group()
def alerts() -> None:
    """Manage and test alerts.

    A running wirewatch picks changes up by itself.
    """


alerts.add_command(test)

ADD_EXAMPLES = """
\b
Examples:
  wirewatch alerts add 'Peace talks' '"peace talks" AND syria'
  wirewatch alerts add Dams '"dam failure"~3' --to 'mailto://me:secret@example.org' --severity critical
  wirewatch alerts add Quake 'earthquake' --at-least 3 --of outlets --within 30m --to https://desk.example/hook
  wirewatch alerts add Digest 'topic:syria' --digest daily --quiet 22:00-07:00 --zone Europe/Berlin
  wirewatch alerts add 'Dark sources' --silent-sources --throttle 30m
  wirewatch alerts add 'What changed' --edits
  wirewatch alerts add Corrections 'topic:syria' --edits --change correction --change withdrawn
  wirewatch alerts add Courier --silent-sources --source 'Harbour Courier' --failing-for 1h --severity critical
"""


@alerts.command(epilog=ADD_EXAMPLES)
@click.argument("name")
@click.argument("query", required=False)
@about_sources
@about_edits
@click.option(
    "--channel",
    "channels",
    multiple=True,
    help="Send to this channel: one of alerts.toml, `stdout` or `file`. Repeatable.",
)
@click.option(
    "--to",
    "urls",
    multiple=True,
    help="Send to this URL: one of Apprise's (mailto://...), or a webhook. Repeatable.",
)
@with_conditions
@with_settings
def add(
    settings: Settings,
    name: str,
    query: str | None,
    silent_sources: bool,  # noqa: FBT001 - click's flag
    edits: bool,  # noqa: FBT001 - click's flag
    channels: tuple[str, ...],
    urls: tuple[str, ...],
    **asked: Any,
) -> None:
    """Add an alert called NAME for QUERY, sources or edits.

    It fires for articles that match QUERY, or with --silent-sources for sources that go silent or fail, or with --edits
    when reported articles are edited or withdrawn (with QUERY: those that match it). Without --channel or --to, messages go
    to alerts.jsonl in the data folder.
    """
    subject = _subject(query, silent_sources=silent_sources, edits=edits)
    check_conditions(asked)
    with open_alert_list(settings.config, settings.paths) as listed:
        place = listed.place

        def change(document: TOMLDocument) -> None:
            table = {"name": name, **subject, **given(asked)}
            whole = {**table, "channels": list(channels)} if channels else table
            alertlist.add_to(document, whole, urls, place)

        definitions = listed.edit(change)
    found = definitions.alerts[name]
    screen = Screen()
    screen.print(
        f"Added {name!r} to {place}. It fires {conditions(found)}, and is sent to {', '.join(found.channels)}."
    )
    screen.print(f"Understood as: {_understood(found)}")
    for line in _broken_lines(broken_channels(found, definitions)):
        screen.print(f"warning: {line}", style="yellow")
    for line in (*doubts(settings, found), *(warning_lines(query, settings.paths) if query else ())):
        screen.print(line, style="yellow")


def _subject(query: str | None, *, silent_sources: bool, edits: bool) -> dict[str, str]:
    """What an alert is about, as it stands in the file; raises UsageError if that is not one thing."""
    if silent_sources and (edits or query is not None):
        raise click.UsageError("--silent-sources goes with neither a QUERY nor --edits")
    if query is None and not (silent_sources or edits):
        raise click.UsageError("give either a QUERY or --silent-sources, or --edits")
    asked = {} if query is None else {"query": query}
    if not (silent_sources or edits):
        return asked
    return {"about": "edits" if edits else "sources", **asked}


def _understood(definition: Definition) -> str:
    """What an alert is about: its query with all brackets, or in words."""
    return show_query(definition.tree) if definition.tree else _SUBJECTS[definition.about]


_SUBJECTS = {"sources": "silent and failing sources", "edits": "edits of articles that alerts reported"}


@alerts.command(
    "list", epilog="\b\nExamples:\n  wirewatch alerts list\n  wirewatch alerts list --jsonl | jq .name"
)
@with_json_lines
@with_settings
def list_(settings: Settings, form: Form) -> None:
    """List the alerts and how often each has fired."""
    with open_alert_list(settings.config, settings.paths, begins=False) as source:
        definitions, written = source.load(), source.tables()
    past = read_past(settings)
    found = listed(definitions, past, written)
    rows = found.alerts
    screen = Screen()
    if form == "jsonl":
        print_lines(rows)
        return
    if form == "json":
        print_document(found)
        return
    if not rows:
        screen.print(f"There are no alerts in {source.place}; add one with: wirewatch alerts add NAME QUERY")
        return
    headings = ("alert", "severity", "channels", "fired", "last fired", "held", "query")
    screen.table(headings, list(map(_cells, rows)), right=("fired", "held"))
    for line in _broken_lines({channel: why for row in rows for channel, why in row.broken_channels.items()}):
        screen.print(line, style="yellow")


def _cells(row: AlertStatus) -> tuple[str, ...]:
    last = clock(row.last_fired)
    return (
        f"{row.name} (muted)" if row.muted else row.name,
        row.severity,
        ", ".join(f"{one} (broken)" if one in row.broken_channels else one for one in row.channels),
        f"{row.fired:,}",
        last,
        f"{row.held:,}",
        row.query or {"sources": "(silent sources)"}.get(row.about, "(edits of reported articles)"),
    )


@alerts.command(
    epilog="\b\nExamples:\n  wirewatch alerts show 'Peace talks'\n  wirewatch alerts show Dams --json | jq .fired"
)
@click.argument("name")
@with_json
@with_settings
def show(settings: Settings, name: str, form: Form) -> None:
    """Show an alert: its query, when it fires and what it last sent."""
    with open_alert_list(settings.config, settings.paths, begins=False) as source:
        definitions, written = source.load(), source.tables()
    definition = _named(definitions, name, source.place)
    past = read_past(settings)
    row = status_of(definition, definitions, past, written.get(name, {}))
    screen = Screen()
    if form == "json":
        print_document(row)
        return
    screen.line(f"{name}  [{row.severity}]{'  muted' if row.muted else ''}", style="bold")
    held_back = plural(row.held, "article" if definition.tree else "change")
    for heading, value in (
        *((("query", row.query), ("understood", row.understood)) if definition.tree else ()),
        ("fires", row.conditions),
        ("channels", ", ".join(row.channels)),
        ("fired", f"{plural(row.fired, 'time')} in 30 days; {held_back} held back"),
    ):
        screen.line(f"  {heading:<11} {value}", hang=14)
    for said in _broken_lines(row.broken_channels):
        screen.line(f"  {said}", style="yellow")
    for one in [one for one in past.fired if one.alert == name][-5:]:
        screen.print()
        for line in lines_of(one, past.deliveries):
            screen.print(line)


HISTORY_EXAMPLES = """
\b
Examples:
  wirewatch alerts history --since 24h
  wirewatch alerts history 'Peace talks' --jsonl | jq -r .hit.article.url
"""


@alerts.command(epilog=HISTORY_EXAMPLES)
@click.argument("name", required=False)
@click.option(
    "--since",
    default="30d",
    show_default=True,
    help="Fired since: 2016-03-14, 24h, 7d. History is kept for 30 days.",
)
@with_json_lines
@with_settings
def history(settings: Settings, name: str | None, since: str, form: Form) -> None:
    """List what fired, why, and when it was delivered, newest last."""
    start = moments.past("--since", since, utc_now())
    past = read_past(settings)
    if name and not any(one.alert == name for one in past.fired):  # removed ones have a history, too
        with open_alert_list(settings.config, settings.paths, begins=False) as source:
            _named(source.load(), name, source.place)
    chosen = [one for one in past.fired if one.at >= start and name in (None, one.alert)]
    if form != "text":
        documents = [firing_document(one, delivered_at(one, past.deliveries)) for one in chosen]
        if form == "jsonl":
            print_lines(documents)
        else:
            print_document(History(since=start.astimezone(UTC), firings=tuple(documents)))
        return
    screen = Screen()
    for one in chosen:
        for line in lines_of(one, past.deliveries):
            screen.print(line)
        screen.print()
    last = [one.at for one in past.fired if name in (None, one.alert)][-1:]
    before = f" The last one before fired on {clock(last[0])}." if last and not chosen else ""
    screen.print(_history_line(chosen, start) + before, style="dim")


def _history_line(chosen: Sequence[Fired], start: datetime) -> str:
    told = [one for one in chosen if one.message]
    held = len(chosen) - len(told)
    waiting = f"; {held:,} held back" if held else ""
    return f"{plural(firings(told), 'firing')} since {clock(start)}, {len(told):,} reported{waiting}."


MUTE_EXAMPLES = """
\b
Examples:
  wirewatch alerts mute Dams
  wirewatch alerts mute Dams --for 2h
  wirewatch alerts mute Dams --off
"""


@alerts.command(epilog=MUTE_EXAMPLES)
@click.argument("name")
@click.option("--for", "span_text", help="How long: 30m, 2h, 7d. Default: until --off.")
@click.option("--off", is_flag=True, help="End the silence.")
@with_settings
def mute(settings: Settings, name: str, span_text: str | None, off: bool) -> None:  # noqa: FBT001 - click's flag
    """Silence an alert for a while, or until --off.

    What it misses in the meantime is not sent later.
    """
    if off and span_text:
        raise click.UsageError("give either --for or --off")
    now = utc_now()
    until = now + _span(span_text, now) if span_text else None
    with open_alert_list(settings.config, settings.paths, begins=False) as listed:

        def change(document: TOMLDocument) -> None:
            if off:
                alertlist.unmute(document, name, listed.place)
            else:
                alertlist.silence(document, name, until, listed.place)

        listed.edit(change)
    said = "is no longer muted" if off else f"is muted{f' until {clock(until)}' if until else ''}"
    Screen().print(f"{name!r} {said}.")


def _span(text: str, now: Any) -> timedelta:
    length: timedelta = now - moment(text, now)
    if length <= timedelta(0):
        raise ConfigError(f"--for {text!r}: expected a length of time such as 30m, 2h or 7d")
    return length


@alerts.command(epilog="\b\nExamples:\n  wirewatch alerts remove Dams")
@click.argument("name")
@with_settings
def remove(settings: Settings, name: str) -> None:
    """Remove an alert.

    Channels that `add --to` made for it go with it, unless another alert uses them. Channels that you wrote stay, and
    are named. What the alert sent stays in `alerts history`.
    """
    found = None
    with open_alert_list(settings.config, settings.paths, begins=False) as listed:

        def change(document: TOMLDocument) -> None:
            nonlocal found
            found = alertlist.take_out(document, name, listed.place)

        listed.edit(change)
    if found is not None:
        for line in taken_out_lines(found, name):
            Screen().print(line)


IMPORT_EXAMPLES = """
\b
Examples:
  wirewatch alerts import alerts.toml
  wirewatch alerts import alerts-of-the-desk.toml --replace
"""


@alerts.command("import", epilog=IMPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@replacing
@with_settings
def import_(settings: Settings, file: Path, replace: bool) -> None:  # noqa: FBT001 - click's flag
    """Add the alerts and channels of a file.

    Those that are there already stay as they are, unless you say --replace.
    """
    with open_alert_list(settings.config, settings.paths) as listed:
        print_taken_in(listed.take_in(file.read_bytes(), str(file), replace=replace), listed.place)


EXPORT_EXAMPLES = """
\b
Examples:
  wirewatch alerts export alerts-of-the-desk.toml
  wirewatch alerts export > backup.toml
"""


@alerts.command(epilog=EXPORT_EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@with_settings
def export(settings: Settings, file: Path | None) -> None:
    """Write the alerts and channels as TOML to FILE or standard output.

    The file has the passwords and tokens of channels where alerts.toml has them. Alerts that are shared through Kafka
    refer to them instead (`env:NAME`, `file:PATH`).
    """
    with open_alert_list(settings.config, settings.paths, begins=False) as listed:
        write_out(listed.toml(), file)


def taken_out_lines(found: alertlist.TakenOut, name: str) -> list[str]:
    """What became of an alert and its channels, in sentences."""
    channels = "channel" if len(found.removed) == 1 else "channels"
    made = f" and the {channels} made for it, {_quoted(found.removed)}" if found.removed else ""
    used = [f"Kept channel {one!r}: used by {_quoted(others)}." for one, others in found.used.items()]
    unused = [
        f"Kept channel {one!r}, which may be yours. No alert uses it now; if you don't need it: wirewatch channels remove"
        f" {shlex.quote(one)}"
        for one in found.unused
    ]
    return [f"Removed {name!r}{made}.", *used, *unused]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _broken_lines(broken: Mapping[str, str]) -> list[str]:
    return [f"channel {name!r} can't be used here: {why}" for name, why in broken.items()]


def _named(definitions: Definitions, name: str, place: str) -> Definition:
    found = definitions.alerts.get(name)
    if found is None:
        known = did_you_mean(name, list(definitions.alerts)) or "; there are none yet"
        raise ConfigError(f"{place}: no alert is called {name!r}{known}")
    return found
