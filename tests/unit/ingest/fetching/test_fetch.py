"""The fetch stage: from an entry to its page."""

import io
import tarfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from ipaddress import ip_network

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.places import DATA
from servers.hostile import answer, redirect, serve

from ingest.fetching.fetch import Get, binary_kind, make_fetch, page_of
from ingest.fetching.politeness import HostGate
from ingest.fetching.priority_semaphore import PrioritySemaphore
from ingest.fetching.robots import Robots
from ingest.http.client import Client
from ingest.http.response import Response
from stream.errors import Reject, RetryLater
from stream.messages import Entry, Page, article_id

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "http://news.example/a"
ENTRY = Entry(feed="http://news.example/rss", source="News", guid="1", url=URL, seen=NOW, key="news.example")
PAGES = DATA / "pages.tar.xz"


def response(
    body: bytes = b"<p>News</p>",
    status: int = 200,
    content_type: str = "text/html",
    charset: str = "",
    headers: dict[str, str] | None = None,
) -> Response:
    return Response(
        url=URL,
        status=status,
        headers=headers or {},
        content_type=content_type,
        charset=charset,
        body=body,
        permanent=False,
    )


def fetching(
    get: Get, *, gate: HostGate | None = None, robots: Robots | None = None
) -> Callable[[Entry], Awaitable[Sequence[Page]]]:
    return make_fetch(get, gate or HostGate(0.0), PrioritySemaphore(10), robots, lambda: NOW)


# The stage.


async def test_an_entry_becomes_a_page() -> None:
    html = "<p>Сводка</p>".encode("windows-1251")
    page = answer(html, Content_Type="text/html; charset=windows-1251", Content_Length=str(len(html)))
    async with (
        serve({"/old": redirect("/new"), "/new": page}) as server,
        Client(user_agent="test", allowed=[ip_network("127.0.0.0/8")]) as client,
    ):
        entry = Entry(
            feed=URL, source="News", guid="1", url=server.url("/old"), title="T", seen=NOW, key="127.0.0.1"
        )
        [found] = await fetching(client.get)(entry)
    assert found.entry == entry
    assert found.url == server.url("/new")
    assert found.key == article_id(server.url("/new"))
    assert (found.content_type, found.charset, found.body) == ("text/html", "windows-1251", html)
    assert found.fetched == NOW


async def test_the_request_is_made_in_the_turn_of_the_host() -> None:
    gate = HostGate(0.0)
    held: list[list[str]] = []

    async def get(url: str) -> Response:
        held.append(list(gate._queues))
        return response()

    await fetching(get, gate=gate)(ENTRY)
    assert held == [["news.example"]]
    assert gate._queues == {}


async def test_the_errors_of_the_client_pass_through() -> None:
    async def get(url: str) -> Response:
        raise RetryLater("timeout", f"{url} took too long")

    with pytest.raises(RetryLater, match="timeout"):
        await fetching(get)(ENTRY)


def sheet(number: int) -> str:
    return f'<p>{number}</p><a rel="next" href="/story?page={number + 1}">on</a>'


async def test_the_further_pages_of_an_article_are_fetched_in_turn() -> None:
    asked: list[str] = []

    async def get(url: str) -> Response:
        asked.append(url)
        number = int(url.partition("=")[2] or 1)
        body = sheet(number) if number < 3 else "<p>3</p>"
        return msgspec.structs.replace(response(body.encode()), url=url)

    entry = msgspec.structs.replace(ENTRY, url="https://news.example/story")
    [found] = await fetching(get)(entry)
    assert asked == ["https://news.example/story", *(f"https://news.example/story?page={n}" for n in (2, 3))]
    assert [one.body for one in found.further] == [sheet(2).encode(), b"<p>3</p>"]
    assert found.entry == entry


async def test_no_more_than_ten_pages_of_an_article_are_fetched() -> None:
    async def get(url: str) -> Response:
        return msgspec.structs.replace(response(sheet(int(url.partition("=")[2] or 1)).encode()), url=url)

    [found] = await fetching(get)(msgspec.structs.replace(ENTRY, url="https://news.example/story"))
    assert len(found.further) == 9


@pytest.mark.parametrize("trouble", ["missing", "later", "elsewhere", "back", "large"])
async def test_a_further_page_that_cannot_be_fetched_ends_the_article(trouble: str) -> None:
    async def get(url: str) -> Response:
        if "=" not in url:
            return msgspec.structs.replace(response(sheet(1).encode()), url=url)
        if trouble == "later":
            raise RetryLater("timeout", f"{url} took too long")
        moved = {"elsewhere": "https://evil.example/story?page=2", "back": "https://news.example/story"}
        size = 6_000_000 if trouble == "large" else 10
        status = 404 if trouble == "missing" else 200
        return msgspec.structs.replace(response(b"x" * size, status=status), url=moved.get(trouble, url))

    [found] = await fetching(get)(msgspec.structs.replace(ENTRY, url="https://news.example/story"))
    assert (found.body, found.further) == (sheet(1).encode(), ())


