"""A hub's call, as passed from the process that received it to the poller of the feed."""

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
    """A hub sent new content; its signature and topic are valid."""

    feed: str
    body: bytes
    content_type: str = ""
    charset: str = ""
    at: datetime
    v: int = 1


Call = Question | Notice
