"""The decisions of a WebSub subscriber, without I/O (W3C Recommendation of 23 January 2018, https://www.w3.org/TR/websub/).

A publisher names a hub and a topic. We ask the hub to send new content to a callback; the hub verifies the request with the
callback (5.3), and then sends content, signed with a secret that only we and the hub know (7.1), until the lease ends.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from ingest.formats.items import ParsedFeed, absolute
from ingest.http.response import Response
from stream.display import one_line

LEASE_SECONDS = 7 * 86_400
"""The lease that we request; the hub decides."""
SHORTEST_LEASE, LONGEST_LEASE = 300, 30 * 86_400
RENEW_BEFORE = 0.2
"""Leases are renewed when this much is left."""
PENDING_FOR = timedelta(minutes=15)
"""A hub that has not verified for this long is asked again."""
FIRST_RETRY, LONGEST_RETRY = timedelta(minutes=5), timedelta(days=1)
METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
"""The algorithms that a subscriber must recognise (7.1)."""
MAX_CHALLENGE = 1_000
CLOCKS_APART = timedelta(minutes=5)
"""The maximum difference between the clocks of two machines."""

_LINK = re.compile(
    r"<([^<>]*)>((?:\s*;\s*[\w*!#$&+.^`|~-]+\s*(?:=\s*(?:\"(?:[^\"\\]|\\.)*\"|[^\s\",;]+))?)*)"
)
_PARAMETER = re.compile(r";\s*([\w*!#$&+.^`|~-]+)\s*(?:=\s*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s\",;]+)))?")


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a feed's subscription. Durable; `key` is the URL of the feed in the feed list."""

    feed: str
    hub: str
    topic: str
    id: str
    """The last part of the callback's URL; unguessable."""
    secret: str
    asked: datetime | None = None
    """When the hub was last asked; None if it was not."""
    granted: datetime | None = None
    """When it last verified; None if it has not."""
    lease_seconds: int = 0
    failures: int = 0
    """In a row."""
    problem: str = ""
    """Why there is no lease: the hub's reason, or the error of the request."""
    ending: bool = False
    """We no longer want it: the feed has left the list, or has another hub."""
    v: int = 1

    @property
    def key(self) -> str:
        """The feed's URL."""
        return self.feed

    def ends(self) -> datetime | None:
        """When the lease ends; None if there is none."""
        return None if self.granted is None else self.granted + timedelta(seconds=self.lease_seconds)


def with_links(feed: ParsedFeed, response: Response) -> ParsedFeed:
    """The feed with the hub and the topic that the response's Link headers name, which take precedence over its own (4)."""
    links = list(links_of(response.headers.get("link", ""), response.url))
    hubs = tuple(dict.fromkeys(url for url, rels in links if "hub" in rels))
    topics = [url for url, rels in links if "self" in rels]
    if not hubs and not topics:
        return feed
    return msgspec.structs.replace(
        feed, hubs=hubs or feed.hubs, self_url=topics[0] if topics else feed.self_url
    )


def links_of(header: str, base: str) -> Iterator[tuple[str, frozenset[str]]]:
    """The absolute http(s) targets and relation types of a Link header (RFC 8288, section 3)."""
    for found in _LINK.finditer(header[:20_000]):
        named = ((name.lower(), quoted or plain) for name, quoted, plain in _PARAMETER.findall(found[2]))
        rel = next((value for name, value in named if name == "rel"), "")
        url = absolute(found[1].strip(), base)
        if rel and url:
            yield url, frozenset(rel.lower().split())


def request(subscription: Subscription, callback: str) -> dict[str, str]:
    """The form that is posted to the hub (5.1)."""
    wanted = {
        "hub.mode": "unsubscribe" if subscription.ending else "subscribe",
        "hub.topic": subscription.topic,
        "hub.callback": callback,
    }
    if subscription.ending:
        return wanted
    return {**wanted, "hub.lease_seconds": str(LEASE_SECONDS), "hub.secret": subscription.secret}


