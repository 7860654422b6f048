"""How alerts and channels stand, for `wirewatch alerts list` and `show`, and for the page."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from alerts.channels import definitions as channels
from alerts.definitions import Definition, Definitions
from alerts.update_terms import shown
from query.tree import show as show_query
from results.alerts import Alerts, AlertStatus, Channel
from stream.clock import utc_now
from stream.words import span
from wirewatch.commands.alerts.history import Remembered, firings
from wirewatch.lists.alerts import version_of


def listed(definitions: Definitions, past: Remembered, written: Mapping[str, Mapping[str, Any]]) -> Alerts:
    """All alerts and channels; `written` are the alerts' tables, by name."""
    rows = (
        status_of(definition, definitions, past, written.get(definition.name, {}))
        for definition in definitions.alerts.values()
    )
    return Alerts(tuple(rows), tuple(_channels(definitions)))


def status_of(
    definition: Definition, definitions: Definitions, past: Remembered, written: Mapping[str, Any]
) -> AlertStatus:
    """How an alert stands; `written` is its table."""
    ours = [one for one in past.fired if one.alert == definition.name]
    until, held = definition.muted_until, sum(one.alert == definition.name for one in past.held)
    waits = until is not None and utc_now() < until
    return AlertStatus(
        name=definition.name,
        about=definition.about,
        query=definition.query,
        understood=show_query(definition.tree) if definition.tree else "",
        severity=definition.severity,
        channels=definition.channels,
        broken_channels=broken_channels(definition, definitions),
        conditions=conditions(definition),
        muted=definition.muted or waits,
        fired=firings(ours),
        told=sum(bool(one.message) for one in ours),
        last_fired=_utc(past.spoke.get(definition.name)),
        held=held,
        muted_until=_utc(until) if waits else None,
        due=_utc(past.due.get(definition.name)) if held else None,
        keys=dict(written),
        version=version_of(written),
    )


def _utc(time: datetime | None) -> datetime | None:
    return time.astimezone(UTC) if time else None


def broken_channels(definition: Definition, definitions: Definitions) -> dict[str, str]:
    """The channels of an alert that can't be used here, and why."""
    return {one: definitions.broken[one] for one in definition.channels if one in definitions.broken}


def _channels(definitions: Definitions) -> Iterator[Channel]:
    for name, channel in definitions.channels.items():
        kind = str(channel.__struct_config__.tag)
        yield Channel(name, kind, _target(channel), None, _users(name, definitions))
    for name, why in definitions.broken.items():
        yield Channel(name, "unknown", "", why, _users(name, definitions))


def _users(channel: str, definitions: Definitions) -> tuple[str, ...]:
    return tuple(alert.name for alert in definitions.alerts.values() if channel in alert.channels)


def _target(channel: channels.Channel) -> str:
    """Where a channel leads. Apprise's URLs and webhooks may hold tokens anywhere, so only the service or host is told."""
    match channel:
        case channels.Apprise(url=url):
            return url.partition(":")[0]
        case channels.Webhook(url=url):
            return urlsplit(url).hostname or ""
        case channels.File(path=path) | channels.Feed(path=path):
            return path
        case _:
            return ""


def conditions(definition: Definition) -> str:
    """When an alert fires, in words."""
    said = []
    if definition.at_least > 1:
        story = "with the same story " if definition.same_story else ""
        said.append(f"for {definition.at_least} {definition.of} {story}within {span(definition.within)}")
    if definition.about == "sources":
        failing = span(definition.failing_for)
        said.append(f"when a source goes silent, fails for {failing}, is gone, or is heard again")
    elif definition.about == "edits":
        whose = "that matches" if definition.tree else "that an alert reported"
        kinds = f" ({', '.join(sorted(definition.changes))})" if definition.changes else ""
        said.append(f"when an article {whose} is edited{kinds}")
    else:
        said.append("once for each story" if definition.first_in_story else "for each article")
    if definition.updates:
        said.append(f"with updates ({shown(definition.updates)})")
    if definition.sources:
        said.append(f"of {', '.join(sorted(definition.sources))}")
    if definition.languages:
        said.append(f"in {', '.join(sorted(definition.languages))}")
    if definition.throttle:
        said.append(f"at most once every {span(definition.throttle)}")
    if definition.digest:
        at = f" at {definition.digest_at:%H:%M} {definition.zone}" if definition.digest == "daily" else ""
        said.append(f"in {'an' if definition.digest == 'hourly' else 'a'} {definition.digest} digest{at}")
    if definition.quiet:
        said.append(
            f"but not from {definition.quiet.start:%H:%M} to {definition.quiet.end:%H:%M} {definition.zone}"
        )
    return ", ".join(said)
