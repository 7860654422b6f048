import asyncio
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from waiting import PATIENCE, until

from ingest.fetching.politeness import HostGate
from ingest.formats.feeds import ParsedFeed, parse_feed
from ingest.http.response import Response
from ingest.polling import poller as poller_module
from ingest.polling.feed_poller import FeedPoller
from ingest.polling.feed_reader import FeedReader, Get
from ingest.polling.feed_state import FeedState
from ingest.polling.known_feeds import KnownFeeds
from ingest.polling.poller import Poller, Room
from ingest.polling.report import PollReport
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed
from stream.errors import Reject, RetryLater
from stream.messages import Entry

START = datetime(2026, 3, 15, 12, tzinfo=UTC)
POLICY = Policy(every=600, longest=86_400, jitter=lambda _url, _poll: 0.0)

Answer = Response | Exception | Callable[[str, Mapping[str, str]], Response]


def rss(*names: str) -> bytes:
    items = "".join(f"<item><title>{n}</title><link>https://site.example/{n}</link></item>" for n in names)
    return f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()


def answer(
    body: bytes = b"", status: int = 200, url: str = "", *, permanent: bool = False, **headers: str
) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(
        url=url,
        status=status,
        headers=named,
        content_type="application/xml",
        charset="",
        body=body,
        permanent=permanent,
    )


@dataclass
class World:
    """A small internet, a log and a clock."""

    answers: dict[str, Answer]
    states: dict[str, FeedState] = field(default_factory=dict)
    now: datetime = START
    delay: float = 0.0
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    reports: list[PollReport] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    most_at_once: int = 0
    publish_error: Exception | None = None
    publish_delay: float = 0.0
    publishing: bool = False
    gate: asyncio.Event | None = None
    listed: list[str] | None = None
    looks: int = 0
    """How often the list was read: once a tick."""
    observe: Callable[[PollReport], object] | None = None
    getter: Get | None = None
    room: Callable[[], bool] = lambda: True

    async def get(self, url: str, *, headers: Mapping[str, str]) -> Response:
        host = url.split("/")[2]
        assert host not in self.running, "two polls at one host"
        self.running.append(host)
        self.most_at_once = max(self.most_at_once, len(self.running))
        try:
            await asyncio.sleep(self.delay)
            self.asked.append((url, dict(headers)))
            said = self.answers[url]
            if isinstance(said, Exception):
                raise said
            return said(url, headers) if callable(said) else said
        finally:
            self.running.remove(host)

    async def parse(self, body: bytes, content_type: str, charset: str, url: str) -> ParsedFeed:
        return parse_feed(body, content_type, charset, url or "https://x.example/", now=self.now)

    async def publish(self, entries: Sequence[Entry], states: Sequence[FeedState]) -> None:
        self.publishing = True
        await asyncio.sleep(self.publish_delay)
        if self.publish_error:
            raise self.publish_error
        self.entries += entries
        self.states.update({state.url: state for state in states})

    async def ready(self) -> None:
        if self.gate:
            await self.gate.wait()

    def feeds(self) -> list[Feed]:
        self.looks += 1
        return [Feed(url=url) for url in self.listed or self.answers]

    def poller(self, at_once: int = 32, gate: HostGate | None = None) -> Poller:
        def now() -> datetime:
            return self.now

        reader = FeedReader(self.getter or self.get, self.parse, gate or HostGate(0.0), at_once, now)
        observe = self.observe or self.reports.append
        one = FeedPoller(KnownFeeds(self.states), reader, self.publish, observe, POLICY, now)
        return Poller(self.feeds, one, now, Room(self.ready, self.room))


@pytest.fixture(autouse=True)
def _quick_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller_module, "TICK_SECONDS", 0.005)


def results(world: World) -> dict[str, str]:
    return {report.feed.url: report.kind or report.result for report in world.reports}


