"""`wirewatch check`: examine the log, the archive and its index, and repair what can be repaired."""

import sys
from collections.abc import Sequence

import click
import msgspec

from stream.errors import ConfigError
from stream.finding import Finding
from stream.words import plural
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.stores import is_being_written, is_lost
from wirewatch.topics import RELATED, open_log

EXAMPLES = """
\b
Examples:
  wirewatch check                 what is damaged, and what a repair would do
  wirewatch check --repair        do it; stop a running wirewatch first
  wirewatch check --json | jq '.parts[] | select(.problem != "")'
"""


class Report(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/check/1"):
    """What was found in the stored data, and what was repaired."""

    parts: Sequence[Finding]
    """The log, the archive and its index, as far as they are on this machine."""
    repaired: Sequence[str]
    """What a repair did, a sentence each."""


@click.command(epilog=EXAMPLES)
@click.option(
    "--repair",
    "mend",
    is_flag=True,
    help="Repair what can be repaired; damaged files are kept beside the new ones.",
)
@with_json
@with_settings
def check(settings: Settings, mend: bool, form: Form) -> None:  # noqa: FBT001 - click's flags
    """Find damage in the stored data, and repair it.

    Examines the log, the archive of articles and its search index; changes nothing without --repair. The exit code is 1 if
    something is (still) damaged.
    """
    found = _examine(settings)
    done: list[str] = []
    if mend and any(one.repair for one in found):
        done = _repair(settings, found)
        found = _examine(settings)
    if form == "json":
        print_document(Report(found, done))
    else:
        _tell(found, done)
    if any(one.problem for one in found):
        sys.exit(1)


def _examine(settings: Settings) -> list[Finding]:
    found: list[Finding] = []
    config, paths = settings.config, settings.paths
    if not config.kafka.bootstrap_servers:
        from stream.log.sqlite.check import examine  # noqa: PLC0415 - only what is asked for is imported

        found.append(examine(paths.log))
    if not config.elasticsearch.hosts:
        from index.embedded.check import examine as examine_archive  # noqa: PLC0415 - see above

        found += [_lost(settings)] if _is_lost(settings, found) else examine_archive(paths.index)
    if not found:
        raise ConfigError(
            "check: the log is in Kafka and the archive in Elasticsearch: nothing of them is on this machine"
        )
    return found


def _is_lost(settings: Settings, found: Sequence[Finding]) -> bool:
    """Whether the whole archive is gone; a log that can't be read can't tell."""
    if (settings.paths.index / "search").exists() or any(one.problem for one in found):
        return False
    if not (settings.config.kafka.bootstrap_servers or settings.paths.log.exists()):
        return False
    with open_log(settings.config, settings.paths, begins=False) as log:
        return is_lost(settings.config, settings.paths, log)


def _lost(settings: Settings) -> Finding:
    return Finding(
        "archive",
        str(settings.paths.index),
        problem="the archive is missing, although the log shows that articles were written to it",
        repair="starts an empty archive; articles that are still in the log are indexed again at the next run",
        advice="first look for a backup",
    )


def _repair(settings: Settings, found: Sequence[Finding]) -> list[str]:
    if is_being_written(settings.config, settings.paths):
        raise ConfigError("check --repair: wirewatch is running on this data; stop it first")
    from index.embedded.check import repair  # noqa: PLC0415 - see above

    lost = any(one.part == "archive" and "missing" in one.problem for one in found)
    done = repair(settings.paths.index)
    if lost:
        done.append(_read_again(settings))
    return done


def _read_again(settings: Settings) -> str:
    """Have what the log still holds indexed again."""
    with open_log(settings.config, settings.paths) as log:
        number = log.rewind("index", RELATED.name)
    return f"{plural(number, 'article')} still in the log will be indexed again at the next run"


def _tell(found: Sequence[Finding], done: Sequence[str]) -> None:
    screen = Screen()
    for line in done:
        screen.line(f"repaired: {line}")
    for one in found:
        state = "damaged" if one.problem else "ok"
        screen.line(f"{one.part:<8} {state:<8} {one.place}", style="red" if one.problem else "")
        for name, text in (
            ("", one.facts),
            ("", one.problem),
            ("repair: ", one.repair),
            ("or: ", one.advice),
        ):
            if text:
                screen.line(f"         {name}{text}")
    if any(one.repair for one in found):
        screen.print("To repair: wirewatch check --repair")
