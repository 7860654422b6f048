"""Which items of a feed are new, and which of those are news."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from ingest.formats.items import Item, ParsedFeed
from ingest.polling.feed_state import FeedState, known_hashes
from ingest.polling.identity import Identity, identify
from ingest.polling.item_keys import hash_of, remember, split
from ingest.polling.rhythm import expected, unpack
from ingest.polling.told import changed
from ingest.sources.feed import Feed
from ingest.urls import host
from stream.messages import Again, Entry

FRESH = timedelta(hours=1)
"""In a feed's first poll, an item counts as news if it is at most this old."""
RENEWED_SHARE = 0.8
"""A feed may have changed all its ids if at least this fraction of its items is new,"""
RENEWED_ITEMS = 5
"""if it shows at least this many items,"""
RENEWED_EXPECTED = 0.5
"""and if at most this fraction of them was expected to be new since it was last read."""


class News(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is new in a feed."""

    entries: tuple[Entry, ...] = ()
    """News, oldest first; then backfill, newest first."""
    changed: tuple[Entry, ...] = ()
    """Items that are known, and whose title or text the feed has changed: their pages are read again."""
    unusable: int = 0
    """New items with nothing in them: no address, title or text."""
    known: bytes = b""
    """The new value of `FeedState.known`."""
    told: bytes = b""
    """The new value of `FeedState.told`."""
    titles: bytes = b""
    """The new value of `FeedState.titles`."""
    published: tuple[float, ...] = ()
    """Dates of items (seconds since 1970; the time of the poll where there is none) that tell how often the feed has news."""
    renewed: bool = False
    """The feed shows its old items under new ids and addresses."""
    overflowed: bool = False
    """Everything in the feed is new: items may have been missed."""


class _Fresh(msgspec.Struct, frozen=True, gc=False):
    """A new item; its `url` is '' if there is nothing in it."""

    item: Item
    url: str
    address: str
    backfill: bool


def news(
    feed: Feed, state: FeedState, parsed: ParsedFeed, others: Iterable[FeedState], now: datetime
) -> News:
    """The items that are new.

    One is new unless this feed had it before (see identity.py), or another feed of the same host had its page. New items are
    marked as backfill if they are the backlog of a feed's first poll (except those of the last hour) or old items renamed.

    Args:
        feed: the feed.
        state: what was known of it.
        parsed: what it says now.
        others: the states of other feeds at its host.
        now: becomes `Entry.seen`.
    """
    before = known_hashes(state)
    keys = identify(feed, parsed.items, set(split(before)))
    new = _unknown(parsed.items, keys, before)
    renewed = bool(before) and _is_renewed(state, len(new), len(parsed.items), now)
    fresh = [
        _Fresh(item, key.url, key.address, _is_backfill(item, state, now, renewed=renewed))
        for item, key in new
    ]
    edited, told = changed(state.told, parsed.items, keys)
    is_new = {id(item) for item, _ in new}
    return News(
        entries=tuple(_entry(feed, parsed, one, now) for one in _in_order(_usable(fresh, others))),
        changed=tuple(
            _entry(
                feed,
                parsed,
                _Fresh(parsed.items[at], keys[at].url, keys[at].address, backfill=False),
                now,
                again=True,
            )
            for at in edited
            if keys[at].url and id(parsed.items[at]) not in is_new
        ),
        told=told,
        unusable=sum(not one.url for one in fresh),
        known=remember(before, (number for key in keys for number in (*key.hashes, *key.marks))),
        titles=b"".join(hash_of("title", item.title) for item in parsed.items),
        published=_published(state, parsed.items, fresh, now),
        renewed=renewed,
        overflowed=bool(before) and not renewed and _is_all_new(new, keys),
    )


def _unknown(items: Sequence[Item], keys: Sequence[Identity], before: bytes) -> list[tuple[Item, Identity]]:
    """The items that are not known, each once though the feed may have it twice."""
    known, found = set(split(before)), []
    for item, key in zip(items, keys, strict=True):
        if known.isdisjoint(key.hashes):
            found.append((item, key))
            known.update(key.hashes)
    return found


def _is_all_new(new: Sequence[tuple[Item, Identity]], keys: Sequence[Identity]) -> bool:
    """Whether a feed shows nothing but new items, and more than one: a single item says nothing about others."""
    return len(new) == len({key.hashes for key in keys}) > 1


def _usable(fresh: Sequence[_Fresh], others: Iterable[FeedState]) -> list[_Fresh]:
    """Those with something in them, except for pages that another feed of the host had."""
    elsewhere = [known_hashes(other) for other in others] if fresh else []
    return [
        one for one in fresh if one.url and (one.address or not _is_in(elsewhere, hash_of("url", one.url)))
    ]


def _is_in(seen: Sequence[bytes], number: bytes) -> bool:
    return any(number in hashes for hashes in seen)


def _published(
    state: FeedState, items: Sequence[Item], fresh: Sequence[_Fresh], now: datetime
) -> tuple[float, ...]:
    """The dates that tell how often a feed has news: those of all its items until it has a rhythm, then those of new items."""
    if not state.rhythm:
        return tuple(item.published.timestamp() for item in items if item.published)
    return tuple((one.item.published or now).timestamp() for one in fresh if not one.backfill)


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
        or hash_of("title", item.title) in state.titles
    )


def _in_order(fresh: Sequence[_Fresh]) -> list[_Fresh]:
    """News in the order of their dates; then the backlog from its end, because the newest is wanted first.

    If some have no date, the feed's own order decides: feeds begin with the newest.
    """
    dated = all(one.item.published for one in fresh)
    newest_first = (
        sorted(fresh, key=lambda one: one.item.published or 0, reverse=True) if dated else list(fresh)
    )
    return [one for one in reversed(newest_first) if not one.backfill] + [
        one for one in newest_first if one.backfill
    ]


def _entry(feed: Feed, parsed: ParsedFeed, fresh: _Fresh, now: datetime, *, again: bool = False) -> Entry:
    item = fresh.item
    return Entry(
        feed=feed.url,
        site=feed.site,
        source=feed.title or parsed.title or host(fresh.url),
        guid=item.guid,
        url=fresh.url,
        address=fresh.address,
        title=item.title,
        summary=item.summary,
        author=item.author,
        language=feed.language or parsed.language,
        published=item.published,
        content=item.content_html,
        backfill=fresh.backfill,
        seen=now,
        again=Again(why="feed") if again else None,
        key=host(fresh.url),
    )
