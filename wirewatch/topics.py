"""The topics of the log, and the log that the configuration names."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec

from alerts.deliver import Delivered
from alerts.message import Alert
from alerts.state import Record
from enrich.stories.state import Moved, Told
from ingest.edits.pending import Pending
from ingest.edits.schedule import Plan
from ingest.polling.feed_state import FeedState
from ingest.polling.heard import HeardHour
from ingest.sources.feed import Feed
from ingest.websub.calls import Call
from ingest.websub.protocol import Subscription
from stream.clock import utc_now
from stream.log.base import Log, TopicSpec
from stream.messages import Article, Enriched, Entry, Page, Watch, decode
from stream.quarantine import QUARANTINE, RETRIES
from stream.stage import Topic
from wirewatch.config import Config, Paths
from wirewatch.lists import feeds as feedlist
from wirewatch.lists.shared import Part
from wirewatch.process.private import make_folder

BACKFILL = Topic("backfill", Entry)
"""Entries that are not news, such as a feed's first backlog; they go to `entries` while few wait there."""
ENTRIES = Topic("entries", Entry)
PAGES = Topic("pages", Page)
ARTICLES = Topic("articles", Article)
TAGGED = Topic("tagged", Enriched, single=True)
"""Enriched articles without a story yet; one process finds it, which sees them all."""
RELATED = Topic("related", Enriched, single=True)
"""The same with their stories; one process matches them against alerts, which count over all articles."""
ALERTS = Topic("alerts", Alert)
WATCHES = Topic("watches", Watch, single=True)
"""Articles that may be read again; one process plans when, since there is one budget of requests."""

FEEDS = Topic("feeds", Feed, compacted=True)
"""The feed list, where the log is shared by several machines."""
ALERT_LIST = Topic("alert-list", Part, single=True, compacted=True)
"""The alerts and channels, where the log is shared by several machines."""
TOPIC_LIST = Topic("topic-list", Part, single=True, compacted=True)
"""The topics that articles are tagged with, where the log is shared by several machines."""
FEED_STATES = Topic("feed-states", FeedState, compacted=True)
SUBSCRIPTIONS = Topic("subscriptions", Subscription, compacted=True)
STORIES = Topic("stories", Told, compacted=True)
STORY_MOVES = Topic("story-moves", Moved, compacted=True)
"""Articles that went to another story, when two were merged or one was split."""
ALERT_STATES = Topic("alert-states", Record, compacted=True)
DELIVERIES = Topic("deliveries", Delivered, compacted=True)
HEARD = Topic("heard", HeardHour, compacted=True)
"""How many sources were heard, by hour."""
REREADS = Topic("rereads", Plan, compacted=True)


class Replay(msgspec.Struct, frozen=True, kw_only=True):
    """How far a replay is. Durable. `key` is what was asked for, so that asking for the same goes on where it was stopped."""

    key: str
    stage: str
    """The first stage."""
    started: datetime
    total: int
    """Messages or articles to look at."""
    done: int = 0
    ends: dict[int, int] = {}
    """The ends of the topic's partitions when it began; empty if the archive is replayed."""
    over: bool = False
    v: int = 1


REPLAYS = Topic("replays", Replay, compacted=True)
REPLAYER = "replay"
"""The group of whoever replays what a topic holds."""
WARC_EXPORTER = "warc-export"
"""The group of whoever writes the log's pages to a file. It commits nothing, so each export begins with the oldest."""


class WarcImport(msgspec.Struct, frozen=True, kw_only=True):
    """How far the import of a WARC file is. Durable. `key` is the file's name and size."""

    key: str
    began: datetime
    place: int = 0
    """Bytes of the file, from which it goes on."""
    pages: int = 0
    """Pages that were handed over."""
    left_out: dict[str, int] = {}
    """What was not, by its kind."""
    over: bool = False
    v: int = 1


class Backfill(msgspec.Struct, frozen=True, kw_only=True):
    """How far a back-fill is. Durable. `key` is what was asked for."""

    key: str
    began: datetime
    done: tuple[str, ...] = ()
    """Hashes of the addresses of the documents that are done."""
    entries: int = 0
    """Pages that were handed over."""
    known: int = 0
    """Pages that the archive had already."""
    undated: int = 0
    unreadable: int = 0
    """Documents that could not be read."""
    over: bool = False
    v: int = 1


