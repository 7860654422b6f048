"""`wirewatch alerts` over a file, without a pipeline."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from samples.alerts import NOW, mention

from alerts.state import Fired
from wirewatch.cli import cli
from wirewatch.commands.alerts.history import firings
from wirewatch.lists.alerts import load

FILE = """
[[alert]]
name = "Dams"
query = "dam"
channels = ["Dams", "Dams desk", "shared", "file"]

[[alert]]
name = "Quake"
query = "quake"
channels = ["shared"]

[channels.Dams]
kind = "stdout"

[channels."Dams desk"]
kind = "stdout"

[channels.shared]
kind = "stdout"
made_for = "Dams"
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "alerts.toml").write_text(FILE)
    return tmp_path


def run(data: Path, *arguments: str) -> str:
    result = CliRunner().invoke(cli, ["alerts", *arguments, "--data", str(data)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_remove_keeps_channels_that_people_wrote_and_names_them(data: Path) -> None:
    said = run(data, "remove", "Dams")
    assert said.splitlines() == [
        "Removed 'Dams'.",
        "Kept channel 'shared': used by 'Quake'.",
        (
            "Kept channel 'Dams', which may be yours. No alert uses it now; if you don't need it: wirewatch channels"
            " remove Dams"
        ),
        (
            "Kept channel 'Dams desk', which may be yours. No alert uses it now; if you don't need it: wirewatch channels"
            " remove 'Dams desk'"
        ),
    ]
    found = load(data / "alerts.toml")
    assert set(found.alerts) == {"Quake"}
    assert {"Dams", "Dams desk", "shared"} <= set(found.channels)


def test_remove_also_removes_channels_made_by_add(data: Path) -> None:
    run(data, "add", "Flood", "flood", "--to", "https://a.example/", "--to", "https://b.example/")
    run(data, "add", "Storm", "storm", "--channel", "Flood 2")
    assert {"Flood", "Flood 2"} <= set(load(data / "alerts.toml").channels)
    assert run(data, "remove", "Flood").splitlines() == [
        "Removed 'Flood' and the channel made for it, 'Flood'.",
        "Kept channel 'Flood 2': used by 'Storm'.",
    ]
    assert "Flood 2" in load(data / "alerts.toml").channels


def test_a_broken_channel_is_named_and_stops_no_command(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_URL", raising=False)
    with (data / "alerts.toml").open("a") as file:
        file.write('[channels.mail]\nkind = "apprise"\nurl = "$DESK_URL"\n')
    why = "channel 'mail' can't be used here: key 'url': there is no environment variable DESK_URL"
    assert f"warning: {why}" in run(data, "add", "Mail", "x", "--channel", "mail")
    listed = run(data, "list")
    assert "mail (broken)" in listed
    assert why in listed
    row = json.loads(run(data, "list", "--jsonl").splitlines()[-1])
    assert row["broken_channels"] == {"mail": "key 'url': there is no environment variable DESK_URL"}
    assert why in run(data, "show", "Mail")
    assert why not in run(data, "show", "Dams")
    run(data, "mute", "Mail")
    run(data, "history")
    assert "Removed 'Mail'." in run(data, "remove", "Mail")


def fired(number: int, message: str, channels: tuple[str, ...] = ("file", "desk")) -> Fired:
    return Fired(
        alert="talks",
        story=f"s{number}",
        severity="info",
        at=NOW + timedelta(minutes=number),
        touched=NOW,
        reason="",
        mention=mention(number),
        channels=channels,
        message=message,
    )


def test_a_firing_is_one_message_whatever_its_stories_and_channels() -> None:
    assert firings([fired(1, "s1"), fired(2, "s1"), fired(3, "s3"), fired(4, "")]) == 2
