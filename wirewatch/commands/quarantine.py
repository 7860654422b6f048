"""`wirewatch quarantine`: look at what could not be handled, and try it again."""

from typing import Any

import click
import msgspec
from rich.console import Console

from results.parts import Time
from stream.errors import ConfigError, Reject
from stream.messages import Dead, Entry, Page, decode
from stream.quarantine import QUARANTINE, RETRIES, read
from stream.quarantine import retry as try_again
from wirewatch.commands.output import Form, print_document, print_lines, with_json, with_json_lines
from wirewatch.commands.render import clock
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.topics import TOPICS, open_log


class DeadLetter(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/dead-letter/1"):
    """A message that could not be handled, without the message itself."""

    id: str
    stage: str
    kind: str
    reason: str
    subject: str
    attempts: int
    failed: Time
    retry_at: Time | None
    """When it is tried again by itself; null: it waits for a person."""


class Listed(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/quarantine/1"):
    """What could not be handled, oldest first."""

    messages: tuple[DeadLetter, ...]


class Shown(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/quarantined/1"):
    """One message that could not be handled."""

    dead: DeadLetter
    message: Any
    """The message itself, as the stages know it: its form may change from one version to the next."""


@click.group()
def quarantine() -> None:
    """What could not be handled: list it, look at it, try it again."""


@quarantine.command(
    "list",
    epilog="\b\nExamples:\n  wirewatch quarantine list --kind no-text\n  wirewatch quarantine list --waiting",
)
@click.option("--stage", help="Only what this stage could not handle.")
@click.option("--kind", help="Only failures of this kind.")
@click.option("--waiting", is_flag=True, help="Those that are tried again by themselves, instead.")
@with_json_lines
@with_settings
def list_(settings: Settings, stage: str | None, kind: str | None, waiting: bool, form: Form) -> None:  # noqa: FBT001
    """List what lies in quarantine, oldest first, with the reason of each."""
    with open_log(settings.config, settings.paths) as log:
        dead = _matching(read(log, RETRIES if waiting else QUARANTINE), stage, kind)
    if form == "json":
        print_document(Listed(tuple(map(_row, dead))))
        return
    if form == "jsonl":
        print_lines(map(_row, dead))
        return
    console = Console(highlight=False)
    for one in dead:
        console.print(f"{one.id}  {clock(one.failed)}  {one.stage}: {one.kind}", markup=False)
        console.print(f"                  {_subject(one)}", style="blue", markup=False, soft_wrap=True)
        console.print(
            f"                  {one.reason.strip().splitlines()[-1]}", markup=False, soft_wrap=True
        )
    if not dead:
        console.print("Nothing waits for another try." if waiting else "The quarantine is empty.")


@quarantine.command()
@click.argument("dead_id", metavar="ID")
@with_json
@with_settings
def show(settings: Settings, dead_id: str, form: Form) -> None:
    """Show one message of the quarantine: its whole reason, and the message itself."""
    with open_log(settings.config, settings.paths) as log:
        dead = [
            one for shelf in (QUARANTINE, RETRIES) for one in read(log, shelf) if one.id.startswith(dead_id)
        ]
    if len(dead) != 1:
        raise ConfigError(
            f"quarantine: expected the id (or its first digits) of one message, {len(dead)} are like {dead_id!r}"
        )
    one = dead[0]
    if form == "json":
        print_document(Shown(_row(one), _message(one)))
        return
    console = Console(highlight=False)
    for name, value in msgspec.structs.asdict(_row(one)).items():
        console.print(f"{name:<9} {value}", markup=False, soft_wrap=True)
    console.print(f"message   {str(_message(one))[:2000]}", markup=False, soft_wrap=True)


RETRY_EXAMPLES = """
\b
Examples:
  wirewatch quarantine retry 3f9a1c20
  wirewatch quarantine retry --kind http-404
  wirewatch quarantine retry --all
"""


@quarantine.command(epilog=RETRY_EXAMPLES)
@click.argument("dead_ids", metavar="[ID]...", nargs=-1)
@click.option("--stage", help="All that this stage could not handle.")
@click.option("--kind", help="All failures of this kind.")
@click.option("--all", "everything", is_flag=True, help="Everything.")
@with_settings
def retry(
    settings: Settings,
    dead_ids: tuple[str, ...],
    stage: str | None,
    kind: str | None,
    everything: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Put messages back where they came from: a running wirewatch takes them up at once, else the next run does."""
    if not (dead_ids or stage or kind or everything):
        raise ConfigError("quarantine retry: say which: an ID, --stage, --kind, or --all")
    with open_log(settings.config, settings.paths) as log:
        dead = _matching([*read(log, QUARANTINE), *read(log, RETRIES)], stage, kind)
        chosen = [one for one in dead if not dead_ids or one.id.startswith(dead_ids)]
        back = try_again(log, chosen)
    click.echo(f"{messages(back)} put back.")
    if lost := [one for one in chosen if one.omitted]:
        click.echo(
            f"{messages(len(lost))} not put back: too large to be kept in the quarantine, only the reason is there:"
            f" {', '.join(one.id for one in lost)}"
        )


def messages(count: int) -> str:
    """A count in words, as a subject in the past tense."""
    return "1 message was" if count == 1 else f"{count} messages were"


def _matching(dead: list[Dead], stage: str | None, kind: str | None) -> list[Dead]:
    return [one for one in dead if stage in (None, one.stage) and kind in (None, one.kind)]


def _row(dead: Dead) -> DeadLetter:
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


def _message(dead: Dead) -> msgspec.Struct | str:
    """The message itself; what can't be decoded is shown as it is."""
    topic = next((topic for topic in TOPICS if topic.name == dead.topic), None)
    try:
        found = decode(dead.value, topic.type) if topic else repr(dead.value)
    except (msgspec.DecodeError, Reject):  # Reject: a newer version wrote it
        return repr(dead.value)
    return found


def _subject(dead: Dead) -> str:
    """What it is about: a URL, where the message has one."""
    message = _message(dead)
    if isinstance(message, Entry | Page):
        return message.url
    article = getattr(message, "article", message)
    return str(getattr(article, "url", dead.key))
