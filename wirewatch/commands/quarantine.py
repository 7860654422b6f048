"""`wirewatch quarantine`: look at what could not be processed, and try it again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
import msgspec

from results.status import DeadLetter, Quarantine
from stream.errors import ConfigError, Reject
from stream.messages import Dead, Entry, Page, decode
from stream.quarantine import QUARANTINE, RETRIES, discard, read
from stream.quarantine import retry as try_again
from stream.words import plural
from wirewatch.commands.output import Form, print_document, print_lines, with_json, with_json_lines
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock
from wirewatch.topics import STAGES, TOPICS, open_log

STARTING_ALIKE = 5
"""IDs that are named where several begin like the one that was asked for."""
SHOWN_BYTES = 300
"""Of a body, in the record of a message."""


class Shown(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/quarantined/1"):
    """One message that could not be handled."""

    dead: DeadLetter
    message: Any
    """The message itself, as the stages know it: its form may change from one version to the next."""


@click.group()
def quarantine() -> None:
    """List, retry and discard what could not be processed."""


LIST_EXAMPLES = """
\b
Examples:
  wirewatch quarantine list
  wirewatch quarantine list --kind no-text
  wirewatch quarantine list --waiting
  wirewatch quarantine list --jsonl | jq -r .subject
"""

_STAGE = click.Choice([*STAGES, "poll"])


@quarantine.command("list", epilog=LIST_EXAMPLES)
@click.option("--stage", type=_STAGE, help="Only messages that this stage could not process.")
@click.option("--kind", help="Only failures of this kind, such as http-404.")
@click.option("--waiting", is_flag=True, help="List what wirewatch will retry by itself instead.")
@with_json_lines
@with_settings
def list_(settings: Settings, stage: str | None, kind: str | None, waiting: bool, form: Form) -> None:  # noqa: FBT001
    """List what is in quarantine, and why, oldest first."""
    with open_log(settings.config, settings.paths, begins=False) as log:
        everything = read(log, RETRIES if waiting else QUARANTINE)
    dead = _matching(everything, stage, kind)
    if form == "json":
        print_document(Quarantine(tuple(map(row_of, dead))))
        return
    if form == "jsonl":
        print_lines(map(row_of, dead))
        return
    screen = Screen()
    for one in dead:
        _show_line(screen, one)
    if not dead:
        screen.print(_nothing(everything, stage, kind, waiting=waiting))


def _show_line(screen: Screen, one: Dead) -> None:
    retry_at = f"  next try {clock(one.retry_at)}" if one.retry_at else ""
    screen.line(f"{one.id}  {clock(one.failed)}  {one.stage}: {one.kind}{retry_at}", hang=18)
    screen.line(f"                  {_subject(one)}", style="blue")
    screen.line(f"                  {_last_line(one.reason)}")


def _last_line(reason: str) -> str:
    return (reason.strip().splitlines() or [""])[-1]


def _nothing(everything: Sequence[Dead], stage: str | None, kind: str | None, *, waiting: bool) -> str:
    """What to say of an empty list: is there nothing at all, or nothing that was asked for?"""
    if not everything:
        return "Nothing is waiting for another try." if waiting else "The quarantine is empty."
    asked = " and ".join(filter(None, (f"stage {stage}" if stage else "", f"kind {kind}" if kind else "")))
    kinds = ", ".join(sorted({one.kind for one in everything}))
    return (
        f"Nothing matches {asked}; {plural(len(everything), 'other message')} there, of these kinds: {kinds}."
    )


SHOW_EXAMPLES = """
\b
Examples:
  wirewatch quarantine show 3f9a1c20
  wirewatch quarantine show 3f9a1c20 --json | jq .message.url
"""


@quarantine.command(epilog=SHOW_EXAMPLES)
@click.argument("dead_id", metavar="ID")
@with_json
@with_settings
def show(settings: Settings, dead_id: str, form: Form) -> None:
    """Show one message: why it failed, and what is in it.

    The first digits of the ID are enough.
    """
    with open_log(settings.config, settings.paths, begins=False) as log:
        one = _one_of([*read(log, QUARANTINE), *read(log, RETRIES)], dead_id)
    screen = Screen()
    if form == "json":
        print_document(Shown(row_of(one), _message(one)))
    else:
        _show_record(screen, one)


def _one_of(dead: Sequence[Dead], dead_id: str) -> Dead:
    """The message that is meant, or ConfigError."""
    found = [one for one in dead if one.id.startswith(dead_id.lower())]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ConfigError(f"quarantine: no message has the ID {dead_id!r}; see: wirewatch quarantine list")
    named = ", ".join(one.id for one in found[:STARTING_ALIKE])
    more = ", ..." if len(found) > STARTING_ALIKE else ""
    raise ConfigError(f"quarantine: {len(found)} IDs start with {dead_id!r}: {named}{more}; type more of it")


def _show_record(screen: Screen, one: Dead) -> None:
    fields = {
        "ID": one.id,
        "stage": one.stage,
        "kind": one.kind,
        "about": _subject(one),
        "failed": clock(one.failed),
        "tries": f"{one.attempts:,}",
        "next try": clock(one.retry_at)
        if one.retry_at
        else "never: it waits for you (wirewatch quarantine retry)",
    }
    for name, value in fields.items():
        screen.line(f"{name:<10} {value}", hang=11)
    first, *others = one.reason.strip().splitlines() or [""]
    screen.line(f"{'reason':<10} {first}", hang=11)
    for line in others:
        screen.line(f"           {line}")
    screen.print()
    screen.print("message", style="bold")
    _show_fields(screen, msgspec.to_builtins(_message(one), builtin_types=(bytes, datetime)), "  ")


def _show_fields(screen: Screen, value: Any, indent: str) -> None:
    """A message, a line a field; empty fields are left out."""
    if not isinstance(value, dict):
        screen.line(f"{indent}{_in_words(value)}")
        return
    for name, held in value.items():
        if isinstance(held, dict):
            screen.line(f"{indent}{name}")
            _show_fields(screen, held, f"{indent}  ")
        elif held not in (None, "", b"", [], (), False):
            screen.line(f"{indent}{name:<14} {_in_words(held)}", hang=len(indent) + 15)


def _in_words(value: Any) -> str:
    if isinstance(value, bytes):
        start = value[:SHOWN_BYTES].decode("utf-8", "replace")
        return f"{plural(len(value), 'byte')}, beginning: {start}"
    if isinstance(value, list | tuple):
        return f"{len(value):,}: " + ", ".join(map(_in_words, value[:10]))
    if isinstance(value, datetime):
        return clock(value)
    return "yes" if value is True else str(value)


RETRY_EXAMPLES = """
\b
Examples:
  wirewatch quarantine retry 3f9a1c20
  wirewatch quarantine retry --kind http-404
  wirewatch quarantine retry --all
