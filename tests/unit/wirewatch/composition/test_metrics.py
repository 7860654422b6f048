"""What a process tells Prometheus, scraped over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import aiohttp
import msgspec
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics_families
from prometheus_client.parser import text_string_to_metric_families
from samples.alerts import NOW, alert, article
from servers.ports import free_port
from waiting import PATIENCE, until

from ingest.polling.feed_state import FeedState
from stream.clock import utc_now
from stream.errors import Reject, RetryLater
from stream.log.base import Outgoing
from stream.log.memory import MemoryLog
from stream.messages import Entry, encode
from stream.meters import Meters
from stream.quarantine import Retries
from stream.runner import Context
from stream.stage import Stage
from stream.supervisor import Backlog, Idle, Retention, Supervisor
from web.traffic import Traffic
from wirewatch.composition.latency import TimedArchive, timed_delivery
from wirewatch.composition.measured import Measured, Measures, measure
from wirewatch.composition.metric_table import TABLE
from wirewatch.composition.metrics import open_metrics
from wirewatch.composition.page_metrics import PAGE_TABLE
from wirewatch.composition.stages import counting_fetches
from wirewatch.config import Config, Paths
from wirewatch.pipeline import ALL
from wirewatch.process.health import health_of, serve_health
from wirewatch.process.settings import Service
from wirewatch.topics import ENTRIES, FEED_STATES, PAGES, specs

Scraped = dict[tuple[str, frozenset[tuple[str, str]]], float]
METRICS = (*TABLE, *PAGE_TABLE)
ENTRY = Entry(
    feed="http://a.example/f", source="A", guid="1", url="http://a.example/1", seen=NOW, key="a.example"
)


async def _refuse(entry: Entry) -> Sequence[object]:
    raise Reject("http-404", "gone") if entry.guid == "1" else RetryLater("timeout", "no answer")


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "documents.sqlite").write_bytes(b"x" * 5000)
    (tmp_path / "log.sqlite").write_bytes(b"x" * 10_000)
    feeds = "".join(f'<outline type="rss" text="{name}" xmlUrl="http://{name}.example/f"/>' for name in "ab")
    (tmp_path / "feeds.opml").write_text(f"<opml version='2.0'><body>{feeds}</body></opml>")
    return Paths(tmp_path, tmp_path / "feeds.opml", None)


@pytest.fixture
def supervisor() -> Supervisor:
    log = MemoryLog(specs(Config()), now=utc_now)
    known = FeedState(url="http://a.example/f", last_polled=utc_now(), last_read=utc_now())
    log.produce([Outgoing(FEED_STATES.name, known.url, encode(known))])
    context = Context(log, Retries(log, utc_now), Meters(), utc_now, asyncio.Event())
    fetch = Stage("fetch", reads=ENTRIES, work=counting_fetches(_refuse, context.meters), writes=(PAGES,))  # type: ignore[arg-type]
    backlog = Backlog({"fetch": ENTRIES.name, "extract": PAGES.name}, limit=10)
    return Supervisor(context, Idle(), [fetch], backlog, Retention(timedelta(days=1), 10**9))


@pytest.fixture
async def port(supervisor: Supervisor, paths: Paths) -> AsyncIterator[int]:
    listens = Service(port=free_port())
    opened = partial(open_metrics, Config(), paths, supervisor, ALL)
    async with serve_health(listens, health_of(supervisor), opened):
        yield listens.port


async def scrape(port: int, accept: str = "text/plain") -> str:
    url = f"http://127.0.0.1:{port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url, headers={"Accept": accept}) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith(accept)
        return await answer.text()


def values(text: str) -> Scraped:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_a_stage_does_is_counted_by_kind(supervisor: Supervisor, port: int) -> None:
    second = msgspec.structs.replace(ENTRY, guid="2")
    supervisor.log.produce([Outgoing(ENTRIES.name, one.key, encode(one)) for one in (ENTRY, second)])
    running = asyncio.create_task(supervisor.run())
    meters = supervisor.meters
    await until(lambda: meters.get("fetch", "retried") + meters.get("fetch", "quarantined") == 2)
    supervisor.stop.set()
    await running
    found = values(await scrape(port))
    stage = ("stage", "fetch")
    assert found["wirewatch_stage_messages_read_total", frozenset({stage})] == 2
    kinds = {("retried", "timeout"), ("quarantined", "http-404")}
    for outcome, kind in kinds:
        name = f"wirewatch_stage_messages_{outcome}_total"
        assert found[name, frozenset({stage, ("kind", kind)})] == 1
        assert found["wirewatch_fetches_total", frozenset({("result", kind)})] == 1
    assert found["wirewatch_retries_waiting", frozenset()] == 1
    assert found["wirewatch_stage_state", frozenset({stage, ("state", "stopping")})] == 1


async def test_the_age_of_the_oldest_message(supervisor: Supervisor, port: int) -> None:
    name, labels = "wirewatch_stage_oldest_message_age_seconds", frozenset({("stage", "fetch")})
    assert values(await scrape(port))[name, labels] == 0, "nothing waits"
    supervisor.backlog.note("fetch", 3)
    supervisor.backlog.waits_since["fetch"] = time.monotonic() - 100
    assert values(await scrape(port))[name, labels] >= 100, "nothing was taken yet, and it waits for so long"
    taken = utc_now() - timedelta(hours=1)
    supervisor.meters.follow("fetch", lambda: taken)
    assert values(await scrape(port))[name, labels] >= 3600
    supervisor.backlog.note("fetch", 0)
    assert values(await scrape(port))[name, labels] == 0, "all is done"


async def test_both_formats_are_well_formed_and_name_what_the_table_names(
    supervisor: Supervisor, port: int, paths: Paths
) -> None:
    for what, *labels in (
        ("retried", "fetch", "dns"),
        ("quarantined", "fetch", 'a"b\\\n'),
        ("worker", "crashed"),
    ):
        supervisor.meters.tally(what, *labels)  # type: ignore[arg-type]
    for result in ("poll", "poll-failed", "fetch"):
        supervisor.meters.tally(result, "x")  # type: ignore[arg-type]
    text = ""
    async with asyncio.timeout(PATIENCE):
        while "wirewatch_sources" not in text:  # it is measured in the background
            text = await scrape(port)
    names = {family.name for family in text_string_to_metric_families(text)}
    assert {row.name.removesuffix("_total") for row in TABLE} <= names
    open_text = await scrape(port, "application/openmetrics-text")
    assert {family.name for family in open_metrics_families(open_text)} >= {
        row.name.removesuffix("_total") for row in TABLE
    }
    found = values(text)
    assert found["wirewatch_sources", frozenset({("status", "well")})] == 1
    assert found["wirewatch_sources", frozenset({("status", "unpolled")})] == 1
    assert found["wirewatch_log_size_bytes", frozenset()] >= 10_000
    assert found["wirewatch_archive_size_bytes", frozenset()] >= 5_000


async def test_a_process_that_serves_the_page_too_tells_of_it(supervisor: Supervisor, paths: Paths) -> None:
    traffic = Traffic()
    traffic.searches["page", "nothing"] += 2
    async with open_metrics(Config(), paths, supervisor, ALL, traffic) as exposition:
        found = values(exposition("")[0].decode())
    labels = frozenset({("door", "page"), ("result", "nothing")})
    assert found["wirewatch_page_searches_total", labels] == 2
    assert found["wirewatch_stage_lag_messages", frozenset({("stage", "fetch")})] == 0


def test_names_follow_the_conventions() -> None:
    for row in METRICS:
        assert row.name.startswith("wirewatch_")
        assert row.name.endswith("_total") == (getattr(row, "kind", "") == "counter"), row.name
        assert row.text.endswith(".")
    assert len({row.name for row in METRICS}) == len(METRICS)


async def test_a_scrape_does_not_wait_for_what_is_measured() -> None:
    may_end = asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow() -> Measured:
        asyncio.run_coroutine_threadsafe(may_end.wait(), loop).result()
        return Measured(log_bytes=7)

    measures = Measures(slow)
    assert measures() == Measured()
    assert measures() == Measured(), "it is asked once"
    may_end.set()
    await measures.close()
    assert measures().log_bytes == 7


@pytest.mark.parametrize("fault", [RetryLater("disk", "the disk is full"), ZeroDivisionError("a bug")])
async def test_what_can_not_be_measured_leaves_the_last_figures(fault: Exception) -> None:
    answers: list[Measured | Exception] = [Measured(log_bytes=7), fault]

    def measured() -> Measured:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    measures = Measures(measured)
    await measures.renew()
    await measures.renew()
    assert measures().log_bytes == 7
    await measures.close()


def test_servers_elsewhere_have_no_size_here(supervisor: Supervisor, paths: Paths) -> None:
    config = Config()
    config = msgspec.structs.replace(
        config,
        kafka=msgspec.structs.replace(config.kafka, bootstrap_servers="k:9092"),
        elasticsearch=msgspec.structs.replace(config.elasticsearch, hosts=("http://e:9200",)),
    )
    found = measure(config, paths, supervisor.log, polls=False)
    assert (found.log_bytes, found.archive_bytes, found.sources) == (None, None, {})
    assert found.free_bytes


class Archive:
    """A sink that refuses some articles."""

    def __init__(self, *refused: str) -> None:
        self.refused = {one: Reject("bad", "no") for one in refused}

    def add(self, message: object) -> None: ...

    def flush(self) -> dict[str, Reject]:
        return self.refused


def test_only_new_articles_that_the_archive_took_are_timed() -> None:
    meters = Meters()
    late = NOW + timedelta(seconds=40)
    timed = TimedArchive(Archive(article(4).article.id), meters, lambda: late)
    new = article(1)
    exact = msgspec.structs.replace(
        new.article, published=NOW - timedelta(seconds=20), published_precision="second"
    )
    timed.add(msgspec.structs.replace(new, article=exact))
    timed.add(article(2))
    timed.add(article(3, backfill=True))
    timed.add(article(4))
    timed.flush()
    timed.flush()
    assert [meters.durations(what)[1:] for what in ("seen-indexed", "published-indexed")] == [
        ((0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2, 2), 80.0),
        ((0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1), 60.0),
    ]


async def test_an_alert_that_was_delivered_is_timed_once() -> None:
    meters, sent = Meters(), [["delivered"], []]

    async def deliver(_: object) -> list[str]:
        return sent.pop(0)

    timed = timed_delivery(deliver, meters, lambda: NOW + timedelta(seconds=3))
    await timed(alert())
    await timed(alert())  # it had been delivered before
    assert meters.durations("seen-alerted")[1][-1] == 1
    assert meters.durations("published-alerted")[2] == 3.0
