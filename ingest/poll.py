"""What is decided about polls, without doing one: which feeds are due, which items are news, what is known of a feed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from ingest.feed_items import Item, ParsedFeed
from ingest.response import Response
from ingest.urls import canonical, host
from wirewatch.messages import Entry

SEEN_KEPT = 2_000
"""Hashes that are kept of items that have left the feed: one item has two."""
MOVES_BELIEVED = 3
"""A permanent redirect is adopted when it was met so often in a row: one may be a slip."""
UNCONDITIONAL_EVERY = timedelta(days=1)
"""Some servers answer 304 for ever; so the whole feed is asked for after so long without it."""
MAX_REASON = 500
MAX_VALIDATOR = 1_000
"""Longer ones are not kept: they would be sent back with each request."""
JITTER = 0.05
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as the feed list has it. `url` is what it is known by everywhere, also after it has moved."""

    url: str
    title: str = ""
    """Name of the outlet; '' if the list has none."""
    language: str = ""
    folder: str = ""
    """Path of the folder in the feed list, such as `World/Europe`."""
    site: str = ""
    """The outlet's page for people (`htmlUrl`); '' if the list has none."""
    others: tuple[tuple[str, str], ...] = ()
    """What other readers have noted of it in the list: names and values of attributes."""


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """What a poller knows of a feed. Durable: it goes to the log together with the entries that a poll found."""

    url: str
    """The feed's URL in the feed list."""
    title: str = ""
    """What the feed calls itself."""
    etag: str = ""
    last_modified: str = ""
    last_polled: datetime | None = None
    last_read: datetime | None = None
    """When it last answered with all of itself, and could be read."""
    last_item_seen: datetime | None = None
    """When a new item was last found in it."""
    next_due: datetime | None = None
    """None: now, if it is not gone."""
    failures: int = 0
    """In a row, up to the last poll."""
    error_kind: str = ""
    """Of the last poll; '' if it went well."""
    error_reason: str = ""
    moved_to: str = ""
    """Where a permanent redirect (301, 308) led; '' if there is none."""
    moves: int = 0
    """How often in a row it was met."""
    gone: bool = False
    """It answered 410 and is asked no more."""
    seen: tuple[int, ...] = ()
    """64-bit hashes of ids and canonical URLs of its items, the latest last."""
    polls: int = 0
    items: int = 0
    """New ones, in all polls."""
    unusable: int = 0
    """Those among them that have no address that could be fetched."""
    hub: str = ""
    """The WebSub hub that the feed names; '' if none."""
    topic: str = ""
    """What the hub knows it by."""
    last_pushed: datetime | None = None
    """When its hub last sent something."""
    v: int = 1


def spread(url: str) -> float:
    """A fraction between -0.05 and 0.05 that depends on nothing but the URL, so that feeds don't fall due all at once."""
    return (_hash("jitter", url) / 2**63 - 1) * JITTER


@dataclass(frozen=True)
class Policy:
    """When to ask again, in seconds.

    Attributes:
        interval: from one poll to the next.
        shortest: never sooner than that.
        longest: how far errors may stretch the interval, doubling it each time; also a limit on what Retry-After can ask.
        jitter: the part of its interval by which a feed comes sooner or later.
    """

    interval: float = 900.0
    shortest: float = 1.0
    longest: float = 86_400.0
    jitter: Callable[[str], float] = spread


class Validators(msgspec.Struct, frozen=True, kw_only=True):
    """What a server said of the version that it sent, and where it sent us."""

    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    """Where permanent redirects led; '' if there were none, or others too."""


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What is new in a feed."""

    entries: tuple[Entry, ...] = ()
    unusable: int = 0
    """New items without an address that could be fetched."""
    seen: tuple[int, ...] = ()
    """What `FeedState.seen` is to be."""


class Unchanged(msgspec.Struct, frozen=True):
    """The server said that nothing has changed (304)."""

    validators: Validators


class Read(msgspec.Struct, frozen=True):
    """The feed was read."""

    validators: Validators
    feed: ParsedFeed
    news: News


class Failed(msgspec.Struct, frozen=True):
    """The feed was not reached, or could not be read.

    `after`: seconds for which the server asks to be left alone; None if it does not.
    """

    kind: str
    reason: str
    after: float | None = None


class Gone(msgspec.Struct, frozen=True):
    """The server said that the feed was removed for good (410)."""

    reason: str


Outcome = Unchanged | Read | Failed | Gone


def due(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> list[Feed]:
    """The feeds to be polled now, those that have waited longest first. `states` by the feed's URL."""
    times = [(_due_at(states.get(feed.url)), feed) for feed in feeds]
    ready = [(when, feed) for when, feed in times if when is not None and when <= now]
    return [feed for _, feed in sorted(ready, key=lambda pair: pair[0])]


