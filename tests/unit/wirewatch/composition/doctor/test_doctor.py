"""Faults are planted, and each is found, with what to do about it."""

import asyncio
import os
import shutil
import socket
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from samples.settings import settings_in
from servers.page import free_port
from waiting import PATIENCE

from alerts.settings import Digest
from index.elasticsearch.health import Health
from ingest.http.server import Bounds, serve
from ingest.sources.feed import Feed
from results.doctor import Diagnosis, Remark
from results.status import Process
from stream.errors import ConfigError, RetryLater
from stream.log.memory import MemoryLog
from web.traffic import Traffic
from wirewatch.commands.page.health import health_beside_page
from wirewatch.commands.page.serving import serve_page
from wirewatch.composition.doctor import data
from wirewatch.composition.doctor.data import judge_data, judge_ports
from wirewatch.composition.doctor.examine import diagnosis, examine
from wirewatch.composition.doctor.extras import judge_extras
from wirewatch.composition.doctor.lists import (
    connects,
    judge_alerts,
    judge_feeds,
    judge_lists,
    shared_list,
)
from wirewatch.composition.doctor.machine import Facts, facts_of, judge, judge_skew
from wirewatch.composition.doctor.network import (
    Asked,
    ask_feeds,
    judge_answers,
    judge_made_up,
    judge_proxies,
    sample,
)
from wirewatch.composition.doctor.servers import judge_elasticsearch, judge_kafka, offsets
from wirewatch.composition.lists import shared_alerts
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths
from wirewatch.process.settings import Service
from wirewatch.topics import open_log, specs

NOW = datetime(2027, 3, 14, 12, tzinfo=UTC)
SOUND = Facts(
    encoding="UTF-8",
    sqlite=(3, 45, 0),
    now=NOW,
    folder=Path("/srv/news"),
    writable=True,
    mode=0o700,
    is_mine=True,
    free=100_000_000_000,
    files_free=1_000_000,
    file_system="ext4",
    memory=16_000_000_000,
    most_open=65_536,
    cores=2,
)
WELL = Health(
    version="9.1.0", status="green", nodes=1, readonly=(), disks={"n1": 0.4}, has_template=True, date=""
)
ALERTS = '[[alert]]\nname = "talks"\nquery = "talks"\nchannels = ["desk"]\n[channels.desk]\n'


def config(**sections: dict[str, Any]) -> Config:
    return msgspec.convert(sections, Config)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path, tmp_path / "feeds.opml", None)


def bad(remarks: Sequence[Remark]) -> list[Remark]:
    found = [one for one in remarks if one.severity in ("error", "warning")]
    assert all(one.advice for one in found), "each says what to do"
    return found


def test_a_sound_machine_has_nothing_wrong() -> None:
    assert bad(list(judge(SOUND, Config()))) == []


@pytest.mark.parametrize(
    ("fault", "severity", "said"),
    [
        ({"encoding": "ANSI_X3.4-1968"}, "warning", "no letters for most languages"),
        ({"sqlite": (3, 31, 1)}, "error", "too old for the log"),
        ({"now": datetime(1970, 1, 2, tzinfo=UTC)}, "error", "in the past"),
        ({"writable": False}, "error", "can't be written to"),
        ({"mode": 0o755}, "warning", "may look into the data folder"),
        ({"is_mine": False}, "warning", "belongs to another user"),
        ({"free": 100_000_000}, "error", "Only 100.0 MB free"),
        ({"free": 2_000_000_000}, "warning", "Only 2.0 GB free"),
        ({"files_free": 12}, "error", "takes only 12 more files"),
        ({"file_system": "nfs4"}, "error", "file system of another machine (nfs4)"),
        ({"memory": 600_000_000}, "warning", "of memory for 2 workers"),
        ({"most_open": 64}, "warning", "may open only 64 files"),
    ],
)
def test_each_fault_of_a_machine_is_found(fault: dict[str, Any], severity: str, said: str) -> None:
    (found,) = bad(list(judge(msgspec.structs.replace(SOUND, **fault), Config())))
    assert found.severity == severity
    assert said in found.what


