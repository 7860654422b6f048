"""A page that was read before is requested again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_network

import msgspec
import pytest
from servers.hostile import answer, redirect, serve

from ingest.fetching.politeness import HostGate
from ingest.fetching.priority_semaphore import PrioritySemaphore
from ingest.fetching.reread import Rereading, is_front_page
from ingest.fetching.robots import Robots
from ingest.http.client import Client
from ingest.http.response import Response
from stream.errors import Reject, RetryLater
from stream.messages import Again, Entry, Page

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "http://news.example/a"
BY_CLOCK = Again(why="schedule", article="1" * 32, etag='"v1"', last_modified="Sat, 14 Mar 2026 12:00:00 GMT")
ENTRY = Entry(feed=URL, source="News", guid="1", url=URL, seen=NOW, key="news.example", again=BY_CLOCK)
LONG = "<p>" + "The ferry sails again on Monday, the harbour master said. " * 20 + "</p>"


class Server:
    """Answers with one status after another, and keeps the headers of the requests."""

    def __init__(self, *statuses: int, url: str = URL, body: bytes = b"<p>News</p>") -> None:
        self.statuses = list(statuses)
        self.asked: list[Mapping[str, str]] = []
        self.url, self.body = url, body

    async def get(self, _url: str, *, headers: Mapping[str, str]) -> Response:
        self.asked.append(headers)
        status = self.statuses.pop(0)
        return Response(
            url=self.url, status=status, headers={"etag": '"v2"', "last-modified": "x" * 1000},
            content_type="text/html", charset="", body=self.body if status == 200 else b"", permanent=False,
        )  # fmt: skip


async def read(server: Server, entry: Entry = ENTRY, robots: Robots | None = None) -> list[Page]:
    share = PrioritySemaphore(1)
    work = Rereading(server.get, HostGate(0.0), PrioritySemaphore(10), share, robots, lambda: NOW)
    return list(await work(entry))


def by_feed(**fields: str) -> Entry:
    return msgspec.structs.replace(ENTRY, again=Again(why="feed"), **fields)


async def test_it_sends_the_last_validators_and_trusts_a_304() -> None:
    server = Server(304)
    assert await read(server) == []
    assert server.asked == [{"If-None-Match": '"v1"', "If-Modified-Since": BY_CLOCK.last_modified}]


async def test_a_changed_page_comes_with_its_new_validators() -> None:
    [page] = await read(Server(200))
    assert (page.body, page.etag, page.last_modified) == (b"<p>News</p>", '"v2"', "")


@pytest.mark.parametrize("status", [404, 410])
async def test_a_page_that_is_gone_twice_is_withdrawn(status: int) -> None:
    server = Server(status, status)
    [page] = await read(server)
    assert page.withdrawn.startswith(f"http-{status}: ")
    assert server.asked[1] == {}


async def test_a_page_that_is_gone_once_is_not() -> None:
    [page] = await read(Server(404, 200))
    assert page.withdrawn == ""


async def test_a_redirect_to_the_front_page_withdraws_the_article() -> None:
    [page] = await read(Server(200, url="http://news.example/"))
    assert page.withdrawn.startswith("front-page: ")


@pytest.mark.parametrize("status", [401, 403, 451])
async def test_an_unavailable_page_stays_as_it_was_read(status: int) -> None:
    assert await read(Server(status)) == []


async def test_a_temporary_failure_is_left_to_the_schedule_unless_the_feed_asked() -> None:
    assert await read(Server(503)) == []
    with pytest.raises(RetryLater):
        await read(Server(503), by_feed())


async def test_the_feeds_own_text_replaces_an_unavailable_page() -> None:
    [page] = await read(Server(403), by_feed(content=LONG))
    assert page.instead_of.startswith("http-403")


async def test_an_item_without_a_page_is_read_from_its_feed() -> None:
    server = Server()
    [page] = await read(server, by_feed(address="http://news.example/feed#item-1", content=LONG))
    assert page.url == "http://news.example/feed#item-1"
    assert server.asked == []


async def test_robots_txt_is_checked_again() -> None:
    async def rules(url: str) -> Response:
        body = b"User-agent: *\nDisallow: /a"
        return Response(
            url=url, status=200, headers={}, content_type="text/plain", charset="", body=body, permanent=False
        )

    server = Server(200)
    assert await read(server, robots=Robots(rules, "wirewatch")) == []
    assert server.asked == []


@pytest.mark.parametrize(
    ("asked", "answered", "is_front"),
    [
        ("http://a.example/news/1", "http://a.example/", True),
        ("http://a.example/news/1", "http://www.a.example", True),
        ("http://a.example/news/1", "http://a.example/news/2", False),
        ("http://a.example/?p=1", "http://a.example/", False),
        ("http://a.example/news/1", "http://b.example/", False),
    ],
)
def test_what_a_front_page_is(asked: str, answered: str, is_front: bool) -> None:
    assert is_front_page(asked, answered) is is_front


async def test_over_http() -> None:
    page = answer(b"<p>News</p>", Content_Type="text/html", ETag='"v2"')
    async with (
        serve({"/moved": redirect("/new"), "/new": page}) as server,
        Client(user_agent="test", allowed=[ip_network("127.0.0.0/8")]) as client,
    ):
        entry = msgspec.structs.replace(ENTRY, url=server.url("/moved"), key="127.0.0.1")
        work = Rereading(
            client.get, HostGate(0.0), PrioritySemaphore(1), PrioritySemaphore(1), None, lambda: NOW
        )
        [found] = await work(entry)
    assert (found.url, found.etag) == (server.url("/new"), '"v2"')


async def test_no_other_fault_is_hidden() -> None:
    async def broken(_url: str, *, headers: Mapping[str, str]) -> Response:
        raise Reject("blocked-address", f"no {headers}")

    work = Rereading(broken, HostGate(0.0), PrioritySemaphore(1), PrioritySemaphore(1), None, lambda: NOW)
    assert await work(ENTRY) == []
