"""Hashes of what a feed says about its items, so that a changed title or text is noticed.

Counters, dates and punctuation don't count, and neither does a change of most of a feed's items at once: then its form has
changed.
"""

from collections.abc import Sequence

import msgspec

from ingest.edits.noise import news_of
from ingest.formats.items import Item
from ingest.page.plain_text import plain_text
from ingest.polling.feed_state import HASH_BYTES
from ingest.polling.identity import Identity
from ingest.polling.item_keys import hash_of, split

MOST_TOLD = 50
"""How many items of a feed are compared with what it said before: there may be a hundred thousand feeds."""
REFORMED_ITEMS = 5
"""If at least this many known items"""
REFORMED_SHARE = 0.5
"""and more than this fraction of them are changed at once, the feed's form has changed."""
_CONTENT = 20_000  # characters of markup
_TEXT = 4_000  # of text


class _Said(msgspec.Struct, frozen=True, gc=False):
    """Hashes of what was said about an item: of all of it, and of the words that could be news."""

    raw: bytes
    news: bytes


def changed(before: bytes, items: Sequence[Item], keys: Sequence[Identity]) -> tuple[list[int], bytes]:
    """Which items were changed, by their place, and what to remember for the next time.

    Args:
        before: `FeedState.told`.
        items: what the feed shows.
        keys: what each item is known by.
    """
    known = _read(before)
    now: dict[bytes, _Said] = {}
    found, seen = [], 0
    for place, (item, key) in enumerate(zip(items[:MOST_TOLD], keys, strict=False)):
        if not key.hashes or key.hashes[0] in now:
            continue
        number = key.hashes[0]
        earlier = known.get(number)
        now[number] = _said(item, earlier)
        seen += earlier is not None
        if earlier and now[number].news != earlier.news:
            found.append(place)
    if len(found) >= REFORMED_ITEMS and len(found) > REFORMED_SHARE * seen:
        found = []
    left = {number: said for number, said in known.items() if number not in now}
    kept = [*now.items(), *left.items()][:MOST_TOLD]
    return found, b"".join(number + said.raw + said.news for number, said in kept)


def _said(item: Item, earlier: _Said | None) -> _Said:
    raw = hash_of("raw", f"{item.title}\n{item.summary}\n{item.content_html}")
    if earlier and earlier.raw == raw:
        return earlier
    text = plain_text(item.content_html[:_CONTENT], _TEXT)
    return _Said(raw, hash_of("news", " ".join(news_of(f"{item.title}\n{item.summary}\n{text}"))))


def _read(told: bytes) -> dict[bytes, _Said]:
    hashes = split(told[: len(told) - len(told) % (3 * HASH_BYTES)])
    return {
        number: _Said(raw, news)
        for number, raw, news in zip(hashes[::3], hashes[1::3], hashes[2::3], strict=True)
    }
