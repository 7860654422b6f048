"""What a poller knows of a feed: durable, and compact, since there may be a hundred thousand."""

from datetime import datetime

import msgspec

HASH_BYTES = 6
"""Of each hash in `FeedState.known`: among 1,000 known ones, a new item is taken for known once in 3e11 times."""


class FeedState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What a poller knows of a feed. Durable: it goes to the log together with the entries that a poll found."""

    url: str
    """The feed's URL in the feed list."""
    title: str = ""
    """What the feed calls itself."""
    etag: str = ""
    last_modified: str = ""
    body: bytes = b""
    """Hash of the last body that could be read."""
    unchanged: int = 0
    """How often in a row it answered 304."""
    proven: int = 0
    """How often it told of a change when it was asked for changes only, up to three times, since a 304 was last wrong."""
    lies: int = 0
    """How much speaks against its 304s, since it last told of a change."""
    lied: datetime | None = None
    """When something last did."""

    last_polled: datetime | None = None
    last_read: datetime | None = None
    """When it last answered with all of itself, and could be read."""
    last_item_seen: datetime | None = None
    """When a new item was last found in it."""
    last_published: datetime | None = None
    """The date of its latest item; when that was found, if it has no date or one that is no time for news."""
    next_due: datetime | None = None
    """None: now, if it is not gone."""
    why: str = ""
    """What decided `next_due`: see `schedule.Why`."""

    rhythm: bytes = b""
    """How often it has news, and when: see rhythm.py."""
    window: int = 0
    """How many items it shows."""
    day: int = 0
    """The day that `daily` ends with, counted from 1 January 1970."""
    daily: tuple[int, ...] = ()
    """Its items by the day of their date (UTC), today and two weeks before or fewer."""
    fresh: float = 0.0
    """Seconds for which its server says an answer stays fresh."""
    ttl: float = 0.0
    """The same, by the feed itself."""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()

    failures: int = 0
    """In a row, up to the last poll."""
    failing_since: datetime | None = None
    error_kind: str = ""
    """Of the last poll; '' if it went well."""
    error_reason: str = ""
    moved_to: str = ""
    """Where a permanent redirect (301, 308) led; '' if there is none."""
    moves: int = 0
    """How often in a row it was met."""
    gone: bool = False
    """It answered 410 and is asked no more."""

    known: bytes = b""
    """Hashes of ids and canonical URLs of its items, six bytes each, the latest last."""
    titles: bytes = b""
    """Hashes of the titles that it shows now, likewise."""
    seen: tuple[int, ...] = ()
    """What `known` was in an older wirewatch: 64 bits each."""
    renewed: datetime | None = None
    """When it last showed its old items under new ids and addresses."""
    overflowed: datetime | None = None
    """When it last showed nothing but new items, so that others may have been missed."""

    hub: str = ""
    """The WebSub hub that the feed names; '' if none."""
    topic: str = ""
    """What the hub knows it by."""
    last_pushed: datetime | None = None
    """When its hub last sent something."""

    polls: int = 0
    items: int = 0
    """New ones, in all polls."""
    unusable: int = 0
    """Those among them that have no address that could be fetched."""
    v: int = 1


def known_hashes(state: FeedState) -> bytes:
    """`FeedState.known`, also of a state that an older wirewatch wrote."""
    if not state.seen:
        return state.known
    return b"".join(number.to_bytes(8)[:HASH_BYTES] for number in state.seen) + state.known
