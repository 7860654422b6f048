"""The channels of alerts.toml: where alerts are sent."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from alerts.tables import check_name, convert
from stream.errors import ConfigError

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

MADE_FOR = "made_for"
"""The key in a channel's table that names the alert for which `wirewatch alerts add --to` made it."""


class Apprise(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="apprise"):
    """E-mail, Slack, Telegram and a hundred others, by an Apprise URL."""

    url: Short


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="webhook"):
    """A POST of JSON; with a secret, signed (HMAC-SHA256)."""

    url: Short
    secret: str = ""


class Elasticsearch(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="elasticsearch"
):
    """A document in the index `<elasticsearch.prefix>-alerts`, for Kibana."""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="file"):
    """A line of JSON in a file; a relative path is in the data folder."""

    path: Short = "alerts.jsonl"


class Stdout(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="stdout"):
    """The standard output of the process that delivers."""

    format: Literal["text", "json"] = "text"


class Feed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="feed"):
    """An Atom feed in a file; a relative path is in the data folder."""

    path: Short
    title: Short = "wirewatch alerts"
    entries: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100


Channel = Apprise | Webhook | Elasticsearch | File | Stdout | Feed
BUILT_IN: Mapping[str, Channel] = {"stdout": Stdout(), "file": File()}
"""Channels that need no definition; a file may define others under these names."""


class Channels(msgspec.Struct, frozen=True):
    """The channels of a file."""

    usable: Mapping[str, Channel]
    broken: Mapping[str, str]
    """Why a channel can't be used in this process; the others can."""


SECRETS = ("url", "secret")
"""The keys of a channel that may hold a password or a token."""


def load_channels(
    tables: object,
    name: str,
    environment: Mapping[str, str] | None = None,
    folder: Path = Path(),
) -> Channels:
    """The channels of the `[channels.NAME]` tables, and the built-in ones.

    A value may be a reference: `env:NAME` (or `$NAME`) is an environment variable, `file:PATH` the content of a file. A channel
    is broken if what it refers to is missing or wrong. That stops no other channel: the list itself is right, and other
    processes may have the value. An error in the list raises ConfigError.

    Args:
        tables: the file's tables under `channels`.
        name: what to call the file in errors.
        environment: where variables are looked up; None: the process's environment.
        folder: what the paths of `file:` are relative to.
    """
    if not isinstance(tables, dict):
        raise ConfigError(f"{name}: channels: expected tables [channels.NAME], found {str(tables)[:100]!r}")
    variables = os.environ if environment is None else environment
    usable: dict[str, Channel] = dict(BUILT_IN)
    broken: dict[str, str] = {}
    for called, table in tables.items():
        where = f"{name}, channel {called!r}"
        check_name(called, where)
        given = _without_mark(table, where)
        try:
            usable[called] = _channel(_filled(given, variables, folder), where)
        except (_MissingError, ConfigError) as error:
            if not _references(given):
                raise
            _check_form(given, where)
            broken[called] = str(error).removeprefix(f"{where}, ")
            usable.pop(called, None)
    return Channels(usable, broken)


class _MissingError(Exception):
    """What a channel refers to is missing."""


def _without_mark(table: object, where: str) -> object:
    if not isinstance(table, dict):
        return table
    mark = table.get(MADE_FOR, "")
    if not isinstance(mark, str):
        raise ConfigError(
            f"{where}, key {MADE_FOR!r}: expected the name of an alert, found {str(mark)[:100]!r}"
        )
    return {key: value for key, value in table.items() if key != MADE_FOR}


def is_reference(value: object) -> bool:
    """Whether a value of a channel's table says where the real one is."""
    return isinstance(value, str) and value.startswith(("$", "env:", "file:"))


def resolved(value: str, environment: Mapping[str, str], folder: Path) -> str:
    """What a reference refers to; raises ValueError if that is missing."""
    if value.startswith("file:"):
        path = folder / value.removeprefix("file:")
        try:
            return path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "expected UTF-8"
            raise ValueError(f"the file {path} can't be read: {reason}") from None
    variable = value.removeprefix("env:").removeprefix("$")
    if variable not in environment:
        raise ValueError(f"there is no environment variable {variable}")
    return environment[variable]


def _references(table: object) -> dict[str, str]:
    """The values of a channel's table that are references, by key."""
    values = table.items() if isinstance(table, dict) else ()
    return {key: value for key, value in values if is_reference(value)}


def _filled(table: object, environment: Mapping[str, str], folder: Path) -> object:
    """A channel's table with what it refers to."""
    if not isinstance(table, dict):
        return table
    filled = dict(table)
    for key, value in _references(table).items():
        try:
            filled[key] = resolved(value, environment, folder)
        except ValueError as error:
            raise _MissingError(f"key {key!r}: {error}") from None
    return filled


def _channel(table: object, where: str) -> Channel:
    channel: Channel = convert(table, Channel, where)
    _check_url(channel, where)
    return channel


def _check_form(table: object, where: str) -> None:
    """Raise ConfigError for errors in a table that don't depend on what it refers to: an unknown kind or key."""
    convert(table, Channel, where)


def _check_url(channel: Channel, where: str) -> None:
    match channel:
        case Webhook(url=url) if not re.fullmatch(r"https?://[^\s/?#]+\S*", url):
            raise ConfigError(f"{where}, key 'url': expected a URL like https://desk.example/hook")
        case Apprise(url=url):
            from alerts.apprise_urls import is_known  # noqa: PLC0415 - Apprise takes its time to be imported

            if not is_known(url):
                raise ConfigError(
                    f"{where}, key 'url': expected an Apprise URL, such as mailto://user:password@example.org or"
                    " slack://token/...; see https://github.com/caronc/apprise/wiki"
                )
        case _:
            return
