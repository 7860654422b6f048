"""Deletes old articles from the embedded archive."""

from collections.abc import Collection
from datetime import datetime

import msgspec


class Expiry(msgspec.Struct, frozen=True):
    """Which articles may go."""

    before: datetime
    """Those first seen before this time."""
    topics: tuple[str, ...] = ()
    """The ids of topics whose articles stay."""
    ids: Collection[str] = frozenset()
    """The ids of further articles that stay."""
