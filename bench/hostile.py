"""The cost of hostile responses: CPU time and memory of each, beyond those of a harmless one.

    python -m bench.hostile [CASE ...]

A server on loopback answers as no server should, and the client reads it; documents made to be expensive go to the readers that
run in worker processes. Each case runs in a process of its own, forked after the imports. Memory is the growth of its peak
resident size (Linux, /proc/self/clear_refs). Each case is stopped as the pipeline would stop it. Goal: 2 s of CPU, 64 MB.
"""

import argparse
import asyncio
import ctypes
import multiprocessing
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.hostile import Behaviour, answer, brotli_bomb, deflate_bomb, gzip_bomb, redirect, repeat, serve

from bench.material.results import Figure, record
from ingest.fetching.robots import rules_of
from ingest.formats.feeds import parse_feed
from ingest.http.client import Client, ClientLimits
from ingest.http.response import Response
from ingest.sources.discover import find_feeds
from stream.errors import Reject, RetryLater

CPU_AIM, MEMORY_AIM = 2.0, 64.0
FEED_BYTES = 10_000_000
URL = "http://news.example/feed"
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FORK = multiprocessing.get_context("fork")


class Cost(msgspec.Struct, frozen=True):
    """The cost and outcome of one case."""

    cpu: float
    megabytes: float
    ended: str


