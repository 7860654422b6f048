"""Options of an alert that contradict each other, and values in it that may be a mistake."""

from collections.abc import Mapping
from typing import Any

import click

from alerts.definitions import Definition
from wirewatch.commands.doubts import check_languages, known_sources, unknown_sources
from wirewatch.commands.settings import Settings


def check_conditions(asked: Mapping[str, Any]) -> None:
    """Raise UsageError for options that can't be meant together, or that do nothing."""
    if asked.get("digest_at") and asked.get("digest") != "daily":
        raise click.UsageError("--digest-at: is only for --digest daily")
    counting = (asked.get("at_least") or 1) > 1
    if counting and asked.get("each"):
        raise click.UsageError("--each: does not go with --at-least, which fires once for several articles")
    for name, given in (("--of", asked.get("of")), ("--within", asked.get("within"))):
        if given and not counting:
            raise click.UsageError(f"{name}: needs --at-least 2 or more")
    if asked.get("zone") and not (asked.get("quiet") or asked.get("digest") == "daily"):
        raise click.UsageError("--zone: needs --quiet or --digest daily")
    check_languages(asked.get("languages") or ())


def doubts(settings: Settings, definition: Definition) -> list[str]:
    """What in an alert may be a mistake: sources that this wirewatch does not know."""
    return unknown_sources(sorted(definition.sources), known_sources(settings)) if definition.sources else []
