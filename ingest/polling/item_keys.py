"""Remembers which items a feed has had: hashes of their ids, URLs and titles."""

import hashlib
from collections.abc import Iterable

from ingest.polling.feed_state import HASH_BYTES

KNOWN_KEPT = 400
"""How many hashes of items that left the feed are kept (two per item); for a long feed, twice as many as it has items."""


def hash_of(name: str, value: str) -> bytes:
    """48 bits of BLAKE2b (RFC 7693) of a value, in a separate space for each name. Older states have 64, which begin so."""
    data = f"{name}:{value}".encode("utf-8", "replace")
    return hashlib.blake2b(data, digest_size=8).digest()[:HASH_BYTES]


def split(hashes: bytes) -> list[bytes]:
    """Splits concatenated hashes."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def remember(before: bytes, shown: Iterable[bytes]) -> bytes:
    """All hashes of what is in the feed now, and before them the last of what was."""
    window = dict.fromkeys(shown)
    left = [one for one in split(before) if one not in window]
    return b"".join([*left[-max(KNOWN_KEPT, 2 * len(window)) :], *window])
