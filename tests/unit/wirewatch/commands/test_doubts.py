"""Impossible options are refused, with a suggestion."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from unit.wirewatch.commands import hostile_world as world
from unit.wirewatch.commands.conftest import Said

Call = Callable[..., Said]


@pytest.fixture(autouse=True)
def full(data: Path) -> None:
    world.make(data)


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        (
            "alerts add",
            ["A", "x", "--lang", "english"],
            "--lang english: expected a language code such as en; did you mean en?",
        ),
        ("alerts add", ["A", "x", "--lang", "EN"], "did you mean en?"),
        ("alerts add", ["A", "x", "--lang", "elvish"], "expected a language code such as en\n"),
        (
            "alerts add",
            ["A", "x", "--digest", "hourly", "--digest-at", "08:00"],
            "--digest-at: is only for --digest daily",
        ),
        ("alerts add", ["A", "x", "--digest-at", "08:00"], "--digest-at: is only for --digest daily"),
        ("alerts add", ["A", "x", "--at-least", "3", "--each"], "--each: does not go with --at-least"),
        ("alerts add", ["A", "x", "--within", "2h"], "--within: needs --at-least 2 or more"),
        ("alerts add", ["A", "x", "--of", "outlets", "--at-least", "1"], "--of: needs --at-least 2 or more"),
        ("alerts add", ["A", "x", "--zone", "Europe/Berlin"], "--zone: needs --quiet or --digest daily"),
        ("alerts test", ["x", "--since", "2999-01-01"], "--since 2999-01-01: is in the future"),
        ("alerts test", ["x", "--since", "2d", "--until", "3d"], "--until 3d: is not after --since 2d"),
        ("alerts history", ["talsk"], "no alert is called 'talsk'; did you mean 'talks'?"),
        ("alerts mute", ["talks", "--for", "2h", "--off"], "give either --for or --off"),
        ("topics check", ["syri"], "no topic is called 'syri'; did you mean 'syria'?"),
        ("topics check", ["--since", "2999-01-01"], "is in the future"),
        ("feeds show", ["Courier"], "; did you mean 'Courier [/x]'?"),
        ("quarantine show", ["00"], "no message has the ID '00'"),
        ("quarantine retry", ["00"], "no message has the ID '00'"),
        ("quarantine retry", [], "say what to retry: an ID, --stage, --kind or --all"),
        ("quarantine list", ["--stage", "fetsch"], "is not one of 'backfill', 'fetch'"),
        ("search", ["x", "--limit", "-1"], "-1 is not in the range"),
        ("search", ["--source", "Courrier [/x]"], "no source is called 'Courrier [/x]'; did you mean"),
        ("search", ["--topic", "siria"], "no topic is called 'siria'; did you mean 'syria'?"),
        ("search", ["--lang", "german"], "did you mean de?"),
        ("search", ["--since", "2999-01-01"], "--since 2999-01-01: is in the future"),
        ("show", ["ffff"], "no article has this ID"),
        ("schema", ["artcle"], "no schema is called 'artcle'; did you mean 'article'?"),
    ],
    ids=str,
)
def test_impossible_values_are_refused(call: Call, command: str, arguments: list[str], said: str) -> None:
    done = call(command, *arguments)
    assert done.code == 2, done
    assert said in done.err


def test_unlikely_values_get_a_warning(call: Call) -> None:
    done = call("alerts add", "A", "talks", "--source", "Courrier [/x]")
    assert done.code == 0
    assert "warning: no source is called 'courrier [/x]'; did you mean 'Courier [/x]'?" in done.out


def test_an_empty_list_says_what_there_is_instead(call: Call) -> None:
    said = call("quarantine list", "--kind", "http-500").out
    assert "Nothing matches kind http-500; 2 other messages there, of these kinds: http-404" in said


def test_a_period_beyond_the_archive_is_named(call: Call, data: Path) -> None:
    said = call("alerts test", "peace", "--since", "2016-01-01", "--until", "2016-02-01").out
    assert "The oldest article in the archive was published on" in said
    assert "ends on 1 February 2016" in said
    said = call("search", "peace", "--until", "2016-02-01").out
    assert "No articles match." in said
    assert "--until 2016-02-01 ends on 1 February 2016" in said
    done = call("search", "--lang", "fr", "--jsonl")
    assert (done.code, done.out) == (0, "")
    assert "warning: the archive has no article in the language fr" in done.err


def test_a_run_without_results_fails_and_says_what_to_check(call: Call) -> None:
    done = call("run", "--once")
    assert done.code == 1
    assert "2 polls, 2 failed." in done.out
    assert "2 feeds failed:" in done.out
    assert "No host name could be looked up: is this machine online" in done.out


def test_times_are_in_the_readers_zone_or_in_utc(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert " IST" in call("quarantine list").out
        shown = call("quarantine list", "--utc").out
    finally:
        monkeypatch.undo()
        time.tzset()
    assert " UTC" in shown
    assert " IST" not in shown
