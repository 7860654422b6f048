"""The options that say when an alert fires: those that `wirewatch alerts add` and `test` share, and those of `add` alone."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--severity", type=click.Choice(["info", "warning", "critical"])),
    click.option(
        "--at-least", type=click.IntRange(1, 1000), help="Only for so many articles (or outlets) ..."
    ),
    click.option("--of", type=click.Choice(["articles", "outlets"]), help="... counted so ..."),
    click.option("--within", help="... within so long: 30m, 1h, 2d ..."),
    click.option(
        "--same-story",
        is_flag=True,
        default=None,
        help="... that carry one and the same story: copies, nearly word for word. Default: all that match count together.",
    ),
    click.option("--each", is_flag=True, help="For each article, not once for all that tell the same story."),
    click.option("--source", "sources", multiple=True, help="Only this outlet. Repeatable."),
    click.option(
        "--lang", "languages", multiple=True, help="Only articles in this language (ISO 639-1). Repeatable."
    ),
    click.option("--quiet", help="Hold it back in these hours: 22:00-06:00."),
    click.option("--zone", help="The time zone of --quiet and --digest: Europe/Berlin. Default: UTC."),
    click.option("--throttle", help="At most one message in so long: 30m."),
    click.option(
        "--digest", type=click.Choice(["hourly", "daily"]), help="One message for all of an hour, or day."
    ),
    click.option("--digest-at", help="When the daily one goes out: 08:00."),
)


_SOURCES_ONLY = (
    click.option(
        "--silent-sources",
        is_flag=True,
        help="Instead of QUERY: tell when a source goes silent or fails, and when it is heard again.",
    ),
    click.option("--failing-for", help="With --silent-sources: a source that fails, after so long: 6h."),
)


def about_sources(command: F) -> F:
    """Add the options of an alert about sources: `silent_sources` and `failing_for`."""
    for option in reversed(_SOURCES_ONLY):
        command = option(command)
    return command


def with_conditions(command: F) -> F:
    """Add the options to a command, which gets them by the names of the file's keys, but `each`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The options that were given, as an alert's table in the file has them."""
    table: dict[str, Any] = {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in asked.items()
        if key != "each" and value not in (None, ())
    }
    return {**table, "first_in_story": False} if asked["each"] else table