def test_facts_of_this_machine(tmp_path: Path) -> None:
    known = facts_of(tmp_path / "not" / "there" / "yet")
    assert known.writable
    assert known.mode is None
    assert known.free > 0
    assert facts_of(tmp_path).is_mine


@pytest.mark.parametrize(
    ("seconds", "severity"), [(3, "ok"), (-45, "warning"), (3600, "error"), (-3600, "error")]
)
def test_a_clock_that_is_wrong_is_told_by_those_of_most_servers(seconds: float, severity: str) -> None:
    ahead = {
        "a": timedelta(seconds=seconds),
        "b": timedelta(seconds=seconds + 1),
        "odd": timedelta(days=-400),
    }
    (found,) = judge_skew(ahead)
    assert found.severity == severity


def test_a_server_without_a_clock_says_nothing() -> None:
    dates = {"a": "Sun, 14 Mar 2027 12:00:10 GMT", "b": "soon", "c": ""}
    assert offsets(dates, NOW) == {"a": timedelta(seconds=10)}
    assert list(judge_skew({})) == []


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("topics.toml", "[[topic]]\nname = 7", "The topics can't be read"),
        ("feeds.opml", "<opml", "The feed list can't be read"),
        ("feeds.opml", "<opml version='2.0'><body/></opml>", "The feed list is empty"),
        ("names.tsv", None, "names.tsv can't be read"),
    ],
)
def test_each_fault_of_a_list_is_found(paths: Paths, file: str, content: str | None, said: str) -> None:
    place = paths.data / file
    if content is not None:
        place.write_text(content)
    given = {"topics.toml": "topics", "names.tsv": "gazetteer"}.get(file)
    paths = msgspec.structs.replace(paths, **({given: place} if given else {}))
    (found,) = bad(list(judge_lists(Config(), paths)))
    assert said in found.what


def test_feeds_that_are_all_paused_or_missing_are_reported() -> None:
    (none,) = judge_feeds([])
    (paused,) = judge_feeds([Feed(url="http://a.example/f", paused=True)])
    assert none.severity == paused.severity == "error"


def no_server(host: str, port: int) -> str:
    return f"{host}:{port} can't be reached"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[alert]]\nname = 'x'", "The alerts can't be read"),
        ("[[alert]]\nname = 'x'\nquery = '(x'", "never closed"),
        (
            f"{ALERTS}kind = 'webhook'\nurl = 'env:NO_SUCH_VARIABLE'",
            "no environment variable NO_SUCH_VARIABLE",
        ),
        (f"{ALERTS}kind = 'webhook'\nurl = 'https://desk.example/hook'", "desk.example:443 can't be reached"),
        (f"{ALERTS}kind = 'apprise'\nurl = 'nonsense://x'", "The alerts can't be read"),
    ],
)
def test_each_fault_of_alerts_and_channels_is_found(paths: Paths, text: str, said: str) -> None:
    paths.alerts.write_text(text)
    found = bad(list(judge_alerts(paths, no_server)))
    assert any(said in one.what and "\n" not in one.what for one in found)


