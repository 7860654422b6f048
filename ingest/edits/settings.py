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
    """The most requests an hour that are made by the clock. If they are not enough, articles that an alert has reported go
    first, then those with a topic, then those of outlets that edit often, and fresh ones; the others are read less often."""
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.25
    """The share of `fetch.concurrency` that articles to be read again may use. News goes first in any case."""
    articles: Count = 100_000
    """How many articles are remembered, to be read again; each takes about 500 bytes of memory."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if any(later <= earlier for earlier, later in pairwise(self.after_hours)):
            yield Fault("after_hours", f"expected ascending hours, got {list(self.after_hours)}")
