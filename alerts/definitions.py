"""alerts.toml: what people want to be alerted to, and on which channels."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from alerts.channels.definitions import BUILT_IN, Channel, load_channels
from alerts.periods import Quiet, clock_time, period, quiet_hours
from alerts.tables import check_name, convert
from alerts.update_terms import Updates, parse_updates
from query.parse import parse
from query.tree import Node
from stream.errors import ConfigError, FieldError, QueryError
from stream.messages import ChangeKind
from stream.suggest import did_you_mean
from stream.toml import read_toml

Severity = Literal["info", "warning", "critical"]

MOST = 100_000
"""The most alerts in one file."""
ONLY_OF_ARTICLES = (
    "query",
    "at_least",
    "of",
    "within",
    "same_story",
    "first_in_story",
    "updates",
    "languages",
)
"""Keys that don't apply to sources."""


NOT_OF_EDITS = ("at_least", "of", "within", "same_story", "first_in_story", "updates", "failing_for")
"""Keys that don't apply to edits."""


class _Written(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An alert as written in the file."""

    name: str
    about: Literal["articles", "sources", "edits"] = "articles"
    query: str = ""
    changes: tuple[ChangeKind, ...] = ()
    channels: tuple[str, ...] = ("file",)
    severity: Severity = "info"
    at_least: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 1
    of: Literal["articles", "outlets"] = "articles"
    within: str = "1h"
    same_story: bool | None = None
    first_in_story: bool = True
    updates: str = ""
    sources: tuple[str, ...] = ()
    failing_for: str = "6h"
    languages: tuple[str, ...] = ()
    quiet: str = ""
    zone: str = "UTC"
    throttle: str = ""
    digest: Literal["", "hourly", "daily"] = ""
    digest_at: str = "08:00"
    muted: bool = False
    muted_until: datetime | None = None


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that someone wants."""

    name: str
    about: Literal["articles", "sources", "edits"]
    """What it reports: articles that match; sources that go silent, fail, or recover; or edits, of articles that match or,
    without a query, of articles that alerts have reported."""
    query: str
    tree: Node | None
    """None if it is about sources, or about edits of reported articles."""
    changes: frozenset[ChangeKind]
    """For edits, the kinds that it reports; none means all, except passages added."""
    channels: tuple[str, ...]
    severity: Severity
    at_least: int
    """It takes this many articles, or outlets, ..."""
    of: Literal["articles", "outlets"]
    within: timedelta
    """... within this time, to fire."""
    same_story: bool
    """Whether these must be of the same story, the default for outlets; if not, all articles that match count together."""
    first_in_story: bool
    """Whether it fires once for all articles of a story, or for each."""
    updates: Updates
    """When it reports a story again."""
    sources: frozenset[str]
    """Names of outlets, case folded; none means all."""
    failing_for: timedelta
    """A failing source is reported after this time."""
    languages: frozenset[str]
    quiet: Quiet | None
    zone: ZoneInfo
    throttle: timedelta
    digest: Literal["", "hourly", "daily"]
    digest_at: time
    muted: bool
    muted_until: datetime | None


class Definitions(msgspec.Struct, frozen=True):
    """All of alerts.toml."""

    alerts: Mapping[str, Definition]
    channels: Mapping[str, Channel]
    broken: Mapping[str, str] = {}
    """Channels that can't be used in this process, and why: messages for them wait."""


NONE = Definitions({}, BUILT_IN)


def load_definitions(
    data: bytes,
    name: str,
    environment: Mapping[str, str] | None = None,
    folder: Path = Path(),
) -> Definitions:
    """The alerts and channels of a TOML file: `[[alert]]` and `[channels.NAME]` tables.

    Args:
        data: the file.
        name: what to call it in errors.
        environment: where values like `env:DESK_URL` of a channel are looked up; None: the process's environment.
        folder: what the paths of values like `file:desk.url` are relative to.

    Raises ConfigError that names the file, the alert or channel, the key and what was expected.
    """
    content = read_toml(data, name)
    for key in content.keys() - {"alert", "channels"}:
        raise ConfigError(
            f"{name}: unknown key {key!r}; expected [[alert]] tables and [channels.NAME] tables"
        )
    channels = load_channels(content.get("channels", {}), name, environment, folder)
    known = {*channels.usable, *channels.broken}
    return Definitions(_alerts(content.get("alert", []), name, known), channels.usable, channels.broken)


def _alerts(tables: object, name: str, channels: Collection[str]) -> dict[str, Definition]:
    if not isinstance(tables, list):
        raise ConfigError(f"{name}: expected [[alert]] tables, found a single 'alert'")
    if len(tables) > MOST:
        raise ConfigError(f"{name}: expected at most {MOST:,} alerts, found {len(tables):,}")
    found: dict[str, Definition] = {}
    for number, table in enumerate(tables, 1):
        where = f"{name}, alert {_called(table, number)}"
        definition = definition_of(table, where)
        if definition.name in found:
            raise ConfigError(f"{where}: two alerts have this name; each needs its own")
        for channel in definition.channels:
            if channel not in channels:
                known = did_you_mean(channel, sorted(channels))
                raise FieldError(where, "channels", f"there is no channel {channel!r}{known}")
        found[definition.name] = definition
    return found


def _called(table: object, number: int) -> str:
    """The name of an alert in errors: its own if it has one, else its place in the file."""
    given = table.get("name") if isinstance(table, dict) else None
    return repr(given[:100]) if isinstance(given, str) else f"number {number}"


def definition_of(table: object, where: str) -> Definition:
    """The alert in a table like those in the file; `where` begins an error's message. Its channels are not looked up."""
    written: _Written = convert(table, _Written, where)
    check_name(written.name, where)
    _check_about(table, written, where)
    until = written.muted_until
    fields = msgspec.structs.asdict(written)
    return Definition(
        **{
            **fields,
            "tree": _tree(written.query, where) if _has_query(written) else None,
            "changes": frozenset(written.changes),
            "same_story": written.of == "outlets" and written.at_least > 1
            if written.same_story is None
            else written.same_story,
            "updates": _read(parse_updates, written.updates, "updates", where),
            "failing_for": _read(period, written.failing_for, "failing_for", where),
            "within": _read(period, written.within, "within", where),
            "throttle": _read(period, written.throttle, "throttle", where)
            if written.throttle
            else timedelta(0),
            "quiet": _read(quiet_hours, written.quiet, "quiet", where) if written.quiet else None,
            "zone": _read(_zone, written.zone, "zone", where),
            "digest_at": _read(clock_time, written.digest_at, "digest_at", where),
            "sources": frozenset(source.casefold() for source in written.sources),
            "languages": frozenset(written.languages),
            "muted_until": until.replace(tzinfo=UTC) if until and until.tzinfo is None else until,
        }
    )


def _check_about(table: Any, written: _Written, where: str) -> None:
    """Check that the keys of an alert fit what it is about."""
    if written.about == "articles":
        _check_of_articles(table, written, where)
    if written.about != "edits" and "changes" in table:
        raise FieldError(where, "changes", "is only for an alert with about = 'edits'")
    for key in NOT_OF_EDITS:
        if written.about == "edits" and key in table:
            raise FieldError(where, key, "does not go with about = 'edits'")
    for key in ONLY_OF_ARTICLES:
        if written.about == "sources" and key in table:
            raise FieldError(where, key, "does not go with about = 'sources'")


def _check_of_articles(table: Any, written: _Written, where: str) -> None:
    """Check that the keys of an alert about articles fit together."""
    if "query" not in table:
        raise FieldError(where, "query", "expected a query, or about = 'sources' or 'edits'")
    if "failing_for" in table:
        raise FieldError(where, "failing_for", "is only for an alert with about = 'sources'")
    if written.same_story and written.at_least == 1:
        raise FieldError(where, "same_story", "needs at_least = 2 or more")
    if written.updates and not written.first_in_story:
        raise FieldError(where, "updates", "an alert for each article has none")


def _has_query(written: _Written) -> bool:
    return written.about == "articles" or (written.about == "edits" and bool(written.query))


def _tree(query: str, where: str) -> Node:
    try:
        return parse(query)
    except QueryError as error:
        raise FieldError(where, "query", error) from error


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/Berlin") from None


def _read(reader: Any, text: str, key: str, where: str) -> Any:
    try:
        return reader(text)
    except ValueError as error:
        raise FieldError(where, key, f"{error}, found {text[:100]!r}") from None