def test_a_file_that_alerts_go_to_must_be_writable(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    paths.alerts.write_text(f"{ALERTS}kind = 'file'\npath = 'deep/alerts.jsonl'")
    assert bad(list(judge_alerts(paths, no_server))) == []
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    (found,) = bad(list(judge_alerts(paths, no_server)))
    assert "can't be written to" in found.what


def damaged(file: Path) -> None:
    file.write_bytes(b"no database" * 1000)


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("plant", [damaged, newer])
def test_a_log_that_this_version_can_not_read_is_found(paths: Paths, plant: Callable[[Path], None]) -> None:
    open_log(Config(), paths).close()
    plant(paths.log)
    found = bad(list(judge_data(Config(), paths, NOW)))
    assert [one.where for one in found] == [str(paths.log)]


def test_an_older_log_is_reported_and_not_touched(paths: Paths) -> None:
    open_log(Config(), paths).close()
    with closing(sqlite3.connect(paths.log)) as connection:
        connection.execute("PRAGMA user_version = 1")
    remarks = list(judge_data(Config(), paths, NOW))
    assert any("An older wirewatch wrote the log" in one.what for one in remarks)
    assert bad(remarks) == []
    with closing(sqlite3.connect(paths.log)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_an_archive_that_this_version_can_not_read_is_found(paths: Paths) -> None:
    open_store(Config(), paths, readonly=False).close()
    newer(paths.index / "documents.sqlite")
    (found,) = bad(list(judge_data(Config(), paths, NOW)))
    assert "newer wirewatch" in found.what
    assert "the version that wrote it" in found.advice


def test_an_archive_before_its_upgrade_works_after_the_next_start(paths: Paths) -> None:
    open_store(Config(), paths, readonly=False).close()
    shutil.rmtree(paths.index / "search")
    (found,) = bad(list(judge_data(Config(), paths, NOW)))
    assert (found.severity, "must be rebuilt" in found.what) == ("warning", True)


def test_a_port_in_use_is_found_unless_it_is_ours() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = config(service={"port": port}, web={"port": 0})
        (found,) = judge_ports(settings, [])
        assert found.where == "service.port"
        assert list(judge_ports(settings, [Process("here", 1, NOW, NOW, ())])) == []
    (found,) = judge_ports(config(web={"port": 0}, service={"port": port, "host": "192.0.2.1"}), [])
    assert "can listen" in found.what


async def test_a_port_of_a_page_that_is_served_alone_is_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`wirewatch serve` keeps no file of its process."""
    monkeypatch.setattr(data, "ANSWER_SECONDS", PATIENCE)
    service_port = free_port()
    health = health_beside_page(Service(port=service_port), Traffic(), asyncio.Event())
    page_port = free_port()
    async with health, serve_page(settings_in(tmp_path), page_port):
        asked = config(service={"port": service_port}, web={"port": page_port, "host": "0.0.0.0"})
        remarks = await asyncio.to_thread(lambda: list(judge_ports(asked, [])))
    assert [one.severity for one in remarks] == ["ok", "ok"]


def test_an_empty_folder_is_no_archive_yet(paths: Paths) -> None:
    paths.index.mkdir()
    assert bad(list(judge_data(Config(), paths, NOW))) == []


@pytest.mark.parametrize(
    ("sections", "severity", "said"),
    [
        ({"warc": {"folder": "feeds.opml/pages"}}, "error", "feeds.opml is not a folder"),
        ({"web": {"tls_cert": "/none.pem", "tls_key": "/none.key"}}, "error", "/none.pem"),
        ({"web": {"images": True}}, "error", "Pillow is not installed"),
        (
            {"traces": {"endpoint": "http://traces.example:4318/v1"}},
            "error",
            "OpenTelemetry is not installed",
        ),
        ({"kibana": {"url": "https://kibana.example"}}, "warning", "kibana.example:443 can't be reached"),
    ],
)
def test_each_fault_of_what_is_switched_on_is_found(
    paths: Paths, sections: dict[str, Any], severity: str, said: str
) -> None:
    paths.feeds.touch()
    (found,) = bad(list(judge_extras(config(**sections), paths, no_server, lambda _: False)))
    assert found.severity == severity
    assert said in found.what
    assert list(judge_extras(Config(), paths, no_server, lambda _: False)) == []


def test_a_collector_of_traces_that_is_away_is_found(paths: Paths) -> None:
    settings = config(traces={"endpoint": "http://traces.example:4318/v1"})
    (found,) = bad(list(judge_extras(settings, paths, no_server, lambda _: True)))
    assert "traces.example:4318 can't be reached" in found.what


def test_a_channel_that_only_the_digest_has_is_looked_at(paths: Paths) -> None:
    paths.alerts.write_text("[channels.desk]\nkind = 'webhook'\nurl = 'https://desk.example/hook'")
    digest = Digest(at="07:00", channels=("desk",), people={"ann": ("mail",)})
    assert bad(list(judge_alerts(paths, no_server))) == []
    missing, away = bad(list(judge_alerts(paths, no_server, digest)))
    assert (missing.where, away.where) == ("channel mail", "channel desk")
    assert bad(list(judge_alerts(paths, no_server, msgspec.structs.replace(digest, at="")))) == []


def test_before_the_first_start_feeds_of_the_bundled_list_are_asked(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Feed] = []

    async def ask(_: Config, feeds: Sequence[Feed]) -> list[Asked]:
        asked.extend(feeds)
        return [Asked(one, kind="dns", reason="the host was not found") for one in feeds]

    monkeypatch.setattr("wirewatch.composition.doctor.network.ask_feeds", ask)
    found = examine(config(web={"port": 0}), paths, 3)
    assert len(asked) == 3
    assert [one.part for one in found.remarks if one.severity == "error"] == ["network"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"version": "8.19.0"}, "version 8.19.0 is too old"),
        ({"status": "red"}, "red"),
        ({"status": "yellow", "nodes": 3}, "yellow"),
        ({"readonly": ("wirewatch-articles-2027.03",)}, "takes no articles"),
        ({"disks": {"n1": 0.91}}, "the disk of n1 is 91% full"),
        ({"has_template": False}, "no index template"),
    ],
)
def test_each_fault_of_elasticsearch_is_found(fault: dict[str, Any], said: str) -> None:
    remarks, _ = judge_elasticsearch(Config(), lambda: msgspec.structs.replace(WELL, **fault))
    (found,) = bad(remarks)
    assert said in found.what


def test_an_elasticsearch_that_denies_access_is_an_error() -> None:
    def refuse() -> Health:
        raise ConfigError("Elasticsearch answered 401")

    remarks, dates = judge_elasticsearch(Config(), refuse)
    assert [one.severity for one in remarks] == ["error"]
    assert dates == {}
    assert bad(judge_elasticsearch(Config(), lambda: WELL)[0]) == []


def test_a_kafka_that_does_not_answer_is_an_error() -> None:
    away = config(kafka={"bootstrap_servers": "127.0.0.1:9", "timeout_seconds": 0.5})
    (found,) = judge_kafka(away)
    assert found.severity == "error"
    assert found.where == "127.0.0.1:9"


def test_an_invalid_or_unreachable_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://x")
    (wrong,) = bad(list(judge_proxies(Config(), connects)))
    assert "HTTPS_PROXY" in wrong.what
    (away,) = bad(list(judge_proxies(config(fetch={"proxy": "http://127.0.0.1:9"}), connects)))
    assert away.where == "http://127.0.0.1:9"


def test_a_sample_is_of_many_hosts_from_all_over_the_list() -> None:
    feeds = [Feed(url=f"http://{host}.example/{n}") for host in "abcdef" for n in range(3)]
    assert [one.url for one in sample(feeds, 3)] == [f"http://{host}.example/0" for host in "ace"]
    assert sample([Feed(url="http://a.example/", paused=True)], 3) == []


def test_feeds_of_made_up_hosts_are_not_asked_unless_the_configuration_knows_the_host() -> None:
    feeds = [Feed(url=f"http://{host}/rss") for host in ("a.example", "news.test", "b.example", "c.org")]
    real, (remark,) = judge_made_up(feeds, {"b.example": "127.0.0.1"})
    assert [feed.url for feed in real] == ["http://b.example/rss", "http://c.org/rss"]
    assert (remark.severity, remark.what.split()[0], remark.where) == ("note", "2", "http://a.example/rss")
    assert judge_made_up(feeds[3:], {}) == (feeds[3:], [])


async def test_feeds_are_asked_and_what_fails_is_named() -> None:
    body = b"<rss version='2.0'><channel><title>A</title>%s</channel></rss>"
    item = b"<item><title>One</title><link>http://a.example/1</link></item>"

    async def answer(request: web.Request) -> web.Response:
        if request.path == "/gone":
            return web.Response(status=404)
        return web.Response(body=body % (item if request.path == "/well" else b""), content_type="text/xml")

    application = web.Application()
    application.add_routes([web.get("/{name}", answer)])
    async with serve("test", application, "127.0.0.1", 0, Bounds()) as (port, _):
        settings = config(fetch={"allow_private": ["127.0.0.0/8"], "allow_ports": [port]})
        feeds = [Feed(url=f"http://127.0.0.1:{port}/{name}") for name in ("well", "gone", "empty")]
        asked = await ask_feeds(settings, feeds)
    assert [(one.items, one.kind) for one in asked] == [(1, ""), (0, "http-404"), (0, "")]
    assert asked[0].date
    gone, empty, well = judge_answers(asked)
    assert (gone.severity, empty.severity, well.severity) == ("warning", "warning", "ok")


def test_what_all_feeds_share_is_the_networks_fault() -> None:
    feeds = [Feed(url="http://a.example/f"), Feed(url="http://b.example/f")]
    (network,) = judge_answers([Asked(one, kind="dns", reason="the host was not found") for one in feeds])
    assert (network.part, network.severity) == ("network", "error")
    several = list(judge_answers([Asked(one, kind=f"http-50{n}", reason="x") for n, one in enumerate(feeds)]))
    assert [(one.part, one.severity) for one in several] == [("feeds", "error")] * 2


def test_an_examination_that_fails_stops_no_other(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr("wirewatch.composition.doctor.lists.judge_alerts", broken)
    found = examine(config(web={"port": 0}), paths, 0)
    assert any("ZeroDivisionError" in one.what for one in found.remarks)
    assert any("There is no log yet" in one.what for one in found.remarks)


def test_the_worst_comes_first_and_is_counted() -> None:
    remarks = [Remark("ok", "data", "a"), Remark("warning", "data", "b"), Remark("error", "data", "c")]
    assert diagnosis(remarks) == Diagnosis(1, 1, tuple(reversed(remarks)))


def test_an_elasticsearch_that_is_away_is_told_in_a_sentence() -> None:
    def away() -> Health:
        raise RetryLater("elasticsearch-unavailable", "http://e:9200 does not answer")

    (found,), _ = judge_elasticsearch(config(elasticsearch={"hosts": ["http://e:9200"]}), away)
    assert found.what == "Elasticsearch: http://e:9200 does not answer"


def test_a_topic_to_be_kept_that_does_not_exist_is_told(paths: Paths) -> None:
    settings = config(archive={"keep_days": 30, "keep_topics": ["syria", "no-such-topic"]})
    (found,) = bad(list(judge_lists(settings, paths)))
    assert "There is no topic 'no-such-topic'" in found.what
    assert bad(list(judge_lists(config(archive={"keep_topics": ["no-such-topic"]}), paths))) == []


@pytest.mark.parametrize("closed", ["log.sqlite", "index/documents.sqlite"])
def test_what_this_user_may_not_read_is_told_as_that(
    paths: Paths, closed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_log(Config(), paths).close()
    open_store(Config(), paths, readonly=False).close()
    assert bad(list(judge_data(Config(), paths, NOW))) == []
    shut = paths.data / closed
    monkeypatch.setattr(os, "access", lambda path, _: path != shut)  # root may read anything
    (found,) = bad(list(judge_data(Config(), paths, NOW)))
    assert "This user may not read" in found.what
    assert found.where in str(shut)


def test_a_folder_that_is_closed_to_this_user_is_no_bug(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(paths.index))

    monkeypatch.setattr("wirewatch.composition.doctor.data.judge_data", closed)
    (found,) = [one for one in examine(config(web={"port": 0}), paths, 0).remarks if one.severity == "error"]
    assert (found.what, found.where) == (
        "data could not be examined: this user may not read all of it",
        str(paths.index),
    )


def test_alerts_that_machines_share_are_those_of_the_log(tmp_path: Path) -> None:
    here, there = (
        Paths(tmp_path / name, tmp_path / name / "feeds.opml", None, shared=True)
        for name in ("here", "there")
    )
    for one in (here, there):
        one.data.mkdir()
    with MemoryLog(specs(Config())) as log:
        assert shared_list(log, there) is None
        here.alerts.write_text(f"{ALERTS}kind = 'webhook'\nurl = 'https://desk.example/hook'")
        shared_alerts(log, here).bring()
        remarks = list(judge_alerts(there, no_server, shared=shared_list(log, there)))
    assert ("1 alert", "the topic alert-list of the log, which all machines share") in {
        (one.what, one.where) for one in remarks
    }
    (missing,) = bad(remarks)
    assert "desk.url can't be read" in missing.what, "the secret is on the other machine"
    assert list(there.data.iterdir()) == []
