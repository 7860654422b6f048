"""Measures the time from an article in the log to an alert received by a webhook on this machine, with many alerts defined.

    python -m bench.alerts [--alerts 10000] [--articles 200] [--rate 4]

The real stages `relate`, `alert` and `deliver` run as one process over the embedded log. The alerts' queries are made
of words from the news texts in ../shared/data: two to four words with AND, some phrases, some prefixes. This process appends
such texts at an even rate, each with an added marker word that one more alert matches, and is that alert's webhook. Goal: p95
under 1 s with 10,000 alerts.
"""

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec
import psutil
from aiohttp import web

from bench.material.news import News, news_or_exit
from bench.material.results import Figure, record
from query.tokens import terms
from stream.log.base import Log, Outgoing
from stream.messages import Article, Enriched, article_id, encode
from wirewatch.config import Config, Paths
from wirewatch.topics import TAGGED, open_log

MARKER = "zyxwmarker"
WAIT_SECONDS = 120.0


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--alerts", type=int, default=10_000)
    options.add_argument("--articles", type=int, default=200)
    options.add_argument("--rate", type=float, default=4.0, help="articles a second")
    chosen = options.parse_args()
    news = list(islice(news_or_exit(), 3000 + chosen.articles))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        (folder / "alerts.toml").write_text(_alerts(news[:3000], chosen.alerts, port), "utf-8")
        figures = asyncio.run(_measure(folder, news[3000:], chosen.rate, port))
    load = os.getloadavg()[0]
    print(f"({chosen.alerts:,} alerts; load of the machine at the end: {load:.0f} on {os.cpu_count()} cores)")
    record("alerts", figures, ("--articles 100 --rate 2",))


def _alerts(news: list[News], number: int, port: int) -> str:
    chosen = random.Random(20160314)
    texts = [terms(one.text) for one in news]
    lines = [
        f'[channels.desk]\nkind = "webhook"\nurl = "http://127.0.0.1:{port}/hook"',
        f'[[alert]]\nname = "marker"\nquery = "{MARKER}"\nfirst_in_story = false\nchannels = ["desk"]',
    ]
    lines += [f"[[alert]]\nname = \"a{n}\"\nquery = '{_query(chosen, texts)}'\n" for n in range(number)]
    return "\n".join(lines)


def _query(chosen: random.Random, texts: list[list[str]]) -> str:
    """Two to four words of one text; three in ten form a phrase with their neighbour, one in ten is a prefix."""
    words = chosen.choice(texts)
    parts = []
    for _ in range(chosen.randint(2, 4)):
        at = chosen.randrange(max(len(words) - 1, 1))
        kind = chosen.random()
        if kind < 0.3:
            parts.append(f'"{" ".join(words[at : at + 2])}"')
        else:
            parts.append(f"{words[at]}*" if kind < 0.4 and len(words[at]) > 3 else words[at])
    return " AND ".join(parts)


async def _measure(folder: Path, news: list[News], rate: float, port: int) -> list[Figure]:
    arrived: dict[str, float] = {}

    async def take(request: web.Request) -> web.Response:
        now = time.time()
        for hit in msgspec.json.decode(await request.read())["hits"]:
            arrived.setdefault(hit["article"]["id"], now)
        return web.Response(status=204)

    application = web.Application()
    application.router.add_post("/hook", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    with open_log(Config(), Paths(folder, folder / "feeds.opml", None)) as log:
        command = [str(Path(sys.executable).with_name("wirewatch")), "relate", "alert", "deliver"]
        process = await asyncio.create_subprocess_exec(
            *command, "--data", str(folder), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        try:
            await _append(log, News("warm", "", f"{MARKER} first"))
            await _until(lambda: len(arrived) >= 1, "the first alert")
            before = psutil.Process(process.pid).cpu_times()
            appended = {}
            for one in news:
                due = time.time() + 1 / rate
                key = await _append(log, one)
                appended[key] = time.time()
                await asyncio.sleep(max(0.0, due - time.time()))
            await _until(lambda: appended.keys() <= arrived.keys(), "the last alert")
            after = psutil.Process(process.pid).cpu_times()
        finally:
            process.terminate()
            await process.wait()
    await runner.cleanup()
    waits = sorted(arrived[key] - moment for key, moment in appended.items())
    cpu = (after.user + after.system - before.user - before.system) / len(news)
    others = (folder / "alerts.jsonl").read_bytes().count(b"\n") if (folder / "alerts.jsonl").exists() else 0
    print(f"{len(waits)} articles at {rate:g} a second; the other alerts fired {others} times")
    print(
        f"in the log to taken by the webhook: median {statistics.median(waits):.3f} s, "
        f"p95 {waits[int(len(waits) * 0.95)]:.3f} s, longest {waits[-1]:.3f} s (goal: p95 under 1)"
    )
    print(f"CPU of relate, alert and deliver: {1000 * cpu:.1f} ms an article")
    shown = "from an article in the log to an alert taken by a webhook, with 10,000 alerts"
    return [
        Figure(f"{shown}: median", round(statistics.median(waits), 2), "s"),
        Figure(f"{shown}: p95", round(waits[int(len(waits) * 0.95)], 2), "s", at_most=1),
        Figure("CPU of relate, alert and deliver", round(1000 * cpu, 1), "ms an article"),
    ]


async def _append(log: Log, one: News) -> str:
    now = datetime.now(UTC)
    url = f"http://bench.example/{one.id}"
    article = Article(
        id=article_id(url), url=url, feed="", source="Bench", title=one.title, text=f"{one.text} {MARKER}.",
        seen=now, fetched=now, extracted=now,
    )  # fmt: skip
    enriched = Enriched(article=article, language="en", enriched=now)
    await asyncio.to_thread(log.produce, [Outgoing(TAGGED.name, enriched.key, encode(enriched))])
    return article.id


async def _until(condition, what: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"waited {WAIT_SECONDS:g} s in vain for {what}")
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    main()