"""


@quarantine.command(epilog=RETRY_EXAMPLES)
@click.argument("dead_ids", metavar="[ID]...", nargs=-1)
@click.option("--stage", type=_STAGE, help="Everything that this stage could not process.")
@click.option("--kind", help="All failures of this kind, such as http-404.")
@click.option("--all", "everything", is_flag=True, help="Everything.")
@with_settings
def retry(
    settings: Settings,
    dead_ids: tuple[str, ...],
    stage: str | None,
    kind: str | None,
    everything: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Put messages back where they came from.

    A running wirewatch tries them at once; otherwise the next run does.
    """
    if not (dead_ids or stage or kind or everything):
        raise click.UsageError("say what to retry: an ID, --stage, --kind or --all")
    with open_log(settings.config, settings.paths, begins=False) as log:
        there = [*read(log, QUARANTINE), *read(log, RETRIES)]
        named = {_one_of(there, dead_id).id for dead_id in dead_ids}
        chosen = [one for one in _matching(there, stage, kind) if not named or one.id in named]
        back = try_again(log, chosen)
    screen = Screen()
    if not chosen:
        screen.print(_nothing(there, stage, kind, waiting=False))
        return
    screen.print(f"{plural(back, 'message')} put back.")
    if lost := [one for one in chosen if one.omitted]:
        screen.print(
            f"{plural(len(lost), 'message')} not put back: too large to be kept in the quarantine, only the reason is"
            f" there: {', '.join(one.id for one in lost)}"
        )


DISCARD_EXAMPLES = """
\b
Examples:
  wirewatch quarantine discard 3f9a1c20
  wirewatch quarantine discard --kind http-410
"""


@quarantine.command("discard", epilog=DISCARD_EXAMPLES)
@click.argument("dead_ids", metavar="[ID]...", nargs=-1)
@click.option("--stage", type=_STAGE, help="Everything that this stage could not process.")
@click.option("--kind", help="All failures of this kind, such as http-404.")
@with_settings
def discard_(settings: Settings, dead_ids: tuple[str, ...], stage: str | None, kind: str | None) -> None:
    """Give messages up for good.

    They can't be put back afterwards.
    """
    if not (dead_ids or stage or kind):
        raise click.UsageError("say what to discard: an ID, --stage or --kind")
    with open_log(settings.config, settings.paths, begins=False) as log:
        there = read(log, QUARANTINE)
        named = {_one_of(there, dead_id).id for dead_id in dead_ids}
        chosen = [one for one in _matching(there, stage, kind) if not named or one.id in named]
        gone = discard(log, chosen)
    Screen().print(
        f"{plural(gone, 'message')} discarded." if chosen else _nothing(there, stage, kind, waiting=False)
    )


def _matching(dead: Sequence[Dead], stage: str | None, kind: str | None) -> list[Dead]:
    return [one for one in dead if stage in (None, one.stage) and kind in (None, one.kind)]


def row_of(dead: Dead) -> DeadLetter:
    """A message that could not be handled, without the message itself."""
    return DeadLetter(
        id=dead.id,
        stage=dead.stage,
        kind=dead.kind,
        reason=dead.reason,
        subject=_subject(dead),
        attempts=dead.attempts,
        failed=dead.failed,
        retry_at=dead.retry_at,
    )


def _message(dead: Dead) -> msgspec.Struct | bytes:
    """The message itself; its bytes where it can't be decoded."""
    topic = next((topic for topic in TOPICS if topic.name == dead.topic), None)
    try:
        return decode(dead.value, topic.type) if topic else dead.value
    except (msgspec.DecodeError, Reject):  # Reject: a newer version wrote it
        return dead.value


def _subject(dead: Dead) -> str:
    """What it is about: a URL, where the message has one."""
    message = _message(dead)
    if isinstance(message, Entry | Page):
        return message.url
    article = getattr(message, "article", message)
    return str(getattr(article, "url", dead.key))
