"""`wirewatch alerts`: who is told of what."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec
import tomlkit
from rich.table import Table
from tomlkit import TOMLDocument

from alerts.definitions import Definition, Definitions
from alerts.results import firing_document
from alerts.rules import spoken
from alerts.state import Fired
from query.tree import show as show_query
from results.alert import History
from results.parts import Time
from stream.clock import utc_now
from stream.errors import ConfigError
from wirewatch.commands.alerts.backtest import test
from wirewatch.commands.alerts.history import Remembered, delivered_at, firings, lines_of, read_past
from wirewatch.commands.alerts.options import about_sources, given, with_conditions
from wirewatch.commands.lint import warning_lines
from wirewatch.commands.output import Form, print_document, print_lines, with_json, with_json_lines
from wirewatch.commands.render import clock, counted, screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment
from wirewatch.lists import alerts as alertlist


class AlertStatus(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alert-definition/1"):
    """An alert: what it is about, when it fires, and how often it has."""

    name: str
    about: str
    """`articles`, or `sources`."""
    query: str
    understood: str
    """The query, fully bracketed; '' if it is about sources."""
    severity: str
    channels: tuple[str, ...]
    broken_channels: dict[str, str]
    """Those of them that can't be used by this process, and why."""
    conditions: str
    muted: bool
    fired: int
    """How often it spoke in the last 30 days: a message counts once, however many channels and stories it has."""
    told: int
    """Stories (or articles, or changes of sources) that it told of in the last 30 days."""
    last_fired: Time | None
    held: int
    """Articles, or what became of sources, that wait for a digest, the end of quiet hours or of a throttle."""