async def test_a_round_polls_every_feed_once() -> None:
    world = World({f"https://{n}.example/": answer(rss(f"{n}1", f"{n}2")) for n in "abc"})
    poller = world.poller()
    await poller.round()
    assert sorted(entry.title for entry in world.entries) == ["a1", "a2", "b1", "b2", "c1", "c2"]
    assert len(world.asked) == 3
    await poller.round()
    assert len(world.entries) == 6
    assert len(world.asked) == 6
    assert [(report.new, report.items) for report in world.reports[:3]] == [(2, 2)] * 3
    assert [(report.new, report.result) for report in world.reports[3:]] == [(0, "unchanged")] * 3


async def test_conditional_requests() -> None:
    def server(_url: str, headers: Mapping[str, str]) -> Response:
        known = headers.get("If-None-Match") == '"1"'
        return answer(status=304) if known else answer(rss("a"), etag='"1"', last_modified="yesterday")

    world = World({"https://a.example/": server})
    poller = world.poller()
    await poller.round()
    await poller.round()
    assert world.asked[1][1] == {"If-None-Match": '"1"', "If-Modified-Since": "yesterday"}
    assert [report.result for report in world.reports] == ["read", "unchanged"]
    world.now += timedelta(days=1)
    await poller.round()
    assert world.asked[2][1] == {}
    assert world.states["https://a.example/"].polls == 3


async def test_each_fault_is_recorded_and_stops_no_other_feed() -> None:
    world = World(
        {
            "https://good.example/": answer(rss("a")),
            "https://missing.example/": answer(status=404),
            "https://busy.example/": answer(status=503, retry_after="7200"),
            "https://liar.example/": answer(status=304),
            "https://gone.example/": answer(status=410),
            "https://html.example/": answer(b"<html></html>"),
            "https://empty.example/": answer(b""),
            "https://slow.example/": RetryLater("timeout", "too slow"),
            "https://large.example/": Reject("too-large", "50 MB"),
            "https://bug.example/": ZeroDivisionError("division by zero"),
        }
    )
    await world.poller().round()
    assert results(world) == {
        "https://good.example/": "read",
        "https://missing.example/": "http-404",
        "https://busy.example/": "http-503",
        "https://liar.example/": "http-304",
        "https://gone.example/": "http-410",
        "https://html.example/": "feed-is-html",
        "https://empty.example/": "feed-empty",
        "https://slow.example/": "timeout",
        "https://large.example/": "too-large",
        "https://bug.example/": "bug",
    }
    kinds = {url: state.error_kind for url, state in world.states.items()}
    assert kinds == {url: "" if kind == "read" else kind for url, kind in results(world).items()}
    assert world.states["https://bug.example/"].error_reason == "ZeroDivisionError: division by zero"
    assert world.states["https://busy.example/"].next_due == START + timedelta(hours=2)
    assert [entry.title for entry in world.entries] == ["a"]


async def test_a_feed_that_is_gone_is_not_polled_again() -> None:
    world = World({"https://a.example/": answer(status=410)})
    poller = world.poller()
    await poller.round()
    await poller.round()
    assert len(world.asked) == 1


async def test_a_feed_that_moved_permanently_is_polled_at_its_new_address() -> None:
    new = "https://new.example/"
    world = World({"https://old.example/": answer(rss("a"), url=new, permanent=True)})
    for _ in range(3):
        await world.poller().round()
    world.listed = ["https://old.example/"]
    world.answers[new] = answer(rss("a", "b"), url=new)
    await world.poller().round()
    assert [url for url, _ in world.asked] == ["https://old.example/"] * 3 + [new]
    assert list(world.states) == ["https://old.example/"]
    assert world.states["https://old.example/"].moved_to == new


async def test_one_poll_at_a_time_per_host_and_several_hosts_at_once() -> None:
    urls = [f"https://{host}.example/{n}" for host in "abcdef" for n in range(3)]
    world = World({url: answer(rss("x")) for url in urls}, delay=0.002)
    await world.poller(at_once=4).round()
    assert world.most_at_once == 4
    assert len(world.asked) == 18