BACKFILLS = Topic("backfills", Backfill, compacted=True)
WARC_IMPORTS = Topic("warc-imports", WarcImport, compacted=True)
VERSIONS = Topic("versions", Pending, compacted=True)
"""What was found by reading articles again, until the archive has it."""
POLL = "poll"
"""The part of the pipeline that polls feeds, and the name of the pollers' group."""
SHARES = Topic("shares", Call)
"""Pollers share its partitions, and with them the hosts (composition/shared_polling.py), and it
holds what hubs say to them (WebSub)."""

TOPICS = (
    *(BACKFILL, ENTRIES, PAGES, ARTICLES, TAGGED, RELATED, ALERTS, WATCHES, SHARES),
    HEARD,
    *(
        FEEDS,
        ALERT_LIST,
        TOPIC_LIST,
        FEED_STATES,
        SUBSCRIPTIONS,
        STORIES,
        STORY_MOVES,
        ALERT_STATES,
        DELIVERIES,
        REREADS,
        VERSIONS,
    ),
    *(REPLAYS, WARC_IMPORTS, BACKFILLS, RETRIES, QUARANTINE),
)
STAGES = {
    "backfill": BACKFILL,
    "fetch": ENTRIES,
    "extract": PAGES,
    "enrich": ARTICLES,
    "reread": WATCHES,
    "relate": TAGGED,
    "index": RELATED,
    "alert": RELATED,
    "deliver": ALERTS,
}
"""What each stage reads, in an article's order. `poll` comes first: it reads the feeds."""
COMPANIONS = {"backfill": "fetch", "reread": "enrich"}
"""Stages that run in every process of another stage, so that nobody has to start them; they cost next to nothing."""
BESIDE = ("alert", "reread")
"""Stages beside the way to the archive: they may lag behind, up to the log's retention, and hold nobody up."""


PARTITIONS = 8
"""Partitions of each topic of the embedded log, except single ones."""


def open_log(config: Config, paths: Paths, *, begins: bool = True) -> Log:
    """The log, created if there is none yet; raises ConfigError if it can't be opened. Imports only the one it needs. In Kafka
    nothing is created for those who only read (`begins` is false): a mistyped prefix is an error.
    """
    if config.kafka.bootstrap_servers:
        from stream.log.kafka.log import KafkaLog  # noqa: PLC0415 - see above

        return KafkaLog(config.kafka, specs(config), now=utc_now, begins=begins)
    from stream.log.sqlite.log import SqliteLog  # noqa: PLC0415 - see above

    make_folder(paths.data)
    return SqliteLog(paths.log, specs(config), now=utc_now)


def specs(config: Config) -> list[TopicSpec]:
    """The topics' properties that the log needs."""
    partitions = config.kafka.partitions if config.kafka.bootstrap_servers else PARTITIONS
    return [TopicSpec(topic.name, 1 if topic.single else partitions, topic.compacted) for topic in TOPICS]


def feed_list(config: Config, paths: Paths, log: Log) -> feedlist.FeedList:
    """The feed list: a topic where the log is shared, else a file."""
    if config.kafka.bootstrap_servers:
        return feedlist.FeedTopic(log, FEEDS.name, paths.feeds)
    return feedlist.FeedFile(paths.feeds)


@contextmanager
def open_feed_list(config: Config, paths: Paths, *, begins: bool = True) -> Iterator[feedlist.FeedList]:
    """The feed list alone, without opening the embedded log. `begins` as for `open_log`."""
    if not config.kafka.bootstrap_servers:
        yield feedlist.FeedFile(paths.feeds)
        return
    with open_log(config, paths, begins=begins) as log:
        yield feed_list(config, paths, log)


def feed_states(log: Log) -> dict[str, FeedState]:
    """The state of each feed, by its URL."""
    return {url: decode(value, FeedState) for url, value in log.latest(FEED_STATES.name).items()}


def remembered(log: Log, topic: Topic) -> list[Any]:
    """The last message of each key of a compacted topic."""
    return [decode(value, topic.type) for value in log.latest(topic.name).values()]