# Statuses.


@pytest.mark.parametrize("status", [200, 203])
def test_statuses_of_pages(status: int) -> None:
    assert page_of(ENTRY, response(status=status), NOW).body == b"<p>News</p>"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, "requires a login (HTTP 401 Unauthorized)"),
        (403, "denies access (HTTP 403 Forbidden)"),
        (404, "does not exist, or no longer exists (HTTP 404 Not Found)"),
        (410, "was removed (HTTP 410 Gone)"),
        (451, "is withheld for legal reasons (HTTP 451 Unavailable For Legal Reasons)"),
        (400, "answered without a page (HTTP 400 Bad Request)"),
        (499, "answered without a page (HTTP 499)"),
        (302, "answered without a page (HTTP 302 Found)"),
        (304, "answered without a page (HTTP 304 Not Modified)"),
        (101, "answered without a page (HTTP 101 Switching Protocols)"),
        (204, "answered without a page (HTTP 204 No Content)"),
        (999, "answered without a page (HTTP 999)"),
    ],
)
def test_permanent_statuses(status: int, said: str) -> None:
    with pytest.raises(Reject) as caught:
        page_of(ENTRY, response(status=status), NOW)
    assert (caught.value.kind, caught.value.reason) == (f"http-{status}", f"{URL} {said}")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 599])
def test_temporary_statuses(status: int) -> None:
    with pytest.raises(RetryLater) as caught:
        page_of(ENTRY, response(status=status, headers={"retry-after": "30"}), NOW)
    assert (caught.value.kind, caught.value.after) == (f"http-{status}", 30.0)
    assert URL in caught.value.reason


def test_without_retry_after_the_back_off_decides() -> None:
    with pytest.raises(RetryLater) as caught:
        page_of(ENTRY, response(status=503), NOW)
    assert caught.value.after is None


def test_retry_after_as_a_date() -> None:
    with pytest.raises(RetryLater) as caught:
        page_of(ENTRY, response(status=429, headers={"retry-after": "Mon, 23 Nov 2026 12:01:00 GMT"}), NOW)
    assert caught.value.after == 60.0


# Contents.


@pytest.mark.parametrize("content_type", ["text/html", "application/xhtml+xml", "text/plain", ""])
def test_types_of_pages(content_type: str) -> None:
    assert page_of(ENTRY, response(content_type=content_type), NOW).content_type == content_type


@pytest.mark.parametrize("content_type", ["application/pdf", "image/jpeg", "video/mp4", "application/json"])
def test_other_types_are_named(content_type: str) -> None:
    with pytest.raises(Reject) as caught:
        page_of(ENTRY, response(content_type=content_type), NOW)
    assert (caught.value.kind, caught.value.reason) == (
        "not-html",
        f"{URL} is {content_type}, not a web page",
    )


@pytest.mark.parametrize("body", [b"", b" \r\n\t "])
def test_empty_pages(body: bytes) -> None:
    with pytest.raises(Reject) as caught:
        page_of(ENTRY, response(body), NOW)
    assert (caught.value.kind, caught.value.reason) == ("empty-page", f"{URL} is an empty page")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
        (b"GIF89a\x01\0", "a GIF image"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP image, or a WAVE or AVI file"),
        (b"\0\0\0\x20ftypisom", "an MP4 video"),
        (b"PK\x03\x04\x14\0", "a zip archive or Office file"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
        (b"ID3\x04\0", "an MP3 file"),
        (b"\x7fELF\x02\x01", "a program"),
        (bytes(range(256)) * 10, "a binary file"),
        (b"BM" + bytes(100), "a binary file"),
    ],
)
def test_files_that_call_themselves_pages(body: bytes, what: str) -> None:
    with pytest.raises(Reject) as caught:
        page_of(ENTRY, response(body), NOW)
    assert (caught.value.kind, caught.value.reason) == (
        "not-html",
        f"{URL} calls itself text/html, but is {what}",
    )


def test_a_file_without_a_type() -> None:
    with pytest.raises(Reject, match="calls itself of no declared type, but is a PDF file"):
        page_of(ENTRY, response(b"%PDF-1.7", content_type=""), NOW)


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("<p>plain".encode("utf-16"), ""),
        ("<p>plain".encode("utf-16-be"), "utf-16be"),
        ("\N{BYTE ORDER MARK}<p>新聞".encode(), ""),
        ("<p>新聞 ニュース".encode("iso-2022-jp") * 20, "iso-2022-jp"),
        ("<p>新聞".encode("gb18030"), ""),
        (b"<html>" + b"a stray\x00 or\x08 two" + b" words" * 50, ""),
        (b"\x1bshort", ""),
        (b"%PDX", ""),
    ],
)
def test_text_in_any_charset_is_text(body: bytes, charset: str) -> None:
    assert binary_kind(body, charset) == ""


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1).map(lambda text: f"<p>{text}"))
def test_text_is_never_taken_for_a_file(text: str) -> None:
    assert binary_kind(text.encode(), "utf-8") == ""