async def test_an_article_in_two_feeds_of_a_host_is_published_once() -> None:
    world = World(
        {"https://a.example/1": answer(rss("x", "y")), "https://a.example/2": answer(rss("y", "z"))}
    )
    await world.poller().round()
    assert [entry.title for entry in world.entries] == ["x", "y", "z"]


async def test_a_new_poller_continues_from_the_stored_states() -> None:
    world = World({"https://a.example/1": answer(rss("x")), "https://a.example/2": answer(rss("x", "y"))})
    await world.poller().round()
    await world.poller().round()
    assert [entry.title for entry in world.entries] == ["x", "y"]


@pytest.mark.parametrize("error", [RetryLater("disk-full", "no room"), RuntimeError("broken")])
async def test_what_was_not_published_is_found_again(error: Exception) -> None:
    world = World({"https://a.example/": answer(rss("x"), etag='"1"')}, publish_error=error)
    poller = world.poller()
    await poller.round()
    assert (world.entries, world.states) == ([], {})
    assert world.reports[0].result == "not-stored"
    world.publish_error = None
    await poller.round()
    assert [entry.title for entry in world.entries] == ["x"]
    assert world.asked[1][1] == {}


async def test_a_publication_that_fails_is_not_tried_again_at_once() -> None:
    world = World({"https://a.example/": answer(rss("x"))}, publish_error=RetryLater("disk-full", "no room"))
    await run_until(world, lambda: world.reports)
    assert len(world.asked) == 1


async def run_until(world: World, condition: Callable[[], object]) -> None:
    """Run a poller until the condition holds, and some more ticks."""
    stop = asyncio.Event()
    running = asyncio.create_task(world.poller().run(stop))
    await until(condition)
    await ticks(world, 4)
    stop.set()
    await running


async def ticks(world: World, number: int) -> None:
    last = world.looks + number
    await until(lambda: world.looks > last)


async def test_run_polls_what_is_due_and_only_that() -> None:
    world = World({"https://a.example/": answer(rss("x"))})
    await run_until(world, lambda: world.reports)
    assert len(world.asked) == 1
    world.now += timedelta(seconds=599)
    await run_until(world, lambda: True)
    assert len(world.asked) == 1
    world.now += timedelta(seconds=1)
    await run_until(world, lambda: len(world.reports) > 1)
    assert len(world.asked) == 2


async def test_run_follows_the_feed_list_and_the_clock() -> None:
    world = World({"https://a.example/": answer(rss("x"))})
    stop = asyncio.Event()
    running = asyncio.create_task(world.poller().run(stop))
    await until(lambda: len(world.reports) == 1)
    world.now += timedelta(hours=1)
    await until(lambda: len(world.reports) == 2)
    world.answers = {"https://b.example/": answer(rss("y"))}
    world.now += timedelta(hours=1)
    await until(lambda: len(world.reports) == 3)
    stop.set()
    await running
    assert [url[8] for url, _ in world.asked] == ["a", "a", "b"]


async def test_run_continues_after_faults() -> None:
    world = World(
        {
            "https://a.example/": ValueError("odd"),
            "nonsense": answer(),
            "https://b.example/": answer(rss("x")),
        }
    )
    await run_until(world, lambda: len(world.reports) == 3)
    assert world.states["https://a.example/"].failures == 1
    assert world.states["nonsense"].error_kind == "bug"
    assert [entry.title for entry in world.entries] == ["x"]


async def test_a_full_pipeline_holds_polling_up() -> None:
    gate = asyncio.Event()
    world = World({"https://a.example/": answer(rss("x"))}, gate=gate)
    stop = asyncio.Event()
    running = asyncio.create_task(world.poller().run(stop))
    await ticks(world, 4)
    assert world.asked == []
    gate.set()
    await until(lambda: world.entries)
    stop.set()
    await running