class Listed(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/alerts/1"):
    """The alerts of alerts.toml."""

    alerts: tuple[AlertStatus, ...]


@click.group()
def alerts() -> None:
    """Who is told of what: add, list, show, test, history, mute, remove. A running wirewatch takes changes up by itself."""


alerts.add_command(test)

ADD_EXAMPLES = """
\b
Examples:
  wirewatch alerts add 'Peace talks' '"peace talks" AND syria'
  wirewatch alerts add Dams '"dam failure"~3' --to 'mailto://me:secret@example.org' --severity critical
  wirewatch alerts add Quake 'earthquake' --at-least 3 --of outlets --within 30m --to https://desk.example/hook
  wirewatch alerts add Digest 'topic:syria' --digest daily --quiet 22:00-07:00 --zone Europe/Berlin
  wirewatch alerts add 'Dark sources' --silent-sources --throttle 30m
  wirewatch alerts add Courier --silent-sources --source 'Harbour Courier' --failing-for 1h --severity critical
"""


@alerts.command(epilog=ADD_EXAMPLES)
@click.argument("name")
@click.argument("query", required=False)
@about_sources
@click.option(
    "--channel", "channels", multiple=True, help="A channel of alerts.toml, `stdout` or `file`. Repeatable."
)
@click.option(
    "--to",
    "urls",
    multiple=True,
    help="Deliver to this URL: Apprise's (mailto://...), or a webhook. Repeatable.",
)
@with_conditions
@with_settings
def add(
    settings: Settings,
    name: str,
    query: str | None,
    silent_sources: bool,  # noqa: FBT001 - click's flag
    channels: tuple[str, ...],
    urls: tuple[str, ...],
    **asked: Any,
) -> None:
    """Add an alert NAME for articles that match QUERY, or for sources that go silent (--silent-sources).

    Without --channel or --to it goes to alerts.jsonl in the data folder.
    """
    path = settings.paths.alerts
    if (query is None) != silent_sources:
        raise click.UsageError("expected either a QUERY or --silent-sources")
    subject = {"about": "sources"} if query is None else {"query": query}

    def change(document: TOMLDocument) -> None:
        if any(table.get("name") == name for table in document.get("alert", [])):
            raise ConfigError(
                f"{path}, alert {name!r}: the name is there already; `wirewatch alerts remove` takes it out"
            )
        new = [alertlist.add_channel(document, name, url, number) for number, url in enumerate(urls)]
        table = tomlkit.table()
        table.update({"name": name, **subject, **given(asked)})
        if channels or new:
            table["channels"] = [*channels, *new]
        document.setdefault("alert", tomlkit.aot()).append(table)

    definitions = alertlist.edit(path, change)
    found = definitions.alerts[name]
    click.echo(f"Added {name!r} to {path}: {_understood(found)}, to {', '.join(found.channels)}.")
    for line in _broken_lines(_broken(found, definitions)):
        click.echo(f"warning: {line}")
    for line in warning_lines(query, settings.paths) if query else ():
        click.echo(line)


def _understood(definition: Definition) -> str:
    """What an alert is about: its query, fully bracketed; or in words."""
    return show_query(definition.tree) if definition.tree else "silent and failing sources"


@alerts.command(
    "list", epilog="\b\nExamples:\n  wirewatch alerts list\n  wirewatch alerts list --jsonl | jq .name"
)
@with_json_lines
@with_settings
def list_(settings: Settings, form: Form) -> None:
    """List the alerts, with how often each has fired."""
    definitions = alertlist.load(settings.paths.alerts)
    past = read_past(settings)
    rows = [_row(definition, definitions, past) for definition in definitions.alerts.values()]
    if form == "jsonl":
        print_lines(rows)
        return
    if form == "json":
        print_document(Listed(tuple(rows)))
        return
    console = screen()
    if not rows:
        console.print(
            f"There are no alerts in {settings.paths.alerts}; add one with: wirewatch alerts add NAME QUERY"
        )
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("alert", "severity", "channels", "fired", "last", "held", "query"):
        table.add_column(heading, justify="right" if heading in ("fired", "held") else "left")
    for row in rows:
        name = f"{row.name} (muted)" if row.muted else row.name
        last = clock(row.last_fired)
        table.add_row(
            name,
            row.severity,
            ", ".join(f"{one} (broken)" if one in row.broken_channels else one for one in row.channels),
            str(row.fired),
            last,
            str(row.held),
            row.query or "(silent sources)",
        )
    console.print(table)
    for line in _broken_lines({channel: why for row in rows for channel, why in row.broken_channels.items()}):
        console.print(line, style="yellow", markup=False, soft_wrap=True)


@alerts.command(epilog="\b\nExamples:\n  wirewatch alerts show 'Peace talks'")
@click.argument("name")
@with_json
@with_settings
def show(settings: Settings, name: str, form: Form) -> None:
    """Show an alert: how its query is understood, when it fires, what it last told."""
    definitions = alertlist.load(settings.paths.alerts)
    definition = _named(definitions, name, settings)
    past = read_past(settings)
    row = _row(definition, definitions, past)
    if form == "json":
        print_document(row)
        return
    console = screen()
    console.print(f"{name}  [{row.severity}]{'  muted' if row.muted else ''}", style="bold", markup=False)
    what = "articles" if definition.tree else "changes"
    for heading, value in (
        *((("query", row.query), ("understood", row.understood)) if definition.tree else ()),
        ("fires", row.conditions),
        ("channels", ", ".join(row.channels)),
        ("fired", f"{counted(row.fired, 'time')} in 30 days; {row.held} {what} are held back"),
    ):
        console.print(f"  {heading:<11} {value}", markup=False, soft_wrap=True)
    for said in _broken_lines(row.broken_channels):
        console.print(f"  {said}", style="yellow", markup=False, soft_wrap=True)
    for one in [one for one in past.fired if one.alert == name][-5:]:
        console.print()
        for line in lines_of(one, past.deliveries):
            console.print(line, soft_wrap=True)


@alerts.command(
    epilog="\b\nExamples:\n  wirewatch alerts history --since 24h\n"
    "  wirewatch alerts history 'Peace talks' --jsonl | jq -r .hit.article.url"
)
@click.argument("name", required=False)
@click.option(
    "--since", default="30d", show_default=True, help="Fired since: 2016-03-14, 24h, 7d. Kept for 30 days."
)
@with_json_lines
@with_settings
def history(settings: Settings, name: str | None, since: str, form: Form) -> None:
    """What was told: each story with why, when, and when it was delivered where. Newest last."""
    start = moment(since, utc_now())
    past = read_past(settings)
    chosen = [one for one in past.fired if one.at >= start and name in (None, one.alert)]
    if form != "text":
        documents = [firing_document(one, delivered_at(one, past.deliveries)) for one in chosen]
        if form == "jsonl":
            print_lines(documents)
        else:
            print_document(History(since=start.astimezone(UTC), firings=tuple(documents)))
        return
    console = screen()
    for one in chosen:
        for line in lines_of(one, past.deliveries):
            console.print(line, soft_wrap=True)
        console.print()
    console.print(_history_line(chosen, start), style="dim")


def _history_line(chosen: Sequence[Fired], start: datetime) -> str:
    told = [one for one in chosen if one.message]
    held = len(chosen) - len(told)
    waiting = f"; {held} held back" if held else ""
    return f"{counted(firings(told), 'firing')} since {clock(start)}, {len(told)} told of{waiting}."


MUTE_EXAMPLES = """
\b
Examples:
  wirewatch alerts mute Dams
  wirewatch alerts mute Dams --for 2h
  wirewatch alerts mute Dams --off
"""


@alerts.command(epilog=MUTE_EXAMPLES)
@click.argument("name")
@click.option("--for", "span", help="For so long: 30m, 2h, 7d.")
@click.option("--off", is_flag=True, help="Let it speak again.")
@with_settings
def mute(settings: Settings, name: str, span: str | None, off: bool) -> None:  # noqa: FBT001 - click's flag
    """Silence an alert. What it would have told meanwhile is not made up for."""
    path, now = settings.paths.alerts, utc_now()
    until = now + _span(span, now) if span else None

    def change(document: TOMLDocument) -> None:
        table = alertlist.table_of(document, name, path)
        for key in ("muted", "muted_until"):
            table.pop(key, None)
        if until:
            table["muted_until"] = until.replace(microsecond=0)
        elif not off:
            table["muted"] = True

    alertlist.edit(path, change)
    click.echo(
        f"{name!r} speaks again."
        if off
        else f"{name!r} is muted{f' until {clock(until)} UTC' if until else ''}."
    )


def _span(text: str, now: Any) -> timedelta:
    span: timedelta = now - moment(text, now)
    if span <= timedelta(0):
        raise ConfigError(f"--for {text!r}: expected a span of time such as 30m, 2h or 7d")
    return span


@alerts.command(epilog="\b\nExamples:\n  wirewatch alerts remove Dams")
@click.argument("name")
@with_settings
def remove(settings: Settings, name: str) -> None:
    """Remove an alert, and the channels that `add --to` made for it and no other alert uses.

    Channels that you wrote stay, and are named. What the alert told stays in `alerts history`.
    """
    path = settings.paths.alerts
    found = None

    def change(document: TOMLDocument) -> None:
        nonlocal found
        found = alertlist.take_out(document, name, path)

    alertlist.edit(path, change)
    if found is not None:
        for line in _taken_out_lines(found, name, path):
            click.echo(line)


def _taken_out_lines(found: alertlist.TakenOut, name: str, path: Path) -> list[str]:
    channels = "channel" if len(found.removed) == 1 else "channels"
    made = f" and the {channels} made for it, {_quoted(found.removed)}" if found.removed else ""
    used = [f"Kept channel {one!r}: used by {_quoted(others)}." for one, others in found.used.items()]
    unused = [
        f"Kept channel {one!r}, which may be yours. No alert uses it now; if you don't need it, delete it from {path}."
        for one in found.unused
    ]
    return [f"Removed {name!r}{made}.", *used, *unused]


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))


