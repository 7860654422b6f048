"""Every command, over a world in which everything from outside is hostile: none of it takes effect, and no secret is shown."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from unit.wirewatch.commands import hostile_world as world
from unit.wirewatch.commands.conftest import Said

from stream.supervisor import Supervisor
from wirewatch.cli import COMMANDS, cli

ID, DEAD = world.ARTICLE_ID, world.DEAD_ID

CALLS: dict[str, list[list[str]]] = {
    "run": [["--once"]],
    "search": [
        ["peace"],
        ["peace", "--json"],
        ["peace", "--jsonl"],
        ["nothing-like-it"],
        ["--source", "\x1b[2J"],
    ],
    "show": [[ID], [ID, "--json"], ["ffff"]],
    "stories": [
        ["--since", "2000-01-01"],
        ["--since", "2000-01-01", "--json"],
        ["peace", "--topic", "\x1b[2J"],
    ],
    "story": [[ID], [ID, "--json"], ["ffff"], ["\x1b[2J"]],
    "status": [[], ["--json"]],
    "demo": [],  # its world is our own, on a port of its own: tests/acceptance/test_demo.py
    "feeds add": [["http://127.0.0.1:9/\x1b[2J"]],
    "feeds list": [[], ["--json"], ["--jsonl"]],
    "feeds show": [[world.FEED_URL], [world.FEED_URL, "--json"], ["\x1b[2J"]],
    "feeds remove": [[world.OTHER_URL], ["\x1b[2J"]],
    "feeds import": [["hostile.opml"]],
    "feeds export": [],  # it keeps the secrets: tested below
    "sources": [["--all"], ["--all", "--json"], ["--all", "--jsonl"], ["--silent"]],
    "check": [[], ["--json"]],
    "doctor": [["--ask", "0"], ["--ask", "0", "--json"]],
    "topics add": [["\x1b[2J", "name", "peace"], ["own", "\x1b[2J", "peace AND \x1b[2J"]],
    "topics remove": [["\x1b[2J"]],
    "topics import": [["hostile.opml"]],
    "topics export": [[]],
    "topics check": [[], ["syria", "--json"], ["\x1b[2J"]],
    "query check": [["peace OR talks \x1b[2J"], ["a AND b", "--json"], ["topic:\u202e"]],
    "query translate": [
        ["--from", "google", "peace | talks \x1b[2J filetype:\u202e"],
        ["--from", "kql", "a and b", "--json"],
        ["--from", "nexis", "(\u202e"],
    ],
    "query kibana": [["peace OR talks \x1b[2J"], ['"a b"~5', "--json"], ["topic:\u202e"]],
    "alerts add": [
        ["more", "talks \x1b[2J", "--to", f"mailto://me:{world.SECRET}@example.org", "--source", "\x1b[2J"]
    ],
    "alerts list": [[], ["--json"]],
    "alerts show": [["talks"], ["talks", "--json"], ["\x1b[2J"]],
    "alerts test": [["talks"], ["peace", "--json"], ["dark"], ["dark", "--json"]],
    "alerts history": [[], ["--json"], ["--jsonl"], ["\x1b[2J", "--json"]],
    "alerts mute": [["talks", "--for", "2h"]],
    "alerts remove": [["talks"]],
    "alerts import": [["hostile.opml"]],
    "alerts export": [],  # it keeps the secrets, as `feeds export` does
    "channels list": [[], ["--json"], ["--jsonl"]],
    "channels add": [["\x1b[2J", "--kind", "stdout"], ["more", f"mailto://me:{world.SECRET}@example.org"]],
    "channels remove": [["\x1b[2J"]],
    "channels test": [["\x1b[2J"]],
    **{name: [[]] for name in ("poll", "fetch", "extract", "enrich", "relate", "index", "alert", "deliver")},
    "quarantine list": [[], ["--json"], ["--jsonl"], ["--waiting"], ["--kind", "\x1b[2J"]],
    "quarantine show": [[DEAD], [DEAD, "--json"], ["badc0de0"], ["badc0de0", "--json"], ["\x1b[2J"]],
    "quarantine retry": [["--all"]],
    "quarantine discard": [["\x1b[2J"]],
    "audit": [[], ["--json"], ["--jsonl"], ["--who", "\x1b[2J"]],
    "digest": [[]],
    "export": [
        ["peace", "--format", "jsonl"],
        ["peace", "--format", "md"],
        ["\x1b[2J"],
    ],  # CSV and RIS end lines with CRLF
    "feeds pause": [[world.OTHER_URL], ["\x1b[2J"]],
    "feeds resume": [[world.OTHER_URL], ["\x1b[2J"]],
    "mark": [[ID, "--star", "--tag", "\x1b[2J", "--note", "\u202e"], [ID, "--json"], ["ffff"]],
    "marks list": [[], ["--json"], ["--jsonl"]],
    "marks export": [[]],
    "marks import": [["hostile.opml"]],
    "users add": [["\x1b[2J", "--stdin"]],
    "users list": [[], ["--json"]],
    "users password": [["\x1b[2J", "--stdin"]],
    "users role": [["\x1b[2J", "reader"]],
    "users logout": [["\x1b[2J"]],
    "users remove": [["\x1b[2J"]],
    "tokens add": [["\x1b[2J"]],
    "tokens list": [[], ["--json"]],
    "tokens revoke": [["\x1b[2J"]],
    "backup": [["saved.zip"], ["saved.zip", "--json"], ["\x1b[2J/x"]],
    "restore": [["hostile.opml"], ["\x1b[2J"]],
    "warc export": [["pages.warc.gz"], ["found.warc.gz", "peace"], ["\x1b[2J/x", "--since", "\x1b[2J"]],
    "warc import": [["hostile.opml"], ["\x1b[2J"]],
    "backfill": [["http://127.0.0.1:9/\x1b[2J", "--since", "2d"], ["x", "--since", "\x1b[2J"]],
    "move": [["--to", "elasticsearch"], ["--to", "\x1b[2J"]],
    "replay": [["--from", "enrich"], ["--from", "fetch"]],
    "serve": [["--port", "\x1b[2J"]],
    "setup": [[]],
    "schema": [[], ["\x1b[2J"]],
}
"""How each command is called. One that is missing fails `test_every_command_is_tried`."""


def leaves(group: click.Group, before: str = "") -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def groups(group: click.Group, before: str = "") -> Iterator[tuple[str, click.Group]]:
    yield before, group
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from groups(command, f"{before}{name} ")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Supervisor, "run", Supervisor.drain)
    (tmp_path / "hostile.opml").write_text(
        f'<opml version="2.0"><body><outline text="[/x] &#x202e;" xmlUrl="http://u:{world.SECRET}@x.example/"/></body></opml>'
    )
    world.make(tmp_path / "data")
    return tmp_path / "data"


def test_every_command_is_tried() -> None:
    assert set(leaves(cli)) == set(CALLS)


@pytest.mark.parametrize(
    ("command", "arguments"), [(name, one) for name, calls in CALLS.items() for one in calls], ids=str
)
def test_nothing_from_outside_acts_or_reveals_a_secret(
    call: Callable[..., Said], command: str, arguments: list[str]
) -> None:
    done = call(command, *arguments)
    said = done.out + done.err
    assert "bug in wirewatch" not in said, said
    assert world.SECRET not in said
    for char in said:
        assert char == "\n" or char.isprintable() or char in "\u200c\u200d", f"{hex(ord(char))} in {said!r}"
    if {"--json", "--jsonl"} & set(arguments):
        for line in done.out.splitlines():
            json.loads(line)


def test_the_feed_list_keeps_its_secrets_where_they_are_needed(data: Path, call: Callable[..., Said]) -> None:
    assert world.SECRET in call("feeds export").out
    assert world.SECRET in (data / "feeds.opml").read_text()
    assert world.SECRET in call("feeds list", "--secrets").out
    assert world.SECRET in call("feeds list", "--secrets", "--json").out


def test_markup_in_a_title_is_shown_as_it_is(call: Callable[..., Said]) -> None:
    done = call("feeds list")
    assert done.code == 0
    assert "Courier [/x]" in done.out


@pytest.mark.parametrize(("before", "group"), list(groups(cli)))
def test_each_short_help_fits_its_line(before: str, group: click.Group) -> None:
    shown = CliRunner().invoke(cli, [*before.split(), "--help"], terminal_width=78).stdout
    assert "..." not in shown.partition("Commands:")[2]


@pytest.mark.parametrize("command", sorted(CALLS))
def test_each_command_has_examples_of_its_own(command: str) -> None:
    shown = CliRunner().invoke(cli, [*command.split(), "--help"]).stdout
    examples = shown.partition("Examples:")[2].strip().splitlines()
    assert examples, "no examples"
    assert f"wirewatch {command}" in examples[0]


def test_the_overview_names_every_command() -> None:
    shown = CliRunner().invoke(cli, ["--help"]).stdout
    assert all(f"  {name} " in shown for name in COMMANDS)