def next_request(subscription: Subscription) -> datetime | None:
    """When to ask the hub (again); None: now."""
    if subscription.asked is None:
        return None
    if subscription.failures:
        wait = min(FIRST_RETRY * 2.0 ** min(subscription.failures - 1, 20), LONGEST_RETRY)
        return subscription.asked + wait
    if subscription.granted is None or subscription.granted < subscription.asked:
        return subscription.asked + PENDING_FOR
    return subscription.granted + timedelta(seconds=subscription.lease_seconds * (1 - RENEW_BEFORE))


def is_active(subscription: Subscription, now: datetime) -> bool:
    """Whether the hub has promised to send new content."""
    ends = subscription.ends()
    return ends is not None and now < ends and not subscription.ending


def failed(subscription: Subscription, problem: str) -> Subscription:
    """After the hub refused, or could not be asked. A lease that still runs stays."""
    return msgspec.structs.replace(subscription, failures=subscription.failures + 1, problem=problem[:500])


class Verified(msgspec.Struct, frozen=True):
    """The result of a hub's verification request: the updated subscription, and the response (None: 404)."""

    subscription: Subscription
    challenge: str | None


def verify(subscription: Subscription, query: Mapping[str, str], now: datetime) -> Verified:
    """Interprets a hub's GET to the callback (5.2, 5.3): an intent is confirmed only if it is ours."""
    mode, challenge = query.get("hub.mode", ""), query.get("hub.challenge", "")
    if query.get("hub.topic", "") != subscription.topic:
        return Verified(subscription, None)
    if mode == "denied":
        reason = one_line(query.get("hub.reason", ""), 200) or "the hub gives no reason"
        denied = msgspec.structs.replace(
            failed(subscription, f"denied: {reason}"), granted=None, lease_seconds=0
        )
        return Verified(denied, "")
    meant = "unsubscribe" if subscription.ending else "subscribe"
    if mode != meant or not challenge or len(challenge) > MAX_CHALLENGE or subscription.asked is None:
        return Verified(subscription, None)
    if subscription.ending:
        return Verified(msgspec.structs.replace(subscription, granted=None, lease_seconds=0), challenge)
    granted = msgspec.structs.replace(
        subscription,
        granted=max(now, subscription.asked),  # `now` is by the clock of the process that the hub called
        lease_seconds=_lease(query.get("hub.lease_seconds", "")),
        failures=0,
        problem="",
    )
    return Verified(granted, challenge)


def is_current(subscription: Subscription, at: datetime) -> bool:
    """Whether a hub's question of that time is about the last request: one may be read from the log again much later."""
    return subscription.asked is None or at >= subscription.asked - CLOCKS_APART


def _lease(said: str) -> int:
    asked = int(said) if said.isascii() and said.isdigit() and len(said) < 12 else LEASE_SECONDS
    return min(max(asked, SHORTEST_LEASE), LONGEST_LEASE)


def is_signed(subscription: Subscription, header: str, body: bytes) -> bool:
    """Whether an X-Hub-Signature header proves that the sender of a body knows the secret (7.1)."""
    method, _, signature = header.strip().partition("=")
    algorithm = METHODS.get(method.strip().lower())
    if algorithm is None or not signature.isascii():
        return False
    expected = hmac.new(subscription.secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(expected, signature.strip().lower())


def is_about(subscription: Subscription, link_header: str) -> bool:
    """Whether a notification is about the topic, as far as its Link headers (7) tell."""
    topics = {url for url, rels in links_of(link_header, subscription.topic) if "self" in rels}
    return not topics or subscription.topic in topics


Maker = Callable[[str, str, str], Subscription]


def wanted(
    feeds: Iterable[tuple[str, str, str]], known: Mapping[str, Subscription], new: Maker
) -> Iterator[Subscription]:
    """The wanted subscriptions that differ from the known ones.

    Args:
        feeds: URL, hub and topic of each feed of the list that has a hub.
        known: subscriptions by the feed's URL.
        new: makes a subscription of the three, with a fresh id and secret.
    """
    current = {url: (hub, topic) for url, hub, topic in feeds}
    for url, (hub, topic) in current.items():
        old = known.get(url)
        if old is None or (old.hub, old.topic) != (hub, topic):
            yield new(url, hub, topic)
        elif old.ending:
            yield msgspec.structs.replace(old, ending=False, asked=None, failures=0)
    for url, old in known.items():
        if url not in current and not old.ending:
            yield msgspec.structs.replace(old, ending=True, asked=None, failures=0)
