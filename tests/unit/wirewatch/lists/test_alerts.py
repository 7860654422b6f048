import os
from pathlib import Path

import pytest
from tomlkit import TOMLDocument

from stream.errors import ConfigError
from wirewatch.lists.alerts import AlertFile, default_alerts, edit, load, table_of

TEXT = """# mine
[[alert]]
name = "a"   # the first
query = "x"

[[alert]]
name = "b"
query = "y"
"""


def write(path: Path, text: str, tick: int) -> None:
    path.write_text(text)
    os.utime(path, ns=(tick, tick))


def test_no_file_means_no_alerts(tmp_path: Path) -> None:
    assert load(tmp_path / "alerts.toml").alerts == {}


def test_the_demos_alerts_are_sound(tmp_path: Path) -> None:
    (tmp_path / "alerts.toml").write_bytes(default_alerts())
    assert load(tmp_path / "alerts.toml").alerts


def test_changes_are_noticed_and_broken_ones_survived(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    current = AlertFile(path)
    assert current().alerts == {}
    write(path, TEXT, 1)
    assert set(current().alerts) == {"a", "b"}
    same = current()
    assert current() is same
    write(path, TEXT + "[[alert", 2)
    assert set(current().alerts) == {"a", "b"}
    path.unlink()
    assert current().alerts == {}


def test_an_edit_keeps_comments_and_order(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)

    def mute(document: TOMLDocument) -> None:
        table_of(document, "b", path)["muted"] = True

    edit(path, mute)
    assert path.read_text() == TEXT + "muted = true\n"


def test_an_edit_that_would_break_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)

    def spoil(document: TOMLDocument) -> None:
        table_of(document, "b", path)["query"] = "("

    with pytest.raises(ConfigError, match="alert 'b', key 'query'"):
        edit(path, spoil)
    assert path.read_text() == TEXT


def test_an_unknown_alert_is_named_with_those_there_are(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)
    with pytest.raises(ConfigError, match="no alert 'c'; there are: 'a', 'b'"):
        edit(path, lambda document: table_of(document, "c", path).clear())
