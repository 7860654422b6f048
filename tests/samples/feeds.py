"""A feed, its items and its state after polls, for the tests of the poller's decisions."""

from datetime import UTC, datetime

import msgspec

from ingest.formats.feeds import Item, ParsedFeed
from ingest.polling.decide import Read, Validators, next_state
from ingest.polling.feed_state import FeedState
from ingest.polling.news import news
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
URL = "https://feeds.example/a"
FEED = Feed(url=URL, title="Harbour Courier", language="en", site="https://harbour.example/")
FRESH = FeedState(url=URL)
POLICY = Policy(every=600, longest=86_400, jitter=lambda _url, _poll: 0.0)


def item(name: str, **fields: str) -> Item:
    """An item of the feed."""
    plain = Item(guid=name, url=f"https://harbour.example/{name}", title=name)
    return msgspec.structs.replace(plain, **fields)


def parsed(*items: Item, incomplete: bool = False) -> ParsedFeed:
    """The parsed feed."""
    return ParsedFeed(
        title="The feed", language="en-GB", link="", items=items, read_by="lxml", incomplete=incomplete
    )


def after(state: FeedState, feed: ParsedFeed, **heard: str) -> FeedState:
    """The state after one good poll."""
    found = news(FEED, state, feed, [], NOW)
    return next_state(state, Read(Validators(**heard), feed, found), NOW, POLICY)