async def test_without_room_for_a_backlog_only_known_feeds_are_polled() -> None:
    world = World({"https://a.example/old": answer(rss("x"))}, listed=["https://a.example/old"])
    await world.poller().round()
    room = False
    world.room = lambda: room
    new = [f"https://{host}.example/new" for host in "abc"]
    world.answers |= dict.fromkeys(new, answer(rss("y")))
    world.listed = [*new, "https://a.example/old"]
    world.now += timedelta(hours=1)
    stop = asyncio.Event()
    running = asyncio.create_task(world.poller(at_once=1).run(stop))
    await until(lambda: len(world.reports) == 2)
    world.now += timedelta(hours=1)
    await until(lambda: len(world.reports) == 3)
    assert [url for url, _ in world.asked] == ["https://a.example/old"] * 3
    room = True
    await until(lambda: len(world.reports) == 6)
    stop.set()
    await running
    assert sorted(url for url, _ in world.asked[3:]) == new


async def test_a_round_delays_first_polls_until_there_is_room_and_then_polls_each_once() -> None:
    world = World({f"https://{host}.example/": answer(rss(host)) for host in "abcd"})
    world.room = lambda: next(looks) % 10 > 6
    looks = itertools.count()
    await asyncio.wait_for(world.poller().round(), PATIENCE)
    assert sorted(url[8] for url, _ in world.asked) == list("abcd")
    assert sorted(entry.title for entry in world.entries) == list("abcd")


async def test_a_slow_server_delays_no_other() -> None:
    async def get(url: str, *, headers: Mapping[str, str]) -> Response:
        if "slow" in url:
            await asyncio.sleep(60)
        return await quick.get(url, headers=headers)

    quick = World({"https://slow.example/": answer(rss("s")), "https://a.example/": answer(rss("x"))})
    world = replace(quick, getter=get)
    await asyncio.wait_for(run_until(world, lambda: world.entries), PATIENCE)
    assert [entry.title for entry in world.entries] == ["x"]


async def test_stop_gives_up_a_slow_server_at_once() -> None:
    world = World({"https://a.example/": answer(rss("x"))}, delay=60)
    await asyncio.wait_for(run_until(world, lambda: world.running), PATIENCE)
    assert (world.entries, world.states) == ([], {})


async def test_a_cancelled_poller_finishes_what_it_is_publishing() -> None:
    world = World({"https://a.example/": answer(rss("x"))}, publish_delay=0.05)
    polling = asyncio.create_task(world.poller().run(asyncio.Event()))
    await until(lambda: world.publishing)
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    assert [entry.title for entry in world.entries] == ["x"]
    assert world.states["https://a.example/"].items == 1


async def test_feeds_that_moved_to_one_host_are_polled_one_at_a_time() -> None:
    olds, news = (
        [f"https://old{n}.example/" for n in range(3)],
        [f"https://new.example/{n}" for n in range(3)],
    )
    states = {old: FeedState(url=old, moved_to=new, moves=3) for old, new in zip(olds, news, strict=True)}
    world = World(
        {new: answer(rss(new[-1]), url=new) for new in news}, states=states, listed=olds, delay=0.002
    )
    await world.poller().round()
    assert [url for url, _ in world.asked] == news
    assert world.most_at_once == 1


async def test_a_fault_of_the_observer_is_not_hidden() -> None:
    def observe(report: PollReport) -> None:
        raise RuntimeError(report.feed.url)

    world = World({"https://a.example/": answer(rss("x"))}, observe=observe)
    with pytest.raises(RuntimeError, match=r"https://a\.example/"):
        await world.poller().run(asyncio.Event())


