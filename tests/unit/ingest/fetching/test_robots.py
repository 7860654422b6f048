"""What sites forbid robots to fetch."""

from datetime import UTC, datetime
from ipaddress import ip_network

import pytest
from servers.hostile import answer, redirect, serve

from ingest.fetching.robots import (
    KEPT_SECONDS,
    MAX_BYTES,
    MAX_KEPT_BYTES,
    UNREACHABLE_SECONDS,
    Robots,
    rules_of,
)
from ingest.http.client import Client
from ingest.http.response import Response
from stream.errors import Reject, RetryLater

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITE = "https://news.example"
RULES = b"""
User-agent: *
Disallow: /private
Allow: /private/open
Crawl-delay: 5

User-agent: wirewatch
Disallow: /members/*.html$
Crawl-delay: 2

Sitemap: https://news.example/news.xml
"""


def response(body: bytes = b"", status: int = 200, **headers: str) -> Response:
    return Response(
        url=f"{SITE}/robots.txt",
        status=status,
        headers=headers,
        content_type="text/plain",
        charset="",
        body=body,
        permanent=False,
    )


class Site:
    """Gives the answers in turn, and counts the requests; the last answer repeats."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []
        self.time = 0.0

    async def get(self, url: str) -> Response:
        self.asked.append(url)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found

    def robots(self) -> Robots:
        return Robots(self.get, "wirewatch", now=lambda: self.time)


def allowed(body: bytes, path: str, agent: str = "wirewatch") -> bool:
    try:
        rules_of(response(body), agent, NOW).check(SITE + path, agent)
    except Reject:
        return False
    return True


def test_the_error_names_the_page_and_the_rules() -> None:
    with pytest.raises(Reject) as caught:
        rules_of(response(RULES), "other", NOW).check(f"{SITE}/private", "other")
    assert caught.value.kind == "robots"
    assert caught.value.reason == f"{SITE}/private is closed to robots by {SITE}/robots.txt"


def test_only_the_group_with_our_name_applies() -> None:
    assert allowed(RULES, "/private")
    assert not allowed(RULES, "/members/a.html")
    assert allowed(RULES, "/members/a.html?x")
    assert not allowed(RULES, "/private", "other")
    assert allowed(RULES, "/private/open", "other")
    assert rules_of(response(RULES), "wirewatch", NOW).delay == 2
    assert rules_of(response(RULES), "other", NOW).delay == 5
    assert rules_of(response(RULES), "other", NOW).sitemaps == ("https://news.example/news.xml",)


@pytest.mark.parametrize(
    ("said", "delay"),
    [("3600", 30), ("-1", 0), ("x", 0), ("0.5", 0.5), ("nan", 0), ("inf", 0)],
)
def test_a_delay_is_bounded(said: str, delay: float) -> None:
    body = f"User-agent: *\nCrawl-delay: {said}\n".encode()
    assert rules_of(response(body), "wirewatch", NOW).delay == delay


def test_only_the_first_500_kib_are_read() -> None:
    filler = b"#" * MAX_BYTES
    assert allowed(b"User-agent: *\n" + filler + b"\nDisallow: /\n", "/a")
    assert not allowed(b"User-agent: *\nDisallow: /\n" + filler, "/a")


@pytest.mark.parametrize(
    "body", [b"", b"\xef\xbb\xbf", b"<html>Not here</html>", b"\x00\xff" * 1000, b"Disallow"]
)
def test_a_file_without_rules_forbids_nothing(body: bytes) -> None:
    assert allowed(body, "/a")


def test_a_byte_order_mark_hides_no_rule() -> None:
    assert not allowed(b"\xef\xbb\xbfUser-agent: *\nDisallow: /", "/a")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 302, 304])
async def test_a_missing_file_forbids_nothing(status: int) -> None:
    site = Site(response(status=status))
    (await site.robots().rules(f"{SITE}/a")).check(f"{SITE}/a", "wirewatch")


@pytest.mark.parametrize(
    "failing",
    [response(status=500), response(status=503), response(status=429), RetryLater("timeout", "too slow")],
)
async def test_while_the_rules_are_unavailable_nothing_is_fetched(failing: Response | Exception) -> None:
    site = Site(failing, response(RULES))
    robots = site.robots()
    for _ in range(3):
        with pytest.raises(RetryLater) as caught:
            await robots.rules(f"{SITE}/a")
        assert (caught.value.kind, caught.value.after) == ("robots-unreachable", UNREACHABLE_SECONDS)
    assert len(site.asked) == 1
    site.time = UNREACHABLE_SECONDS
    assert (await robots.rules(f"{SITE}/a")).delay == 2


async def test_the_server_says_how_long_it_is_unavailable() -> None:
    site = Site(response(status=503, **{"retry-after": "7200"}))
    with pytest.raises(RetryLater) as caught:
        await site.robots().rules(f"{SITE}/a")
    assert caught.value.after == 7200


async def test_rules_hold_for_a_day_and_longer_while_new_ones_are_unavailable() -> None:
    site = Site(response(RULES), response(status=503), response(b""))
    robots = site.robots()
    for time, asked, delay in (
        (0, 1, 2.0),
        (KEPT_SECONDS - 1, 1, 2.0),
        (KEPT_SECONDS, 2, 2.0),
        (KEPT_SECONDS + UNREACHABLE_SECONDS, 3, 0.0),
    ):
        site.time = time
        assert (await robots.rules(f"{SITE}/a")).delay == delay
        assert len(site.asked) == asked


async def test_each_origin_has_its_own_rules() -> None:
    site = Site(response(RULES))
    robots = site.robots()
    for url in (
        "https://news.example/a",
        "https://u:p@news.example:443/b",
        "http://news.example/a",
        "http://news.example:8080/a",
    ):
        await robots.rules(url)
    assert site.asked == [
        "https://news.example/robots.txt",
        "http://news.example/robots.txt",
        "http://news.example:8080/robots.txt",
    ]


async def test_too_many_redirects_forbid_nothing_and_a_huge_file_all() -> None:
    (await Site(Reject("too-many-redirects", "x")).robots().rules(SITE)).check(f"{SITE}/a", "wirewatch")
    with pytest.raises(RetryLater):
        await Site(Reject("too-large", "x")).robots().rules(SITE)


async def test_the_cache_is_bounded() -> None:
    site = Site(response(b"#" * MAX_BYTES))
    robots = site.robots()
    for number in range(60):
        await robots.rules(f"http://{number}.example/")
    assert len(robots._kept) < 60
    assert robots._size <= MAX_KEPT_BYTES
    await robots.rules("http://59.example/")
    assert len(site.asked) == 60
    await robots.rules("http://0.example/")
    assert len(site.asked) == 61


async def test_five_redirects_are_followed() -> None:
    hops = {"/robots.txt": redirect("/1")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 5)}
    rules = answer(b"User-agent: *\nDisallow: /no", Content_Type="text/plain")
    async with (
        serve({**hops, "/5": rules}) as server,
        Client(user_agent="test", allowed=[ip_network("127.0.0.0/8")]) as client,
    ):
        found = await Robots(client.get, "wirewatch").rules(server.url("/a"))
    with pytest.raises(Reject):
        found.check(server.url("/no"), "wirewatch")


async def test_an_invalid_url_has_no_rules() -> None:
    with pytest.raises(Reject) as caught:
        await Site(response(RULES)).robots().rules("http://[")
    assert caught.value.kind == "bad-url"
