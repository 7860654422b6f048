import multiprocessing
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tomlkit
from tomlkit import TOMLDocument

from stream.errors import ConfigError, EditConflict
from wirewatch.lists import alerts as alertlist
from wirewatch.lists.alerts import (
    AlertFile,
    AlertList,
    default_alerts,
    load,
    put_into,
    silence,
    table_of,
    take_out,
    version_of,
)
from wirewatch.lists.keeper import OwnFile

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


def test_a_list_that_is_broken_from_the_start_is_unusable_until_it_is_mended(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    write(path, TEXT + "[[alert", 1)
    current = AlertFile(path)
    assert current.unusable()
    assert current().alerts == {}
    assert "alerts.toml" in current.trouble()
    assert "wait for it" in current.trouble()
    write(path, TEXT, 2)
    assert not current.unusable()
    assert current.trouble() == ""
    assert set(current().alerts) == {"a", "b"}
    write(path, "[[alert", 3)
    assert not current.unusable()
    assert "stay in force" in current.trouble()


def test_an_edit_keeps_comments_and_order(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)

    def mute(document: TOMLDocument) -> None:
        table_of(document, "b", path)["muted"] = True

    AlertList(OwnFile(path)).edit(mute)
    assert path.read_text() == TEXT + "muted = true\n"


def test_an_edit_that_would_break_the_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)

    def spoil(document: TOMLDocument) -> None:
        table_of(document, "b", path)["query"] = "("

    with pytest.raises(ConfigError, match="alert 'b', key 'query'"):
        AlertList(OwnFile(path)).edit(spoil)
    assert path.read_text() == TEXT


def test_an_unknown_alert_is_named_with_the_known_ones(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)
    with pytest.raises(ConfigError, match="no alert is called 'c'; there are: 'a', 'b'"):
        AlertList(OwnFile(path)).edit(lambda document: table_of(document, "c", str(path)).clear())


def _add_alerts(path: Path, worker: int, times: int) -> None:
    for number in range(times):
        alert = tomlkit.table()
        alert.update({"name": f"w{worker} {number}", "query": "x"})
        AlertList(OwnFile(path)).edit(
            lambda document, one=alert: document.setdefault("alert", tomlkit.aot()).append(one)
        )


def test_alerts_that_many_processes_add_at_once_are_all_there(tmp_path: Path) -> None:
    path, context = tmp_path / "alerts.toml", multiprocessing.get_context("spawn")
    workers = [context.Process(target=_add_alerts, args=(path, worker, 8)) for worker in range(5)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert set(load(path).alerts) == {f"w{worker} {number}" for worker in range(5) for number in range(8)}


def test_what_an_editor_saves_during_an_edit_stays(tmp_path: Path) -> None:
    path, calls = tmp_path / "alerts.toml", []
    path.write_text(TEXT)

    def mute(document: TOMLDocument) -> None:
        calls.append(1)
        if len(calls) == 1:
            path.write_text(TEXT.replace("# mine", "# ours"))
        table_of(document, "b", path)["muted"] = True

    AlertList(OwnFile(path)).edit(mute)
    assert path.read_text() == TEXT.replace("# mine", "# ours") + "muted = true\n"


def test_a_file_that_can_not_be_changed_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"alerts\.toml: can't be changed"):
        AlertList(OwnFile(tmp_path / "file" / "alerts.toml")).edit(lambda _: None)


def test_an_edit_keeps_comments_and_the_mute(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT.replace('query = "y"', 'query = "y"  # why\nmuted = true\nseverity = "info"'))
    version = version_of(AlertList(OwnFile(path)).tables()["b"])
    table = {"name": "b", "query": "y AND z", "at_least": 3}
    AlertList(OwnFile(path)).edit(lambda document: put_into(document, "b", table, version, str(path)))
    assert path.read_text().startswith("# mine\n")
    assert "# the first" in path.read_text()
    assert AlertList(OwnFile(path)).tables()["b"] == {**table, "muted": True}


def test_what_was_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)
    version = version_of(AlertList(OwnFile(path)).tables()["b"])
    AlertList(OwnFile(path)).edit(
        lambda document: silence(document, "a", None, str(path))
    )  # another alert: no conflict
    AlertList(OwnFile(path)).edit(
        lambda document: put_into(document, "b", {"query": "q"}, version, str(path))
    )
    before = path.read_bytes()
    with pytest.raises(EditConflict, match="'b': has been changed in the meantime"):
        AlertList(OwnFile(path)).edit(
            lambda document: put_into(document, "b", {"query": "z"}, version, str(path))
        )
    with pytest.raises(EditConflict, match="changed in the meantime"):
        AlertList(OwnFile(path)).edit(lambda document: take_out(document, "b", path, version) and None)
    with pytest.raises(EditConflict, match="'c': has been removed"):
        AlertList(OwnFile(path)).edit(
            lambda document: put_into(document, "c", {"query": "z"}, version, str(path))
        )
    assert path.read_bytes() == before


def test_an_alert_that_is_muted_for_a_while_can_be_edited(tmp_path: Path) -> None:
    path = tmp_path / "alerts.toml"
    path.write_text(TEXT)
    until = datetime(2026, 3, 1, 12, tzinfo=UTC)
    AlertList(OwnFile(path)).edit(lambda document: silence(document, "b", until, str(path)))
    version = version_of(AlertList(OwnFile(path)).tables()["b"])
    AlertList(OwnFile(path)).edit(
        lambda document: put_into(document, "b", {"query": "z"}, version, str(path))
    )
    assert AlertList(OwnFile(path)).tables()["b"] == {"name": "b", "query": "z", "muted_until": until}


def test_a_channel_can_be_used_once_the_file_that_it_refers_to_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alertlist, "BROKEN_SECONDS", 0.0)
    path = tmp_path / "alerts.toml"
    path.write_text('[channels.desk]\nkind = "webhook"\nurl = "file:secrets/desk"\n')
    current = AlertFile(path)
    assert "can't be read" in current().broken["desk"]
    same = current()
    assert current() is same
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "desk").write_text("https://desk.example/hook\n")
    assert not current().broken
    assert "desk" in current().channels
