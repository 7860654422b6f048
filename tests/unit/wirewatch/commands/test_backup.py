"""`wirewatch backup` and `restore`: an installation comes back whole, and searches without a further step."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from samples.alerts import article
from samples.documents import checked
from samples.reading import make_archive
from unit.wirewatch.commands.conftest import Said

from stream.clock import utc_now
from stream.log.base import Outgoing
from stream.messages import encode
from web.desk.desk import Desk
from wirewatch.commands.settings import load
from wirewatch.composition.backing_up import sources_of
from wirewatch.config import Config, Paths
from wirewatch.topics import RELATED, open_log

ALERTS = '[[alert]]\nid = "talks"\nname = "Talks"\nquery = "talks"\nchannels = []\n'


@pytest.fixture
def installed(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose topics stand elsewhere."""
    monkeypatch.chdir(data.parent)
    data.mkdir()
    (data / "wirewatch.toml").write_text(
        f'[topics]\nfile = "{data.parent}/my-topics.toml"\n[alerts]\nfile = "lists/alerts.toml"\n'
    )
    (data / "lists").mkdir()
    (data / "lists" / "alerts.toml").write_text(ALERTS)
    (data.parent / "my-topics.toml").write_text('[[topic]]\nid = "peace"\nname = "Peace"\nquery = "peace"\n')
    settings = load(data, None, None)
    settings.paths.feeds.write_text(
        '<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/rss"/></body></opml>'
    )
    make_archive(settings.paths.index)
    with open_log(settings.config, settings.paths) as log:
        log.produce([Outgoing(RELATED.name, "k", encode(article(1)))])
    with closing(Desk(data, utc_now)) as desk:
        desk.add("star", "ann", f"{1:032x}")
    (data / "secrets").mkdir()
    (data / "secrets" / "mail.password").write_text("hush")
    return data


def test_it_comes_back_and_searches(installed: Path, call: Callable[..., Said], data: Path) -> None:
    found = call("search", "talks", "--json").out
    saved = call("backup", "saved.zip")
    assert saved.code == 0, saved.err
    assert "articles, 1 mark saved in saved.zip" in saved.out
    data.rename(installed.parent / "old")  # the same --data is asked for again
    done = call("restore", str(installed.parent / "saved.zip"))
    assert done.code == 0, done.err
    assert "my-topics.toml" in done.out
    again = call("search", "talks", "--json")
    assert again.code == 0, again.err
    assert [hit["article"]["id"] for hit in json.loads(again.out)["hits"]] == [
        hit["article"]["id"] for hit in json.loads(found)["hits"]
    ]
    assert (data / "lists" / "alerts.toml").read_text() == ALERTS
    assert (data / "secrets" / "mail.password").read_text() == "hush"
    assert (data / "outside" / "topics.toml").read_text().startswith("[[topic]]")
    assert json.loads(call("marks list", "--json").out)["marks"][0]["kind"] == "star"
    with closing(sqlite3.connect(data / "log.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert call("check").code == 0


def test_a_folder_with_something_in_it_is_left_alone(installed: Path, call: Callable[..., Said]) -> None:
    assert call("backup", "saved.zip").code == 0
    before = sorted(installed.rglob("*"))
    done = call("restore", "saved.zip")
    assert done.code == 2
    assert "is not empty" in done.err
    assert sorted(installed.rglob("*")) == before


def test_anything_but_a_backup_leaves_no_folder(
    call: Callable[..., Said], data: Path, tmp_path: Path
) -> None:
    (tmp_path / "no.zip").write_text("no")
    assert call("restore", str(tmp_path / "no.zip")).code == 2
    assert sorted(one.name for one in tmp_path.iterdir()) == ["no.zip"]


def test_there_is_nothing_to_save(
    call: Callable[..., Said], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = call("backup", "saved.zip")
    assert done.code == 2
    assert "nothing to back up" in done.err
    assert list(tmp_path.iterdir()) == []


def test_the_document(installed: Path, call: Callable[..., Said]) -> None:
    document = checked(json.loads(call("backup", "saved.zip", "--json").out))
    assert document["counts"]["marks"] == 1
    assert [one["name"] for one in document["files"]][:3] == [
        "log.sqlite",
        "feeds.opml",
        "index/documents.sqlite",
    ]
    assert {one["name"] for one in document["files"] if one["was"]} == {"outside/topics.toml"}


def test_kafka_and_elasticsearch_save_themselves(tmp_path: Path) -> None:
    config = Config()
    config = msgspec.structs.replace(
        config,
        kafka=msgspec.structs.replace(config.kafka, bootstrap_servers=("k:9092",)),
        elasticsearch=msgspec.structs.replace(config.elasticsearch, hosts=("http://e:9200",)),
    )
    paths = Paths(data=tmp_path, feeds=tmp_path / "feeds.opml", topics=None)
    names = [one.name for one in sources_of(config, paths, None)]
    assert "log.sqlite" not in names
    assert "index/documents.sqlite" not in names
    assert {"desk.sqlite", "access.sqlite", "alerts.toml", "topics.toml"} <= set(names)


def test_the_shared_lists_are_those_of_all_machines(tmp_path: Path) -> None:
    paths = Paths(data=tmp_path, feeds=tmp_path / "feeds.opml", topics=None, shared=True)
    files = {one.name: one.path.name for one in sources_of(Config(), paths, None)}
    assert (files["alerts.toml"], files["topics.toml"]) == ("alerts.shared.toml", "topics.shared.toml")