def test_real_pages_are_never_taken_for_files() -> None:
    if not PAGES.exists():
        pytest.skip("../shared/data/pages.tar.xz is not here")
    with tarfile.open(PAGES) as archive:
        pages = [archive.extractfile(member) for member in archive if member.name.endswith(".html")]
        bodies = [page.read() for page in pages[:300] if isinstance(page, io.BufferedReader)]
    assert len(bodies) >= 100
    assert [binary_kind(body, "") for body in bodies if binary_kind(body, "")] == []


# Robots.


def site(**pages: Response) -> Get:
    """A site with these pages, by the last part of their address; anything else is 404."""

    async def get(url: str) -> Response:
        found = pages.get(url.rpartition("/")[2].replace(".", "_"), response(status=404))
        return msgspec.structs.replace(found, url=url if found.url == URL else found.url)

    return get


async def test_a_page_forbidden_by_robots_txt_is_not_requested() -> None:
    asked: list[str] = []
    get = site(robots_txt=response(b"User-agent: wirewatch\nDisallow: /a"))

    async def noted(url: str) -> Response:
        asked.append(url)
        return await get(url)

    with pytest.raises(Reject) as caught:
        await fetching(noted, robots=Robots(noted, "wirewatch"))(ENTRY)
    assert caught.value.kind == "robots"
    assert asked == ["http://news.example/robots.txt"]


async def test_a_page_on_another_host_whose_robots_txt_forbids_it() -> None:
    moved = msgspec.structs.replace(response(), url="http://other.example/b")

    async def get(url: str) -> Response:
        if url.endswith("robots.txt"):
            rules = b"User-agent: *\nDisallow: /b" if "other" in url else b""
            return msgspec.structs.replace(response(rules), url=url)
        return moved

    with pytest.raises(Reject, match=r"other\.example/b is closed to robots by"):
        await fetching(get, robots=Robots(get, "wirewatch"))(ENTRY)


async def test_the_delay_that_a_site_requests_is_kept() -> None:
    time, waits = 0.0, list[float]()

    async def sleep(seconds: float) -> None:
        nonlocal time
        waits.append(seconds)
        time += seconds

    gate = HostGate(1.0, now=lambda: time, sleep=sleep)
    get = site(robots_txt=response(b"User-agent: *\nCrawl-delay: 7"), a=response())
    fetch = fetching(get, gate=gate, robots=Robots(get, "wirewatch"))
    await fetch(ENTRY)
    await fetch(ENTRY)
    assert waits == [7.0]


# The feed's own text.

WORDS = "The council met in the old hall and voted for the new bridge. " * 12
WITH_TEXT = msgspec.structs.replace(ENTRY, title="A < B", language="en", content=f"<p>{WORDS}</p>")


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410, 451])
async def test_an_unavailable_page_is_made_from_the_feeds_own_text(status: int) -> None:
    [page] = await fetching(site(a=response(status=status)))(WITH_TEXT)
    assert page.url == URL
    assert page.key == article_id(URL)
    assert page.instead_of.startswith(f"http-{status}: {URL} ")
    assert b"<h1>A &lt; B</h1><p>The council met" in page.body
    assert b'<html lang="en">' in page.body


async def test_a_page_forbidden_by_robots_txt_is_made_from_the_feeds_own_text() -> None:
    get = site(robots_txt=response(b"User-agent: *\nDisallow: /"), a=response())
    [page] = await fetching(get, robots=Robots(get, "wirewatch"))(WITH_TEXT)
    assert page.instead_of.startswith("robots: ")


async def test_an_available_page_takes_precedence_over_the_feeds_text() -> None:
    [page] = await fetching(site(a=response()))(WITH_TEXT)
    assert page.instead_of == ""
    assert page.body == b"<p>News</p>"


async def test_a_teaser_makes_no_article() -> None:
    teaser = msgspec.structs.replace(ENTRY, content="<p>The council met. Read more ...</p>")
    with pytest.raises(Reject) as caught:
        await fetching(site())(teaser)
    assert caught.value.kind == "http-404"


async def test_temporary_failures_are_waited_for() -> None:
    with pytest.raises(RetryLater):
        await fetching(site(a=response(status=503)))(WITH_TEXT)


async def test_a_link_into_a_private_network_makes_no_article() -> None:
    async def get(url: str) -> Response:
        raise Reject("blocked-address", "x")

    with pytest.raises(Reject):
        await fetching(get)(WITH_TEXT)
