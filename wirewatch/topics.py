"""The topics of the log, and which log the configuration asks for."""

from typing import Any

from alerts.deliver import Delivered
from alerts.message import Alert
from alerts.state import Record
from enrich.duplicates import Told
from ingest.poll import FeedState
from wirewatch.clock import utc_now
from wirewatch.config import Config, Paths
from wirewatch.messages import Article, Enriched, Entry, Page, decode
from wirewatch.quarantine import QUARANTINE, RETRIES
from wirewatch.stage import Topic
from wirewatch.transport.base import Log, TopicSpec

ENTRIES = Topic("entries", Entry)
PAGES = Topic("pages", Page)
ARTICLES = Topic("articles", Article)
TAGGED = Topic("tagged", Enriched, single=True)
"""Enriched articles that are still to be related to a story: by one process, which sees them all."""
ENRICHED = Topic("enriched", Enriched)
ALERTS = Topic("alerts", Alert)

FEED_STATES = Topic("feed-states", FeedState, compacted=True)
STORIES = Topic("stories", Told, compacted=True)
ALERT_STATES = Topic("alert-states", Record, compacted=True)
DELIVERIES = Topic("deliveries", Delivered, compacted=True)

TOPICS = (
    *(ENTRIES, PAGES, ARTICLES, TAGGED, ENRICHED, ALERTS),
    *(FEED_STATES, STORIES, ALERT_STATES, DELIVERIES, RETRIES, QUARANTINE),
)
STAGES = {
    "fetch": ENTRIES,
    "extract": PAGES,
    "enrich": ARTICLES,
    "relate": TAGGED,
    "index": ENRICHED,
    "alert": ENRICHED,
    "deliver": ALERTS,
}
"""What each stage reads, in the order of an article's way. `poll` comes before them: its source are the feeds."""


PARTITIONS = 8
"""Of each topic of the embedded log, but those that are single."""


def open_log(config: Config, paths: Paths) -> Log:
    """The log, created where there is none yet; ConfigError if it can't be had. Only what is asked for is imported."""
    if config.kafka.bootstrap_servers:
        from wirewatch.transport.kafka import KafkaLog  # noqa: PLC0415 - see above

        shared = [TopicSpec(t.name, 1 if t.single else config.kafka.partitions, t.compacted) for t in TOPICS]
        return KafkaLog(config.kafka, shared, now=utc_now)
    from wirewatch.transport.sqlite import SqliteLog  # noqa: PLC0415 - see above

    paths.data.mkdir(parents=True, exist_ok=True)
    own = [TopicSpec(t.name, 1 if t.single else PARTITIONS, t.compacted) for t in TOPICS]
    return SqliteLog(paths.log, own, now=utc_now)


def feed_states(log: Log) -> dict[str, FeedState]:
    """What is known of each feed, by its URL."""
    return {url: decode(value, FeedState) for url, value in log.latest(FEED_STATES.name).items()}


def remembered(log: Log, topic: Topic) -> list[Any]:
    """The last message of each key of a compacted topic."""
    return [decode(value, topic.type) for value in log.latest(topic.name).values()]
