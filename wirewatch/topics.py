"""The topics of the log, and which log the configuration asks for."""

from collections.abc import Iterator
from contextlib import contextmanager

from ingest.poll import Feed, FeedState
from wirewatch import feedlist
from wirewatch.clock import utc_now
from wirewatch.config import Config, Paths
from wirewatch.messages import Article, Enriched, Entry, Page, decode
from wirewatch.quarantine import QUARANTINE, RETRIES
from wirewatch.stage import Topic
from wirewatch.transport.base import Log, TopicSpec

ENTRIES = Topic("entries", Entry)
PAGES = Topic("pages", Page)
ARTICLES = Topic("articles", Article)
ENRICHED = Topic("enriched", Enriched)
FEEDS = Topic("feeds", Feed, compacted=True)
"""The feed list, where the log is shared by several machines."""
FEED_STATES = Topic("feed-states", FeedState, compacted=True)
SHARES = Topic("shares", Feed)
"""Holds no messages: pollers share its partitions, and with them the hosts (wirewatch/polling.py)."""

TOPICS = (ENTRIES, PAGES, ARTICLES, ENRICHED, FEEDS, FEED_STATES, SHARES, RETRIES, QUARANTINE)
STAGES = {"fetch": ENTRIES, "extract": PAGES, "enrich": ARTICLES, "index": ENRICHED}
"""What each stage reads, in the order of an article's way. `poll` comes before them: its source are the feeds."""


def open_log(config: Config, paths: Paths) -> Log:
    """The log, created where there is none yet; ConfigError if it can't be had. Only what is asked for is imported."""
    if config.kafka.bootstrap_servers:
        from wirewatch.transport.kafka import KafkaLog  # noqa: PLC0415 - see above

        return KafkaLog(config.kafka, specs(config), now=utc_now)
    from wirewatch.transport.sqlite import SqliteLog  # noqa: PLC0415 - see above

    paths.data.mkdir(parents=True, exist_ok=True)
    return SqliteLog(paths.log, specs(config), now=utc_now)


def specs(config: Config) -> list[TopicSpec]:
    """What the log must know of the topics."""
    if config.kafka.bootstrap_servers:
        return [TopicSpec(topic.name, config.kafka.partitions, topic.compacted) for topic in TOPICS]
    return [TopicSpec(topic.name, compacted=topic.compacted) for topic in TOPICS]


def feed_list(config: Config, paths: Paths, log: Log) -> feedlist.FeedList:
    """The feed list: a topic where the log is shared, else a file."""
    if config.kafka.bootstrap_servers:
        return feedlist.FeedTopic(log, FEEDS.name, paths.feeds)
    return feedlist.FeedFile(paths.feeds)


@contextmanager
def open_feed_list(config: Config, paths: Paths) -> Iterator[feedlist.FeedList]:
    """The feed list alone; the embedded log is not needed for it."""
    if not config.kafka.bootstrap_servers:
        yield feedlist.FeedFile(paths.feeds)
        return
    with open_log(config, paths) as log:
        yield feed_list(config, paths, log)


def feed_states(log: Log) -> dict[str, FeedState]:
    """What is known of each feed, by its URL."""
    return {url: decode(value, FeedState) for url, value in log.latest(FEED_STATES.name).items()}
