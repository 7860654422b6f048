"""Which items of a feed are new, and which of those are news."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from ingest.formats.items import Item, ParsedFeed
from ingest.polling.feed_state import HASH_BYTES, FeedState, known_hashes
from ingest.polling.rhythm import expected, unpack
from ingest.sources.feed import Feed
from ingest.urls import canonical, host
from stream.messages import Entry

KNOWN_KEPT = 400
"""Hashes that are kept of items that have left the feed (one item has two); of a long feed twice as many as it shows."""
FRESH = timedelta(hours=1)
"""An item of a feed's first poll is news if it is no older."""
RENEWED_SHARE = 0.8
"""A feed of which so much is new may have changed all its ids,"""
RENEWED_ITEMS = 5
"""if it shows so many items,"""
RENEWED_EXPECTED = 0.5
"""and if no more than this part of them was expected to be new since it was last read."""


class News(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is new in a feed."""

    entries: tuple[Entry, ...] = ()
    """News, the oldest first; then what is marked as backfill, the newest first."""
    unusable: int = 0
    """New items without an address that could be fetched."""
    known: bytes = b""
    """What `FeedState.known` is to be."""
    titles: bytes = b""
    """What `FeedState.titles` is to be."""
    published: tuple[float, ...] = ()
    """Dates of items (seconds since 1970; the time of the poll where there is none) that tell how often the feed has news."""
    renewed: bool = False
    """The feed shows its old items under new ids and addresses."""
    overflowed: bool = False
    """All that it shows is new: items may have been missed."""


class _Fresh(msgspec.Struct, frozen=True, gc=False):
    """A new item; `url` is canonical, or '' if it has none that could be fetched."""

    item: Item
    url: str
    backfill: bool


class _Keys(msgspec.Struct, frozen=True, gc=False):
    """What an item is known by."""

    url: str
    hashes: tuple[bytes, ...]


def news(
    feed: Feed, state: FeedState, parsed: ParsedFeed, others: Iterable[FeedState], now: datetime
) -> News:
    """The items that are new.

    One is new unless this feed had its id or its canonical URL before, or another feed of the same host had its URL. An id that
    several items of the feed share says nothing. New items are marked as backfill if they are the backlog of a feed's first
    poll (but for those of the last hour), or old ones under new ids.

    Args:
        feed: the feed.
        state: what was known of it.
        parsed: what it says now.
        others: the states of other feeds at its host.
        now: becomes `Entry.seen`.
    """
    before = known_hashes(state)
    known = {before[at : at + HASH_BYTES] for at in range(0, len(before), HASH_BYTES)}
    shared = {guid for guid, count in Counter(item.guid for item in parsed.items).items() if count > 1}
    keys = [_keys(item, shared) for item in parsed.items]
    new = _unknown(parsed.items, keys, known)
    all_new = bool(before) and len(new) == len({key.hashes for key in keys}) > 1
    renewed = bool(before) and _is_renewed(state, len(new), len(parsed.items), now)
    fresh = [_Fresh(item, key.url, _is_backfill(item, state, now, renewed=renewed)) for item, key in new]
    seen_elsewhere = [known_hashes(other) for other in others] if fresh else []
    usable = [one for one in fresh if one.url and not _is_in(seen_elsewhere, _hash("url", one.url))]
    counted = parsed.items if not state.rhythm else [one.item for one in fresh if not one.backfill]
    return News(
        entries=tuple(_entry(feed, parsed, one, now) for one in _in_order(usable)),
        unusable=sum(not one.url for one in fresh),
        known=_remember(before, [number for key in keys for number in key.hashes]),
        titles=b"".join(_hash("title", item.title) for item in parsed.items),
        published=tuple(
            (item.published or now).timestamp() for item in counted if item.published or state.rhythm
        ),
        renewed=renewed,
        overflowed=all_new and not renewed,
    )


def _is_in(seen: Sequence[bytes], number: bytes) -> bool:
    return any(number in hashes for hashes in seen)


def _unknown(items: Sequence[Item], keys: Sequence[_Keys], known: set[bytes]) -> list[tuple[Item, _Keys]]:
    """The items that are not known, each once though the feed may have it twice."""
    known, found = set(known), []
    for item, key in zip(items, keys, strict=True):
        if known.isdisjoint(key.hashes):
            found.append((item, key))
            known.update(key.hashes)
    return found


def _is_renewed(state: FeedState, new: int, shown: int, now: datetime) -> bool:
    """Whether so many new items are most likely old ones: far more than the feed should have had since it was last read."""
    rhythm = unpack(state.rhythm)
    if rhythm is None or state.last_read is None or shown < RENEWED_ITEMS or new < RENEWED_SHARE * shown:
        return False
    return expected(rhythm, state.last_read.timestamp(), now.timestamp()) <= RENEWED_EXPECTED * new


def _is_backfill(item: Item, state: FeedState, now: datetime, *, renewed: bool) -> bool:
    if state.last_read is None:
        return item.published is None or item.published < now - FRESH
    if not renewed:
        return False
    return (
        item.published is None
        or item.published < state.last_read
        or _hash("title", item.title) in state.titles
    )


def _in_order(fresh: Sequence[_Fresh]) -> list[_Fresh]:
    """News in the order of their dates; then the backlog from its end, since what is newest is wanted first.

    Where some have no date, the feed's own order stands for it: feeds begin with the newest.
    """
    dated = all(one.item.published for one in fresh)
    newest_first = (
        sorted(fresh, key=lambda one: one.item.published or 0, reverse=True) if dated else list(fresh)
    )
    return [one for one in reversed(newest_first) if not one.backfill] + [
        one for one in newest_first if one.backfill
    ]


def _keys(item: Item, shared: set[str]) -> _Keys:
    try:
        url = canonical(item.url)
    except ValueError:
        url = ""
    guid = "" if item.guid in shared and url else item.guid or f"{item.title}\n{item.summary}"
    named = (("guid", guid), ("url", url))
    return _Keys(url, tuple(_hash(name, value) for name, value in named if value))


def _entry(feed: Feed, parsed: ParsedFeed, fresh: _Fresh, now: datetime) -> Entry:
    item = fresh.item
    return Entry(
        feed=feed.url,
        source=feed.title or parsed.title or host(fresh.url),
        guid=item.guid,
        url=fresh.url,
        title=item.title,
        summary=item.summary,
        author=item.author,
        language=feed.language or parsed.language,
        published=item.published,
        content=item.content_html,
        backfill=fresh.backfill,
        seen=now,
        key=host(fresh.url),
    )


def _remember(before: bytes, window: Sequence[bytes]) -> bytes:
    """All hashes of what is in the feed now, and before them the last of what was."""
    shown = set(window)
    left = [
        one for at in range(0, len(before), HASH_BYTES) if (one := before[at : at + HASH_BYTES]) not in shown
    ]
    return b"".join([*left[-max(KNOWN_KEPT, 2 * len(shown)) :], *dict.fromkeys(window)])


def _hash(name: str, value: str) -> bytes:
    """48 bits of BLAKE2b (RFC 7693) of a value, in a space of its own for each name: the first of those of older states."""
    data = f"{name}:{value}".encode("utf-8", "replace")
    return hashlib.blake2b(data, digest_size=8).digest()[:HASH_BYTES]