async def test_the_same_body_is_not_read_again() -> None:
    world = World({"https://a.example/": answer(rss("x"), etag='"1"')})
    poller = world.poller()
    await poller.round()
    world.answers["https://a.example/"] = answer(rss("x"), etag='"2"')
    await poller.round()
    assert [report.result for report in world.reports] == ["read", "unchanged"]
    assert world.states["https://a.example/"].etag == '"2"'


async def test_while_no_host_is_reached_no_feed_is_delayed_for_long() -> None:
    world = World({f"https://h{n}.example/": RetryLater("dns", "no answer") for n in range(20)})
    poller = world.poller()
    for _ in range(5):
        await poller.round()
    assert {state.why for state in world.states.values()} == {"offline"}
    assert {state.next_due for state in world.states.values()} == {START + timedelta(seconds=300)}


async def test_a_gap_is_kept_between_polls_of_a_host() -> None:
    turns: list[str] = []

    async def sleep(seconds: float) -> None:
        turns.append(f"wait {seconds:g}")
        clock[0] += seconds

    clock = [0.0]
    urls = [f"https://a.example/{n}" for n in range(3)]
    world = World({url: answer(rss(url[-1])) for url in urls})
    poller = world.poller(gate=HostGate(7.0, now=lambda: clock[0], sleep=sleep))
    await poller.round()
    assert turns == ["wait 7", "wait 7"]


def index(*parts: str) -> bytes:
    listed = "".join(f"<sitemap><loc>{part}</loc></sitemap>" for part in parts)
    return (
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{listed}</sitemapindex>'.encode()
    )


def news_sitemap(*urls: str) -> bytes:
    pages = "".join(
        f"<url><loc>{url}</loc><n:news><n:title>{url[-1]}</n:title>"
        f"<n:publication_date>2026-03-15T11:30:00Z</n:publication_date></n:news></url>"
        for url in urls
    )
    return f'<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{pages}</urlset>'.encode()


async def test_the_parts_of_a_sitemap_index_keep_the_gap_at_their_hosts() -> None:
    async def get(url: str, *, headers: Mapping[str, str]) -> Response:
        times.setdefault(url.split("/")[2], []).append(clock[0])
        return await world.get(url, headers=headers)

    async def sleep(seconds: float) -> None:
        clock[0] += seconds

    clock, times = [0.0], dict[str, list[float]]()
    parts = [f"https://{host}.example/{n}" for host in "ab" for n in (1, 2)]
    world = World(
        {"https://a.example/": answer(index(*parts)), "https://b.example/feed": answer(rss("x"))}
        | {part: answer(news_sitemap(f"{part}/p")) for part in parts},
        listed=["https://a.example/", "https://b.example/feed"],
        getter=get,
    )
    await asyncio.wait_for(
        world.poller(at_once=1, gate=HostGate(7.0, now=lambda: clock[0], sleep=sleep)).round(), 10
    )
    assert len(world.asked) == 6
    assert {report.result for report in world.reports} == {"read"}
    assert len(world.entries) == 5
    assert min(after - before for each in times.values() for before, after in itertools.pairwise(each)) >= 7


async def test_the_parts_are_checked_again_though_their_index_is_the_same() -> None:
    url, part = "https://a.example/", "https://a.example/part"
    world = World(
        {url: answer(index(part), etag='"1"'), part: answer(news_sitemap(f"{part}/p"))}, listed=[url]
    )
    poller = world.poller()
    await poller.round()
    world.answers[part] = answer(news_sitemap(f"{part}/p", f"{part}/q"))
    await poller.round()
    assert [entry.url for entry in world.entries] == [f"{part}/p", f"{part}/q"]


async def test_sitemap_indexes_whose_parts_lie_at_each_others_hosts_do_not_wait_for_each_other() -> None:
    hosts = [f"{name}.example" for name in "abcd"]
    answers: dict[str, Answer] = {}
    for host, other in zip(hosts, [*hosts[1:], hosts[0]], strict=True):
        answers[f"https://{host}/"] = answer(index(f"https://{other}/part", f"https://{host}/part"))
        answers[f"https://{host}/part"] = answer(news_sitemap(f"https://{host}/p"))
    world = World(answers, delay=0.002, listed=[f"https://{host}/" for host in hosts])
    await asyncio.wait_for(world.poller(at_once=2).round(), PATIENCE)
    assert len(world.asked) == 12
    assert {report.result for report in world.reports} == {"read"}


