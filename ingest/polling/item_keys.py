"""What the items of a feed are known by, and how that is remembered: hashes of their ids, addresses and titles."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from ingest.formats.items import Item
from ingest.polling.feed_state import HASH_BYTES
from ingest.urls import canonical

KNOWN_KEPT = 400
"""Hashes that are kept of items that have left the feed (one item has two); of a long feed twice as many as it shows."""


class Keys(msgspec.Struct, frozen=True, gc=False):
    """What an item is known by."""

    url: str
    """Its canonical address, or '' if it has none that could be fetched."""
    hashes: tuple[bytes, ...]


def keys_of(items: Sequence[Item]) -> list[Keys]:
    """The keys of each item of a feed. An id that several of them share says nothing."""
    shared = {guid for guid, count in Counter(item.guid for item in items).items() if count > 1}
    return [_keys(item, shared) for item in items]


def _keys(item: Item, shared: set[str]) -> Keys:
    url = _canonical(item.url)
    guid = "" if item.guid in shared and url else item.guid or f"{item.title}\n{item.summary}"
    named = (("guid", guid), ("url", url))
    return Keys(url, tuple(_hash(name, value) for name, value in named if value))


def _canonical(url: str) -> str:
    try:
        return canonical(url)
    except ValueError:
        return ""


def url_hash(url: str) -> bytes:
    """Of a canonical address."""
    return _hash("url", url)


def title_hash(title: str) -> bytes:
    """Of a title as the feed has it."""
    return _hash("title", title)


def split(hashes: bytes) -> list[bytes]:
    """The single hashes of those that stand behind one another."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def remember(before: bytes, keys: Iterable[Keys]) -> bytes:
    """All hashes of what is in the feed now, and before them the last of what was."""
    window = dict.fromkeys(number for key in keys for number in key.hashes)
    left = [one for one in split(before) if one not in window]
    return b"".join([*left[-max(KNOWN_KEPT, 2 * len(window)) :], *window])


def _hash(name: str, value: str) -> bytes:
    """48 bits of BLAKE2b (RFC 7693) of a value, in a space of its own for each name: the first of those of older states."""
    data = f"{name}:{value}".encode("utf-8", "replace")
    return hashlib.blake2b(data, digest_size=8).digest()[:HASH_BYTES]
