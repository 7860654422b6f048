"""What a hub's call becomes on its way from the process that it reached to the poller whose feed it is about."""

from datetime import datetime

import msgspec


class Question(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A hub asked whether a subscription is meant, or said that there will be none; it has been answered."""

    feed: str
    """URL of the feed in the feed list."""
    id: str
    """Of the subscription."""
    query: dict[str, str]
    """Its `hub.*` parameters."""
    at: datetime
    v: int = 1


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A hub sent what is new; its signature and topic are right."""

    feed: str
    body: bytes
    content_type: str = ""
    charset: str = ""
    at: datetime
    v: int = 1


Call = Question | Notice