# What hubs send.

HUB = b"""<rss xmlns:a='http://www.w3.org/2005/Atom'><channel><a:link rel='hub' href='https://hub.example/'/>
<item><title>a</title><link>https://site.example/a</link></item></channel></rss>"""


async def test_the_hub_of_a_feed_is_remembered_and_forgotten_again() -> None:
    url = "https://site.example/feed"
    world = World({url: answer(HUB, url=url)})
    poller = world.poller()
    await poller.round()
    assert (world.states[url].hub, world.states[url].topic) == ("https://hub.example/", url)
    assert [state.url for state in poller.known()] == [url]
    world.answers[url] = answer(HUB + b" ", url=url, link="<https://true.example/>; rel=self")
    await poller.round()
    assert (world.states[url].hub, world.states[url].topic) == (
        "https://hub.example/",
        "https://true.example/",
    )
    world.answers[url] = answer(rss("a"), url=url)
    await poller.round()
    assert (world.states[url].hub, world.states[url].topic) == ("", "")


async def test_a_hubs_content_is_news_once_and_does_not_move_the_next_poll() -> None:
    url = "https://site.example/feed"
    world = World({url: answer(rss("a"), url=url, etag='"1"')})
    poller = world.poller()
    await poller.round()
    due = world.states[url].next_due
    world.now += timedelta(minutes=1)
    await poller.receive(url, rss("b"), "application/rss+xml", "utf-8")
    await poller.receive(url, rss("b"), "application/rss+xml", "utf-8")
    assert [entry.title for entry in world.entries] == ["a", "b"]
    state = world.states[url]
    assert (state.next_due, state.etag, state.last_pushed, state.items) == (due, '"1"', world.now, 2)
    world.answers[url] = answer(rss("b", "a", "c"), url=url)
    await poller.round()
    assert [entry.title for entry in world.entries] == ["a", "b", "c"]
    assert [report.new for report in world.reports] == [1, 1, 0, 1]


async def test_a_hubs_content_that_cannot_be_stored_now_is_not_lost() -> None:
    url = "https://site.example/feed"
    world = World({url: answer(rss("a"), url=url)})
    poller = world.poller()
    await poller.round()
    world.publish_error = RetryLater("not-ours", "the feed has another owner now")
    with pytest.raises(RetryLater):
        await poller.receive(url, rss("b"), "", "")
    world.publish_error = Reject("too-large", "an entry is larger than a message may be")
    await poller.receive(url, rss("b"), "", "")
    assert world.reports[-1].kind == "too-large"
    world.publish_error = None
    await poller.receive(url, rss("b"), "", "")
    assert [entry.title for entry in world.entries] == ["a", "b"]


async def test_a_poll_and_a_hub_at_the_same_time_bring_an_item_once() -> None:
    url = "https://site.example/feed"
    world = World({url: answer(rss("a"), url=url)}, delay=0.01, publish_delay=0.01)
    poller = world.poller()
    await asyncio.gather(poller.round(), *(poller.receive(url, rss("a"), "", "") for _ in range(3)))
    assert [entry.title for entry in world.entries] == ["a"]


async def test_a_hubs_content_may_be_nonsense_or_about_an_unlisted_feed() -> None:
    url = "https://site.example/feed"
    world = World({url: answer(rss("a"), url=url)})
    poller = world.poller()
    await poller.receive(url, b"<html>", "", "")
    await poller.receive("https://other.example/", rss("a"), "", "")
    assert results(world) == {url: "feed-is-html"}
    assert world.entries == []
