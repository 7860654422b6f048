"""The topics of the log, and which log the configuration asks for."""

from ingest.poll import FeedState
from ingest.websub import Subscription
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
FEED_STATES = Topic("feed-states", FeedState, compacted=True)
SUBSCRIPTIONS = Topic("subscriptions", Subscription, compacted=True)

TOPICS = (ENTRIES, PAGES, ARTICLES, ENRICHED, FEED_STATES, SUBSCRIPTIONS, RETRIES, QUARANTINE)
STAGES = {"fetch": ENTRIES, "extract": PAGES, "enrich": ARTICLES, "index": ENRICHED}
"""What each stage reads, in the order of an article's way. `poll` comes before them: its source are the feeds."""


def open_log(config: Config, paths: Paths) -> Log:
    """The log, created where there is none yet; ConfigError if it can't be had. Only what is asked for is imported."""
    if config.kafka.bootstrap_servers:
        from wirewatch.transport.kafka import KafkaLog  # noqa: PLC0415 - see above

        shared = [TopicSpec(t.name, config.kafka.partitions, t.compacted) for t in TOPICS]
        return KafkaLog(config.kafka, shared, now=utc_now)
    from wirewatch.transport.sqlite import SqliteLog  # noqa: PLC0415 - see above

    paths.data.mkdir(parents=True, exist_ok=True)
    return SqliteLog(paths.log, [TopicSpec(t.name, compacted=t.compacted) for t in TOPICS], now=utc_now)


def feed_states(log: Log) -> dict[str, FeedState]:
    """What is known of each feed, by its URL."""
    return {url: decode(value, FeedState) for url, value in log.latest(FEED_STATES.name).items()}
