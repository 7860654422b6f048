"""The decisions of a WebSub subscriber."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ingest.formats.feeds import parse_feed
from ingest.http.response import Response
from ingest.websub import protocol as websub
from ingest.websub.protocol import LEASE_SECONDS, LONGEST_LEASE, SHORTEST_LEASE, Subscription

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "https://a.example/feed"
PENDING = Subscription(feed=URL, hub="https://hub.example/", topic=URL, id="id", secret="s3cret", asked=NOW)
ASKED = {"hub.mode": "subscribe", "hub.topic": URL, "hub.challenge": "c", "hub.lease_seconds": "86400"}


def granted(seconds: int = 86_400) -> Subscription:
    return msgspec.structs.replace(PENDING, granted=NOW, lease_seconds=seconds)


# Discovery.


@pytest.mark.parametrize(
    ("header", "links"),
    [
        ('<https://hub.example/>; rel="hub"', [("https://hub.example/", {"hub"})]),
        ("</feed>; REL=Self", [("https://a.example/feed", {"self"})]),
        (
            '<https://h.example/?a=1,2>; title="x, y; rel=no"; rel="hub alternate", <x>;rel=self',
            [("https://h.example/?a=1,2", {"hub", "alternate"}), ("https://a.example/x", {"self"})],
        ),
        ("<ftp://x/>; rel=hub, <https://b.example/>", []),
        ("<https://b.example/", []),
        ("<" * 100_000, []),
    ],
)
def test_link_headers(header: str, links: list[tuple[str, set[str]]]) -> None:
    assert list(websub.links_of(header, URL)) == links


RSS = b"""<rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title><link>https://a.example/</link>
<atom:link rel="self" href="https://a.example/rss"/><atom:link rel="hub" href="https://hub.example/"/></channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><link href="https://a.example/"/>
<link rel="self" href="/atom"/><link rel="hub" href="https://hub.example/"/><link rel="hub" href="https://two.example/"/></feed>"""
JSON = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "A", "feed_url": "https://a.example/json", "items": [],
"hubs": [{"type": "rssCloud", "url": "https://no.example/"}, {"type": "WebSub", "url": "https://hub.example/"}, 3]}"""


@pytest.mark.parametrize(
    ("body", "hubs", "topic"),
    [
        (RSS, ("https://hub.example/",), "https://a.example/rss"),
        (ATOM, ("https://hub.example/", "https://two.example/"), "https://a.example/atom"),
        (JSON, ("https://hub.example/",), "https://a.example/json"),
        (b"<rss><channel><title>A</title></channel></rss>", (), ""),
    ],
)
def test_the_hub_that_a_feed_names(body: bytes, hubs: tuple[str, ...], topic: str) -> None:
    feed = parse_feed(body, "", "", URL)
    assert (feed.hubs, feed.self_url) == (hubs, topic)


def test_headers_take_precedence_over_the_feed() -> None:
    link = '<https://other.example/>; rel="hub", <https://a.example/true>; rel=self'
    response = Response(
        url=URL, status=200, headers={"link": link}, content_type="", charset="", body=b"", permanent=False
    )
    feed = websub.with_links(parse_feed(RSS, "", "", URL), response)
    assert (feed.hubs, feed.self_url) == (("https://other.example/",), "https://a.example/true")
    silent = msgspec.structs.replace(response, headers={})
    assert websub.with_links(feed, silent) is feed


# Subscribing, and verification.


def test_requests() -> None:
    assert websub.request(PENDING, "https://us.example/id") == {
        "hub.mode": "subscribe",
        "hub.topic": URL,
        "hub.callback": "https://us.example/id",
        "hub.lease_seconds": str(LEASE_SECONDS),
        "hub.secret": "s3cret",
    }
    ending = msgspec.structs.replace(PENDING, ending=True)
    assert websub.request(ending, "c") == {
        "hub.mode": "unsubscribe",
        "hub.topic": URL,
        "hub.callback": "c",
    }


def test_expected_requests_are_confirmed() -> None:
    verified = websub.verify(PENDING, ASKED, NOW)
    assert verified.challenge == "c"
    assert verified.subscription == granted()
    assert websub.is_active(verified.subscription, NOW)
    assert not websub.is_active(verified.subscription, NOW + timedelta(days=1))
    assert not websub.is_active(PENDING, NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        {"hub.topic": "https://b.example/"},
        {"hub.topic": ""},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
        {"hub.challenge": ""},
        {"hub.challenge": "x" * 1_001},
    ],
)
def test_unexpected_requests_are_refused(wrong: dict[str, str]) -> None:
    verified = websub.verify(PENDING, ASKED | wrong, NOW)
    assert verified.challenge is None
    assert verified.subscription == PENDING


