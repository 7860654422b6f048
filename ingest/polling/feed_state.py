"""What a poller knows of a feed: durable, and compact, since there may be a hundred thousand."""

from datetime import datetime

import msgspec

HASH_BYTES = 6
"""Bytes per hash in `FeedState.known`: among 1,000 known hashes, a new item is mistaken for a known one once in 3e11 times."""


class FeedState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a poller knows of a feed. Durable: it goes to the log together with the entries that a poll found."""

    url: str
    """The feed's URL in the feed list."""
    title: str = ""
    """The feed's own title."""
    etag: str = ""
    last_modified: str = ""
    body: bytes = b""
    """Hash of the last readable body."""
    unchanged: int = 0
    """How many times in a row it answered 304."""
    proven: int = 0
    """How many times (up to three) it reported a change to a conditional request since a 304 was last wrong."""
    lies: int = 0
    """The evidence against its 304s since it last reported a change."""
    lied: datetime | None = None
    """When there was last evidence against them."""

    last_polled: datetime | None = None
    last_read: datetime | None = None
    """When the whole feed was last fetched and readable."""
    last_item_seen: datetime | None = None
    """When a new item was last found."""
    last_published: datetime | None = None
    """The date of its latest item; if that has no date, or one that can't be news, when it was found."""
    next_due: datetime | None = None
    """None: now, unless it is gone."""
    why: str = ""
    """What decided `next_due`: see `schedule.Why`."""

    rhythm: bytes = b""
    """How often and when it has news: see rhythm.py."""
    window: int = 0
    """How many items it shows."""
    day: int = 0
    """The day that `daily` ends with, counted from 1 January 1970."""
    daily: tuple[int, ...] = ()
    """Its items by the day of their date (UTC), for at most 15 days."""
    fresh: float = 0.0
    """Seconds that a response stays fresh, according to its server."""
    ttl: float = 0.0
    """The same, according to the feed itself."""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()

    failures: int = 0
    """In a row, up to the last poll."""
    failing_since: datetime | None = None
    error_kind: str = ""
    """Of the last poll; '' if it succeeded."""
    error_reason: str = ""
    moved_to: str = ""
    """Where a permanent redirect (301, 308) led; '' if there is none."""
    moves: int = 0
    """How many times in a row that happened."""
    gone: bool = False
    """It answered 410 and is no longer polled."""

    known: bytes = b""
    """Hashes of ids and canonical URLs of its items, six bytes each, the latest last."""
    titles: bytes = b""
    """Hashes of the titles that it shows now, likewise."""
    told: bytes = b""
    """What it says of the first of its items: see told.py."""
    seen: tuple[int, ...] = ()
    """The `known` of an older wirewatch: 64 bits each."""
    renewed: datetime | None = None
    """When it last showed its old items under new ids and addresses."""
    overflowed: datetime | None = None
    """When it last showed only new items, so that others may have been missed."""

    hub: str = ""
    """The WebSub hub that the feed names; '' if none."""
    topic: str = ""
    """The URL by which the hub identifies it."""
    last_pushed: datetime | None = None
    """When its hub last sent something."""

    polls: int = 0
    items: int = 0
    """New ones, in all polls."""
    unusable: int = 0
    """Those among them with nothing in them: no address, title or text."""
    v: int = 1


def known_hashes(state: FeedState) -> bytes:
    """`FeedState.known`, also for a state written by an older wirewatch."""
    if not state.seen:
        return state.known
    return b"".join(number.to_bytes(8)[:HASH_BYTES] for number in state.seen) + state.known