def _broken(definition: Definition, definitions: Definitions) -> dict[str, str]:
    """The channels of an alert that can't be used here, and why."""
    return {one: definitions.broken[one] for one in definition.channels if one in definitions.broken}


def _broken_lines(broken: Mapping[str, str]) -> list[str]:
    return [f"channel {name!r} can't be used here: {why}" for name, why in broken.items()]


def _named(definitions: Definitions, name: str, settings: Settings) -> Definition:
    found = definitions.alerts.get(name)
    if found is None:
        known = ", ".join(map(repr, definitions.alerts)) or "none"
        raise ConfigError(f"{settings.paths.alerts}: there is no alert {name!r}; there are: {known}")
    return found


def _row(definition: Definition, definitions: Definitions, past: Remembered) -> AlertStatus:
    ours = [one for one in past.fired if one.alert == definition.name]
    until, last = definition.muted_until, past.spoke.get(definition.name)
    return AlertStatus(
        name=definition.name,
        about=definition.about,
        query=definition.query,
        understood=show_query(definition.tree) if definition.tree else "",
        severity=definition.severity,
        channels=definition.channels,
        broken_channels=_broken(definition, definitions),
        conditions=conditions(definition),
        muted=definition.muted or (until is not None and utc_now() < until),
        fired=firings(ours),
        told=sum(bool(one.message) for one in ours),
        last_fired=last.astimezone(UTC) if last else None,
        held=sum(one.alert == definition.name for one in past.held),
    )


def conditions(definition: Definition) -> str:
    """When an alert fires, in words."""
    said = []
    if definition.at_least > 1:
        story = "with the same story " if definition.same_story else ""
        said.append(f"for {definition.at_least} {definition.of} {story}within {spoken(definition.within)}")
    if definition.about == "sources":
        failing = spoken(definition.failing_for)
        said.append(f"when a source goes silent, fails for {failing}, is gone, or is heard again")
    else:
        said.append("once a story" if definition.first_in_story else "for each article")
    if definition.sources:
        said.append(f"of {', '.join(sorted(definition.sources))}")
    if definition.languages:
        said.append(f"in {', '.join(sorted(definition.languages))}")
    if definition.throttle:
        said.append(f"at most once in {spoken(definition.throttle)}")
    if definition.digest:
        said.append(f"as {'an' if definition.digest == 'hourly' else 'a'} {definition.digest} digest")
    if definition.quiet:
        said.append(
            f"not from {definition.quiet.start:%H:%M} to {definition.quiet.end:%H:%M} {definition.zone}"
        )
    return ", ".join(said)
