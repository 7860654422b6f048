"""What a feed of hits says of itself."""

from datetime import datetime

import msgspec


class About(msgspec.Struct, frozen=True, kw_only=True):
    """A feed.

    Attributes:
        title: for readers.
        address: of the feed itself, absolute; '' if it has none.
        page: that shows the same to readers, absolute; '' if there is none.
        now: when it was made.
    """

    title: str
    now: datetime
    address: str = ""
    page: str = ""