def answers() -> dict[str, bytes | Behaviour]:
    """The server's responses, by case. Created in the server's process."""
    return {
        "gzip bomb, 300 MB": answer(gzip_bomb(300), Content_Encoding="gzip"),
        "deflate bomb, 300 MB": answer(deflate_bomb(300), Content_Encoding="deflate"),
        "brotli bomb, 300 MB": answer(brotli_bomb(300), Content_Encoding="br"),
        "endless body": repeat(OK + b"\r\n", b"x" * 65_536),
        "endless chunks of one byte": repeat(CHUNKED, b"1\r\nx\r\n" * 1_000),
        "endless header": repeat(OK + b"X: ", b"x" * 65_536),
        "endless headers": repeat(OK, b"X: y\r\n" * 1_000),
        "endless 100 Continue": repeat(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
        "endless trailers": repeat(CHUNKED + b"0\r\n", b"X: y\r\n" * 1_000),
        "slow drip": repeat(OK + b"\r\n", b"x", pause=0.01),
        "redirects without end": redirect("/redirects/0"),
        "10 MB of page": answer(b"x" * 9_999_999),
    }


def documents() -> dict[str, Callable[[], object]]:
    """The input of the readers, by case."""
    item = b"<item><title>News</title><link>http://news.example/%d</link></item>"
    rss = b"<rss><channel>"
    first, end = rss + item % 0 + b"<item><title>", b"</title></item></channel></rss>"

    def feed(body: bytes) -> Callable[[], object]:
        return lambda: parse_feed(body[:FEED_BYTES], "text/xml", "utf-8", URL)

    def robots(line: bytes) -> Callable[[], object]:
        body = b"User-agent: *\n" + line * (FEED_BYTES // len(line))
        answered = Response(
            url=URL, status=200, headers={}, content_type="", charset="", body=body, permanent=False
        )
        page = "http://news.example/" + "ab" * 3_900
        return lambda: rules_of(answered, "wirewatch", datetime.now(UTC)).check(page, "wirewatch")

    return {
        "robots.txt: 10 MB of rules": robots(b"Disallow: /x\n"),
        "robots.txt: 10 MB of wildcards": robots(b"Disallow: /*a*b*a*b*a*b*a*b*c\n"),
        "robots.txt: 10 MB of groups": robots(b"User-agent: a\n"),
        "feed: a harmless one of 100 items": feed(
            rss + b"".join(item % n for n in range(100)) + b"</channel></rss>"
        ),
        "feed: 10 MB of items": feed(rss + b"".join(item % n for n in range(160_000))),
        "feed: 10 MB of items, well-formed": feed(
            rss + b"".join(item % n for n in range(140_000)) + b"</channel></rss>"
        ),
        "feed: 10 MB of empty elements": feed(rss + b"<a/>" * 2_400_000 + b"</channel></rss>"),
        "feed: 10 MB of attributes": feed(
            rss + b"<item " + b"".join(b'a%d="" ' % n for n in range(700_000)) + b"/></channel></rss>"
        ),
        "feed: 10 MB of attributes, broken": feed(rss + b'<item a="" b ' * 1_000_000),
        "feed: nested 2 million deep": feed(rss + b"<a>" * 2_000_000),
        "feed: 10 MB of <": feed(rss + b"<" * FEED_BYTES),
        "feed: 10 MB of bare &": feed(rss + b"<item><title>" + b"& " * 4_000_000),
        "feed: 10 MB of undeclared entities": feed(first + b"&foo;" * 1_990_000 + end),
        "feed: 10 MB of known entities": feed(first + b"&eacute;" * 1_240_000 + end),
        "feed: 10 MB of character references": feed(first + b"&#233;" * 1_660_000 + end),
        "feed: 10 MB of bad character references": feed(first + b"&#1;" * 2_490_000 + end),
        "feed: 10 MB of references, mended": feed(first + b"\x01" + b"&#233;" * 1_660_000 + end),
        "feed: 10 MB of control characters": feed(first + b"a\x01" * 4_990_000 + end),
        "feed: 10 MB with emoji, mended": feed(first + b"&nbsp;\xf0\x9f\x98\x80" + b"a " * 4_990_000 + end),
        "feed: 10 MB with emoji": feed(first + b"\xf0\x9f\x98\x80" + b"a " * 4_990_000 + end),
        "feed: 180,000 different tags": feed(
            rss + b"<item>" + b"".join(b"<t%d/>" % n for n in range(180_000)) + b"</item></channel></rss>"
        ),
        "feed: 180,000 prefixes": feed(
            rss + b"<item>" + b"".join(b"<p%d:t/>" % n for n in range(180_000)) + b"</item></channel></rss>"
        ),
        "feed: 10 MB of open CDATA": feed(rss + b"<![CDATA[" * 1_000_000),
        "feed: 10 MB of open comments": feed(rss + b"<!--" * 2_500_000),
        "feed: entities in entities": feed(
            b"<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>"
            + b"".join(b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
            + b"]>"
            + rss
            + b"<item><title>&a9;</title><link>http://news.example/</link></item></channel></rss>"
        ),
        "feed: 10 MB of markup in a summary": feed(
            rss
            + b"<item><link>http://a.example/</link><description>"
            + b"&lt;b&gt;" * 1_200_000
            + b"</description></item></channel></rss>"
        ),
        "feed: 100 KB for feedparser": feed(
            rss + b"<item><title>a</b></title><a b=c d=<e>" * 2_300 + b"</channel></rss>"
        ),
        "feed: 1 MB for feedparser": feed(
            rss + b"<item><title>a</b></title><a b=c d=<e>" * 23_000 + b"</channel></rss>"
        ),
        "feed: 10 MB for feedparser": feed(rss + b"<item><title>a</b></title><a b=c d=<e>" * 230_000),
        "feed: 10 MB of small faults": feed(
            rss
            + b"<item><title>a</b>b</title><link>http://a.example/</link></item>" * 140_000
            + b"</channel></rss>"
        ),
        "feed: 10 MB of attributes and faults": feed(
            rss + b"<item></b><title a='' b='' c=''>b</title></item>" * 200_000 + b"</channel></rss>"
        ),
        "sitemap: 10 MB of URLs": feed(
            b"<urlset>" + b"<url><loc>http://a.example/</loc><lastmod>2099-01-01</lastmod></url>" * 160_000
        ),
        "sitemap: 300 MB when unzipped": feed(gzip_bomb(300)),
        "feed: JSON nested deep": feed(b"[" * FEED_BYTES),
        "feed: JSON of many small things": feed(
            b'{"version":"https://jsonfeed.org/version/1","items":[' + b"[]," * 3_000_000 + b"[]]}"
        ),
        "page: 10 MB of links": lambda: find_feeds(b"<a href=/rss>RSS</a>" * 500_000, URL),
        "page: nested deep": lambda: find_feeds(b"<div>" * 2_000_000, URL),
    }


async def get(port: int, case: str) -> str:
    """Fetch the server's response, as the pipeline does."""
    limits = ClientLimits(total_timeout=30.0)
    async with Client(user_agent="bench", limits=limits, allowed=[ip_network("127.0.0.0/8")]) as client:
        found = await client.get(f"http://127.0.0.1:{port}/{case}".replace(" ", "%20"))
    return f"read, {len(found.body):,} bytes"


def ended(work: Callable[[], object]) -> str:
    """The outcome of some work, in a word or two."""
    try:
        result = work()
    except (Reject, RetryLater) as error:
        return error.kind
    except MemoryError:
        return "too-much-memory"
    return result if isinstance(result, str) else "read"


def measured(work: Callable[[], object], seconds: float) -> Cost:
    """Run a case in a process of its own."""
    ours, its = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_measure, args=(work, its))
    process.start()
    its.close()
    try:
        found = ours.recv() if ours.poll(seconds) else Cost(float("nan"), float("nan"), "too-slow")
    except EOFError:
        process.join()
        found = Cost(float("nan"), float("nan"), f"killed (exit code {process.exitcode})")
    process.kill()
    process.join()
    return found


def _measure(work: Callable[[], object], pipe: "multiprocessing.connection.Connection") -> None:
    ctypes.CDLL(None).malloc_trim(0)  # otherwise memory freed earlier would hide what is used now
    Path("/proc/self/clear_refs").write_text("5")
    before, began = _peak(), time.process_time()
    how = ended(work)
    pipe.send(Cost(time.process_time() - began, (_peak() - before) / 1e3, how))


def _peak() -> float:
    """Peak resident size in KB since it was last cleared."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def is_good(cost: Cost) -> bool:
    """Whether a case meets the goal; a killed process does not."""
    return cost.cpu <= CPU_AIM and cost.megabytes <= MEMORY_AIM


def shown(case: str, cost: Cost) -> Cost:
    """Print a row."""
    print(
        f"{case:<38} {cost.cpu:6.2f} {cost.megabytes:7.1f}   {'' if is_good(cost) else 'OVER: '}{cost.ended}",
        flush=True,
    )
    return cost


async def over_http(cases: list[str]) -> list[Cost]:
    """Run the server's cases, one after another."""
    said = {case: text for case, text in answers().items() if case in cases}
    paths = {f"/{case}".replace(" ", "%20"): text for case, text in said.items()}
    paths |= {f"/redirects/{n}": redirect(f"/redirects/{n + 1}") for n in range(10)}
    results = []
    async with serve(paths) as server:
        for case in said:

            def work(case: str = case) -> str:
                return asyncio.run(get(server.port, case))

            cost = await asyncio.to_thread(measured, work, 300.0)
            results.append(shown(case, cost))
    return results


def main() -> None:
    """Run the cases and print a row for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("cases", nargs="*", help="words in the name of a case (default: all cases)")
    wanted = options.parse_args().cases
    readers = documents()
    names = [n for n in (*answers(), *readers) if not wanted or any(word in n for word in wanted)]
    print(f"{'case':<38} {'CPU s':>6} {'MB':>7}   ended")
    results = asyncio.run(over_http(names))
    results += [
        shown(name, measured(lambda name=name: readers[name](), 300.0)) for name in names if name in readers
    ]
    good = sum(map(is_good, results))
    print(f"{good} of {len(results)} cost at most {CPU_AIM:g} s of CPU and {MEMORY_AIM:g} MB")
    figures = (
        Figure("hostile answers, feeds and robots.txt: kinds tried", len(results)),
        Figure(
            f"of those, kinds that cost more than {CPU_AIM:g} s of CPU or {MEMORY_AIM:g} MB",
            len(results) - good,
            at_most=0,
        ),
    )
    record("hostile", figures)


if __name__ == "__main__":
    main()