def address(feed: Feed, state: FeedState) -> str:
    """The URL to ask: the one in the feed list, until a permanent redirect has been met three times in a row."""
    return state.moved_to if state.moves >= MOVES_BELIEVED else feed.url


def validators(asked: str, response: Response) -> Validators:
    """What a response says of its version and of where the feed has moved from the address that was asked."""
    etag, last_modified = (response.headers.get(name, "") for name in ("etag", "last-modified"))
    return Validators(
        etag=etag if len(etag) <= MAX_VALIDATOR else "",
        last_modified=last_modified if len(last_modified) <= MAX_VALIDATOR else "",
        moved_to=response.url if response.permanent and response.url != asked else "",
    )


def conditions(state: FeedState, now: datetime) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110, 13.1); none if the whole feed is due again."""
    if state.last_read is None or now - state.last_read >= UNCONDITIONAL_EVERY:
        return {}
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    return {name: value for name, value in headers.items() if value}


def news(
    feed: Feed, state: FeedState, parsed: ParsedFeed, others: Iterable[FeedState], now: datetime
) -> News:
    """The items that are new.

    One is new unless this feed had its id or its canonical URL before, or another feed of the same host had its URL. An id that
    several items of the feed share says nothing.

    Args:
        feed: the feed.
        state: what was known of it.
        parsed: what it says now.
        others: the states of the other feeds at its host.
        now: becomes `Entry.seen`.
    """
    shared = {guid for guid, count in Counter(item.guid for item in parsed.items).items() if count > 1}
    keys = [_keys(item, shared) for item in parsed.items]
    known = set(state.seen)
    fresh = [
        (item, key) for item, key in zip(parsed.items, keys, strict=True) if known.isdisjoint(key.hashes)
    ]
    elsewhere = set().union(*(other.seen for other in others)) if fresh else set()
    entries, unusable = [], 0
    for item, key in fresh:
        if not known.isdisjoint(key.hashes):  # the feed has it twice
            continue
        known.update(key.hashes)
        if not key.url:
            unusable += 1
        elif _hash("url", key.url) not in elsewhere:
            entries.append(_entry(feed, parsed, item, key.url, now))
    window = tuple(dict.fromkeys(number for key in keys for number in key.hashes))
    return News(entries=tuple(entries), unusable=unusable, seen=_remember(state.seen, window))


def next_state(state: FeedState, outcome: Outcome, now: datetime, policy: Policy) -> FeedState:
    """What is known of a feed after a poll."""
    state = msgspec.structs.replace(state, last_polled=now, polls=state.polls + 1)
    match outcome:
        case Unchanged(validators):
            return _unchanged(state, validators, now, policy)
        case Read():
            return _was_read(state, outcome, now, policy)
        case Failed():
            return _failed(state, outcome, now, policy)
        case Gone(reason):
            return msgspec.structs.replace(
                _failed(state, Failed("http-410", reason), now, policy), gone=True, next_due=None
            )


def pushed(state: FeedState, found: News, now: datetime) -> FeedState:
    """What is known of a feed after its hub has sent some items; when it is polled next stays as it was."""
    count = len(found.entries) + found.unusable
    return msgspec.structs.replace(
        state,
        seen=found.seen,
        items=state.items + count,
        unusable=state.unusable + found.unusable,
        last_item_seen=now if count else state.last_item_seen,
        last_pushed=now,
    )


def put_off(state: FeedState, now: datetime, policy: Policy) -> FeedState:
    """The same state, not due again before the next interval: what a poll found could not be stored."""
    return msgspec.structs.replace(state, next_due=_later(now, policy.interval, state.url, policy))


def _due_at(state: FeedState | None) -> datetime | None:
    """When a feed is due; None if never."""
    if state is None:
        return _LONG_AGO
    return None if state.gone else state.next_due or _LONG_AGO


def _unchanged(state: FeedState, validators: Validators, now: datetime, policy: Policy) -> FeedState:
    """After a 304; validators that it does not repeat stay as they were."""
    return msgspec.structs.replace(
        _went_well(state, validators, now, policy),
        etag=validators.etag or state.etag,
        last_modified=validators.last_modified or state.last_modified,
    )


def _was_read(state: FeedState, outcome: Read, now: datetime, policy: Policy) -> FeedState:
    """After the whole feed; one that was incomplete is not asked for conditionally, so that the rest may come."""
    validators = Validators() if outcome.feed.incomplete else outcome.validators
    found = len(outcome.news.entries) + outcome.news.unusable
    return msgspec.structs.replace(
        _went_well(state, outcome.validators, now, policy),
        title=outcome.feed.title or state.title,
        etag=validators.etag,
        last_modified=validators.last_modified,
        last_read=now,
        last_item_seen=now if found else state.last_item_seen,
        seen=outcome.news.seen,
        items=state.items + found,
        unusable=state.unusable + outcome.news.unusable,
        hub=outcome.feed.hubs[0] if outcome.feed.hubs else "",
        topic=(outcome.feed.self_url or state.url) if outcome.feed.hubs else "",
    )


def _went_well(state: FeedState, validators: Validators, now: datetime, policy: Policy) -> FeedState:
    moved_to, moves = _moved(state, validators)
    return msgspec.structs.replace(
        state,
        next_due=_later(now, policy.interval, state.url, policy),
        failures=0,
        error_kind="",
        error_reason="",
        moved_to=moved_to,
        moves=moves,
    )


def _moved(state: FeedState, validators: Validators) -> tuple[str, int]:
    """Where the feed says that it has moved, and how often it said so in a row."""
    if validators.moved_to:
        return validators.moved_to, state.moves + 1 if validators.moved_to == state.moved_to else 1
    return (state.moved_to, state.moves) if state.moves >= MOVES_BELIEVED else ("", 0)


def _failed(state: FeedState, outcome: Failed, now: datetime, policy: Policy) -> FeedState:
    """After an error. A redirect that was adopted is forgotten: the address in the feed list is asked again."""
    doublings = min(state.failures, 30)
    wait = max(policy.interval * 2**doublings, outcome.after or 0.0)
    return msgspec.structs.replace(
        state,
        next_due=_later(now, wait, state.url, policy),
        failures=state.failures + 1,
        error_kind=outcome.kind,
        error_reason=outcome.reason[:MAX_REASON],
        moved_to="",
        moves=0,
    )


def _later(now: datetime, seconds: float, url: str, policy: Policy) -> datetime:
    bounded = min(max(seconds, policy.shortest), policy.longest)
    return now + timedelta(seconds=bounded * (1 + policy.jitter(url)))


class _Keys(msgspec.Struct, frozen=True):
    """What an item is known by; `url` is canonical, or '' if it has none that could be fetched."""

    url: str
    hashes: tuple[int, ...]


def _keys(item: Item, shared: set[str]) -> _Keys:
    try:
        url = canonical(item.url)
    except ValueError:
        url = ""
    guid = "" if item.guid in shared and url else item.guid or f"{item.title}\n{item.summary}"
    named = (("guid", guid), ("url", url))
    return _Keys(url, tuple(_hash(name, value) for name, value in named if value))


def _entry(feed: Feed, parsed: ParsedFeed, item: Item, url: str, now: datetime) -> Entry:
    return Entry(
        feed=feed.url,
        source=feed.title or parsed.title or host(url),
        guid=item.guid,
        url=url,
        title=item.title,
        summary=item.summary,
        author=item.author,
        language=feed.language or parsed.language,
        published=item.published,
        content=item.content_html,
        seen=now,
        key=host(url),
    )


def _remember(seen: tuple[int, ...], window: tuple[int, ...]) -> tuple[int, ...]:
    """All hashes of what is in the feed now, and before them the last 2,000 of what was."""
    shown = set(window)
    return (*[number for number in seen if number not in shown][-SEEN_KEPT:], *window)


def _hash(name: str, value: str) -> int:
    """64 bits of BLAKE2b (RFC 7693) of a value, in a space of its own for each name."""
    data = f"{name}:{value}".encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest())
