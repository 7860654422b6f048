"""The way out: proxies, DNS, and a few feeds that are asked once."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import msgspec

from ingest.formats.feeds import parse_feed
from ingest.http.accept import for_feeds
from ingest.http.proxies import Proxies
from ingest.sources.feed import Feed
from ingest.urls import host_if_any, shown
from results.doctor import Remark, Severity
from stream.errors import ConfigError, Reject, RetryLater
from stream.words import plural
from wirewatch.composition.resources import open_client, proxies
from wirewatch.composition.workers import parsing_workers
from wirewatch.config import Config

OK_STATUSES = range(200, 300)
WHOLE_NETWORK = {
    "dns": "No name could be looked up: is this machine online, and does its DNS work?",
    "connect": "No server could be reached: is this machine online, or does it need a proxy ([fetch] proxy)?",
    "timeout": "No server answered in time: is this machine online, or does it need a proxy ([fetch] proxy)?",
    "proxy": "Are the proxy's address and password right, and does it run?",
    "tls": "Does this network use a certificate of its own, and is the clock right?",
    "blocked-address": "Allow their networks: [fetch] allow_private.",
}
"""What to do, by the kind of a failure that all feeds share."""


FOR_EXAMPLES = (".example", ".invalid", ".test")
"""The ends of host names that are never given to anybody (RFC 2606)."""


class Asked(msgspec.Struct, frozen=True):
    """What came of asking a feed."""

    feed: Feed
    items: int = 0
    kind: str = ""
    """Of what failed; '' if nothing did."""
    reason: str = ""
    date: str = ""
    """The server's clock, as in the header `Date`."""


def sample(feeds: Sequence[Feed], number: int) -> list[Feed]:
    """Some feeds from all over the list, each of another host, none that is paused."""
    by_host = {host_if_any(feed.url): feed for feed in reversed(feeds) if not feed.paused}
    chosen = list(by_host.values())[::-1]
    step = max(len(chosen) // number, 1)
    return chosen[::step][:number]


def judge_made_up(feeds: Sequence[Feed], hosts: Mapping[str, str]) -> tuple[list[Feed], list[Remark]]:
    """The feeds that can be asked at all, and a remark on the others: no DNS knows the names that are kept for examples.

    Args:
        feeds: the feed list.
        hosts: addresses by host name, from the configuration.
    """
    made_up = [
        feed for feed in feeds if (host := host_if_any(feed.url)).endswith(FOR_EXAMPLES) and host not in hosts
    ]
    if not made_up:
        return list(feeds), []
    what = f"{plural(len(made_up), 'feed')} can't be asked: the names of their hosts are for examples only"
    advice = "`wirewatch demo` serves the feeds of its world itself, as long as it runs."
    remark = Remark("note", "feeds", what, shown(made_up[0].url), advice)
    return [feed for feed in feeds if feed not in made_up], [remark]


def judge_proxies(config: Config, connects: Callable[[str, int], str]) -> Iterator[Remark]:
    """Whether the proxies are proxies, and can be reached."""
    try:
        found: Proxies = proxies(config.fetch, os.environ)
    except ConfigError as error:
        yield Remark(
            "error", "network", str(error), "fetch.proxy", "Mend the variable, or set [fetch] proxy."
        )
        return
    for proxy in {one.name: one for one in (found.http, found.https) if one}.values():
        if fault := connects(proxy.host, proxy.port):
            advice = 'Does it run? [fetch] proxy = "none" goes without.'
            yield Remark("error", "network", f"The proxy {fault}", proxy.name, advice)
        else:
            yield Remark("ok", "network", "The proxy can be reached", proxy.name)


async def ask_feeds(config: Config, feeds: Sequence[Feed]) -> list[Asked]:
    """Ask each feed once, and read its answer in a worker process."""
    workers = await asyncio.to_thread(parsing_workers, _with_one_worker(config), lambda _: None)
    try:
        async with open_client(config) as client:
            get = for_feeds(client.get)

            async def read(url: str) -> tuple[int, str]:
                response = await get(url, headers={})
                if response.status not in OK_STATUSES:
                    raise Reject(f"http-{response.status}", f"it answered with HTTP {response.status}")
                kind, charset = response.content_type, response.charset
                seconds = config.poll.parse_timeout_seconds
                parsed = await workers.run(seconds, parse_feed, response.body, kind, charset, response.url)
                return len(parsed.items), response.headers.get("date", "")

            return list(await asyncio.gather(*(_asked(read, feed) for feed in feeds)))
    finally:
        await asyncio.to_thread(workers.close)


def _with_one_worker(config: Config) -> Config:
    return msgspec.structs.replace(config, extract=msgspec.structs.replace(config.extract, workers=1))


async def _asked(read: Callable[[str], Awaitable[tuple[int, str]]], feed: Feed) -> Asked:
    try:
        items, date = await read(feed.url)
    except (Reject, RetryLater) as error:
        return Asked(feed, kind=error.kind, reason=error.reason)
    return Asked(feed, items=items, date=date)


def judge_answers(asked: Sequence[Asked]) -> Iterator[Remark]:
    """What the answers of a sample of feeds say of the network, and of the feeds."""
    failed = [one for one in asked if one.kind]
    kinds = Counter(one.kind for one in failed)
    if asked and len(failed) == len(asked) and len(kinds) == 1 and (kind := failed[0].kind) in WHOLE_NETWORK:
        what = f"None of {plural(len(asked), 'feed')} could be asked: {failed[0].reason}"
        yield Remark("error", "network", what, "", WHOLE_NETWORK[kind])
        return
    severity: Severity = "error" if asked and len(failed) == len(asked) else "warning"
    for one in failed:
        advice = f"More of it: wirewatch feeds show {shown(one.feed.url)}"
        yield Remark(severity, "feeds", one.reason, shown(one.feed.url), advice)
    for one in asked:
        if not one.kind and not one.items:
            advice = "Is it the right address? wirewatch feeds add SITE finds a site's feeds."
            yield Remark("warning", "feeds", "It answers, but has no items", shown(one.feed.url), advice)
    if well := sum(not one.kind and one.items > 0 for one in asked):
        yield Remark("ok", "feeds", f"{well} of {plural(len(asked), 'feed')} that were asked have items")


def dates_of(asked: Sequence[Asked]) -> Mapping[str, str]:
    """The clocks of the servers that answered, by host."""
    return {host_if_any(one.feed.url): one.date for one in asked if one.date}