def test_nothing_is_confirmed_before_we_asked() -> None:
    assert websub.verify(msgspec.structs.replace(PENDING, asked=None), ASKED, NOW).challenge is None


def test_the_end_is_confirmed_only_when_we_want_it() -> None:
    unsubscribe = ASKED | {"hub.mode": "unsubscribe"}
    assert websub.verify(granted(), unsubscribe, NOW).challenge is None
    ending = msgspec.structs.replace(granted(), ending=True)
    assert websub.verify(ending, unsubscribe, NOW).challenge == "c"
    assert websub.verify(ending, ASKED, NOW).challenge is None


def test_a_hub_may_deny() -> None:
    verified = websub.verify(granted(), ASKED | {"hub.mode": "denied", "hub.reason": "not\x1b you\n"}, NOW)
    assert verified.challenge == ""
    assert (verified.subscription.problem, verified.subscription.failures) == ("denied: not\ufffd you", 1)
    assert not websub.is_active(verified.subscription, NOW)


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("3600", 3600),
        ("1", SHORTEST_LEASE),
        ("99999999999", LONGEST_LEASE),
        ("9" * 400, LEASE_SECONDS),
        ("", LEASE_SECONDS),
        ("-1", LEASE_SECONDS),
        ("١", LEASE_SECONDS),
    ],
)
def test_leases_are_bounded(said: str, lease: int) -> None:
    assert (
        websub.verify(PENDING, ASKED | {"hub.lease_seconds": said}, NOW).subscription.lease_seconds == lease
    )


def test_when_a_subscription_is_renewed() -> None:
    assert websub.next_request(msgspec.structs.replace(PENDING, asked=None)) is None
    assert websub.next_request(PENDING) == NOW + timedelta(minutes=15)
    assert websub.next_request(granted(1000)) == NOW + timedelta(seconds=800)
    renewing = msgspec.structs.replace(granted(1000), asked=NOW + timedelta(seconds=800))
    assert websub.next_request(renewing) == NOW + timedelta(seconds=800, minutes=15)
    for failures, minutes in ((1, 5), (2, 10), (3, 20), (40, 1440)):
        failing = msgspec.structs.replace(PENDING, failures=failures)
        assert websub.next_request(failing) == NOW + timedelta(minutes=minutes)


# Notifications.


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_signatures(method: str) -> None:
    right = hmac.new(b"s3cret", b"body", getattr(hashlib, method)).hexdigest()
    assert websub.is_signed(PENDING, f"{method}={right}", b"body")
    assert websub.is_signed(PENDING, f" {method.upper()}={right.upper()} ", b"body")
    assert not websub.is_signed(PENDING, f"{method}={right}", b"body2")
    assert not websub.is_signed(PENDING, f"{method}={right[:-1]}", b"body")


@pytest.mark.parametrize(
    "header", ["", "sha256=", "md5=d41d8cd98f00b204e9800998ecf8427e", "sha256", "=", "sha1=\u0661"]
)
def test_invalid_signatures(header: str) -> None:
    assert not websub.is_signed(PENDING, header, b"body")


def test_notifications_of_other_topics() -> None:
    assert websub.is_about(PENDING, "")
    assert websub.is_about(PENDING, f"<https://hub.example/>; rel=hub, <{URL}>; rel=self")
    assert not websub.is_about(PENDING, "<https://b.example/>; rel=self")


# Which subscriptions should exist.


def new(feed: str, hub: str, topic: str) -> Subscription:
    return Subscription(feed=feed, hub=hub, topic=topic, id="new", secret="new")


def test_what_is_wanted() -> None:
    here = (URL, "https://hub.example/", URL)
    assert [one.id for one in websub.wanted([here], {}, new)] == ["new"]
    assert list(websub.wanted([here], {URL: granted()}, new)) == []
    moved = (URL, "https://other.example/", URL)
    assert [one.hub for one in websub.wanted([moved], {URL: granted()}, new)] == ["https://other.example/"]
    [ending] = websub.wanted([], {URL: granted()}, new)
    assert (ending.ending, ending.asked, ending.id) == (True, None, "id")
    assert list(websub.wanted([], {URL: ending}, new)) == []
    [again] = websub.wanted([here], {URL: ending}, new)
    assert (again.ending, again.asked) == (False, None)
