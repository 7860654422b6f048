"""The options that say when an alert fires: those that `wirewatch alerts add` and `test` share, and those of `add`."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args

import click

from stream.messages import ChangeKind

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--severity", type=click.Choice(["info", "warning", "critical"])),
    click.option(
        "--at-least",
        type=click.IntRange(1, 1000),
        metavar="N",
        help="Fire only when N articles (or outlets, see --of) match.",
    ),
    click.option("--of", type=click.Choice(["articles", "outlets"]), help="What --at-least counts."),
    click.option("--within", help="The time in which --at-least counts: 30m, 1h, 2d. Default: 1h."),
    click.option(
        "--same-story/--any-story",
        "same_story",
        default=None,
        help="--at-least counts within one story, or all that match. Default: within one story for outlets.",
    ),
    click.option("--each", is_flag=True, help="Fire for each article, not once per story."),
    click.option(
        "--updates",
        help="Report a story again: 'outlets >= 5, 20; daily; new-language; own-reports'. Default: once.",
    ),
    click.option("--source", "sources", multiple=True, help="Only this source. Repeatable."),
    click.option(
        "--lang", "languages", multiple=True, help="Only this language: en, de, ar (ISO 639-1). Repeatable."
    ),
    click.option("--quiet", help="Hold messages back in these hours: 22:00-06:00."),
    click.option("--zone", help="The time zone of --quiet and --digest: Europe/Berlin. Default: UTC."),
    click.option("--throttle", help="Send at most one message in this time: 30m."),
    click.option(
        "--digest", type=click.Choice(["hourly", "daily"]), help="Send one message an hour, or a day."
    ),
    click.option("--digest-at", help="When the daily digest goes out: 08:00."),
)


_SOURCES_ONLY = (
    click.option(
        "--silent-sources",
        is_flag=True,
        help="Instead of QUERY: alert when a source goes silent, fails, or is heard again.",
    ),
    click.option(
        "--failing-for",
        help="With --silent-sources: how long a source fails before the alert fires. Default: 6h.",
    ),
)


_EDITS_ONLY = (
    click.option(
        "--edits",
        is_flag=True,
        help="Alert when an article that any alert reported is edited or withdrawn; with QUERY: one that matches it.",
    ),
    click.option(
        "--change",
        "changes",
        multiple=True,
        type=click.Choice(get_args(ChangeKind)),
        help="With --edits: only this kind of change. Repeatable. Default: all, except passages added.",
    ),
)


def about_edits(command: F) -> F:
    """Add the options of an alert about edits: `edits` and `changes`."""
    for option in reversed(_EDITS_ONLY):
        command = option(command)
    return command


def about_sources(command: F) -> F:
    """Add the options of an alert about sources: `silent_sources` and `failing_for`."""
    for option in reversed(_SOURCES_ONLY):
        command = option(command)
    return command


def with_conditions(command: F) -> F:
    """Add the options to a command, which gets them by the names of the file's keys, except `each`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, as the keys of an alert's table in the file."""
    table: dict[str, Any] = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asked.items()
        if key != "each" and value not in (None, ())
    }
    return {**table, "first_in_story": False} if asked["each"] else table
