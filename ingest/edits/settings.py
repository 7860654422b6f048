"""The section [edits] of the configuration."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated

import msgspec

from stream.settings import Count, Fault, Positive


class Edits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How articles are read again, to find what was changed in them."""

    from_feeds: bool = True
    """Read an article again when its feed changes the item's title or text (counters and dates don't count)."""
    after_hours: tuple[Positive, ...] = (1.0, 6.0, 24.0, 168.0)
    """Read an article again so many hours after it was first seen; `[]`: never by the clock."""
    requests_per_hour: Count = 3600
    """The most requests an hour that are made by the clock. Where they don't suffice, articles that an alert has told of go
    first, then those with a topic, then outlets that edit often, and fresh articles; the others are read again less often."""
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.25
    """The share of `fetch.concurrency` that may be in use for articles that are read again. News goes first in any case."""
    articles: Count = 100_000
    """Of how many articles it is remembered when they are read again; each takes some 500 bytes of memory."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if any(later <= earlier for earlier, later in pairwise(self.after_hours)):
            yield Fault("after_hours", f"expected ascending hours, got {list(self.after_hours)}")
