"""Alerts and topics that machines share, over every log."""

from pathlib import Path

import pytest

from stream.errors import ConfigError, EditConflict
from stream.log.base import Log
from wirewatch.composition.lists import Shared, shared_alerts, shared_topics
from wirewatch.config import Config, Paths
from wirewatch.lists.alerts import AlertFile, AlertList, add_to, put_into, silence, take_out, version_of
from wirewatch.lists.topics import TopicList, is_bundled, news_topics
from wirewatch.topics import ALERT_LIST, specs

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

SPECS = [spec for spec in specs(Config()) if spec.name.endswith("-list")]
DAMS = '# who asked: Ann\n[[alert]]\nname = "Dams"\nquery = "dam"\nchannels = ["desk"]\n'
DESK = '\n[channels.desk]\nkind = "webhook"\nurl = "https://desk.example/hook?key=123"\nsecret = "env:DESK"\n'
TOPIC = '[[topic]]\nid = "dams"\nname = "Dams"\nquery = "dam"\n'


def machine(folder: Path, name: str, alerts: str = "", topics: str = "") -> Paths:
    """A machine's data folder."""
    data = folder / name
    data.mkdir()
    for file, text in (("alerts.toml", alerts), ("topics.toml", topics)):
        if text:
            (data / file).write_text(text)
    return Paths(data=data, feeds=data / "feeds.opml", topics=None, shared=True)


def alerts_of(shared: Shared) -> AlertList:
    shared.bring()
    return AlertList(shared.keeper)


def in_force(paths: Paths) -> set[str]:
    return {*AlertFile(paths.shared_alerts, paths.alerts)().alerts}


def test_an_existing_file_is_taken_over_once_and_all_machines_see_it(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK", "s")
    here, there = machine(tmp_path, "here", DAMS + DESK), machine(tmp_path, "there")
    alerts_of(shared_alerts(log, here))
    other = alerts_of(shared_alerts(log, there))
    assert set(other.load().alerts) == in_force(here) == in_force(there) == {"Dams"}
    other.edit(lambda document: take_out(document, "Dams", other.place) and None)
    alerts_of(shared_alerts(log, here))
    assert in_force(here) == in_force(there) == set()
    assert (here.data / "alerts.toml").read_text() == DAMS + DESK
    third = machine(tmp_path, "third", DAMS + DESK)  # a file of the same content counts as taken over
    alerts_of(shared_alerts(log, third))
    assert in_force(third) == set()


def test_the_files_of_several_machines_become_one_list(log: Log, tmp_path: Path) -> None:
    here = machine(tmp_path, "here", '[[alert]]\nname = "a"\nquery = "x"\n')
    there = machine(
        tmp_path, "there", '[[alert]]\nname = "b"\nquery = "x"\n[[alert]]\nname = "a"\nquery = "y"\n'
    )
    alerts_of(shared_alerts(log, here))
    found = alerts_of(shared_alerts(log, there)).load().alerts
    assert {name: one.query for name, one in found.items()} == {"a": "x", "b": "x"}


def test_secrets_stay_on_the_machine_that_has_them(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK", "s")
    here, there = machine(tmp_path, "here", DAMS + DESK), machine(tmp_path, "there")
    channel = alerts_of(shared_alerts(log, here)).load().channels["desk"]
    assert (channel.url, channel.secret) == ("https://desk.example/hook?key=123", "s")  # type: ignore[union-attr]
    assert b"123" not in b"".join(log.latest(ALERT_LIST.name).values())
    listed = alerts_of(shared_alerts(log, there))
    assert "desk.url" in listed.load().broken["desk"]
    (there.data / "secrets").mkdir()
    (there.data / "secrets" / "desk.url").write_text("https://desk.example/hook?key=123\n")
    assert not listed.load().broken


def test_edits_are_merged_and_conflicts_are_reported(log: Log, tmp_path: Path) -> None:
    here = alerts_of(shared_alerts(log, machine(tmp_path, "here", '[[alert]]\nname = "a"\nquery = "x"\n')))
    there = alerts_of(shared_alerts(log, machine(tmp_path, "there")))
    version = version_of(there.tables()["a"])
    here.edit(lambda document: put_into(document, "a", {"query": "mine"}, version, here.place))
    with pytest.raises(EditConflict, match="has been changed"):
        there.edit(lambda document: put_into(document, "a", {"query": "yours"}, version, there.place))
    there.edit(lambda document: add_to(document, {"name": "b", "query": "y"}, (), there.place))
    here.edit(lambda document: silence(document, "b", None, here.place))
    assert list(there.tables()) == ["a", "b"]  # the order in which they came
    assert (there.load().alerts["a"].query, there.load().alerts["b"].muted) == ("mine", True)
    with pytest.raises(ConfigError, match="no alert is called 'c'"):
        here.edit(lambda document: silence(document, "c", None, here.place))


def test_a_broken_file_is_reported_and_taken_over_once_it_is_mended(log: Log, tmp_path: Path) -> None:
    paths = machine(tmp_path, "here", '[[alert]\nname = "a"')
    current = AlertFile(paths.shared_alerts, paths.alerts)
    with pytest.raises(ConfigError, match=r"alerts\.toml: not valid TOML"):
        shared_alerts(log, paths).bring()
    assert current.unusable()
    paths.alerts.write_text('[[alert]]\nname = "a"\nquery = "x"')
    shared_alerts(log, paths).bring()
    assert set(current().alerts) == {"a"}
    assert not current.trouble()


def test_topics_are_shared_and_begin_with_a_file_or_the_bundled_ones(log: Log, tmp_path: Path) -> None:
    here, there = machine(tmp_path, "here"), machine(tmp_path, "there", topics=TOPIC)
    shared = shared_topics(log, here)
    shared.bring()
    assert is_bundled(here)
    bundled = TopicList(shared.keeper).toml()
    shared_topics(log, there).bring()
    shared.bring()
    assert [one.id for one in news_topics(here)] == [one.id for one in news_topics(there)] == ["dams"]
    found = TopicList(shared.keeper).take_in(bundled, "bundled")
    assert found.added
    assert {one.id for one in news_topics(here)} > {"dams"}
