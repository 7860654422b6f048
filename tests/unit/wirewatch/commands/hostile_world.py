"""A data folder in which every string from outside is hostile, and every URL carries a secret."""

from datetime import timedelta
from pathlib import Path

import msgspec

from alerts.message import mention_of
from alerts.state import Fired, Held
from index.embedded.store import EmbeddedStore
from ingest.polling.feed_state import FeedState
from ingest.sources.feed import Feed
from ingest.sources.opml import write_opml
from query.article import prepare_enriched
from query.parse import parse
from stream.clock import utc_now
from stream.log.base import Outgoing
from stream.messages import Article, Dead, Enriched, Entity, Entry, Span, TopicTag, encode
from stream.quarantine import shelve
from wirewatch.commands.settings import load
from wirewatch.topics import ALERT_STATES, ENTRIES, FEED_STATES, open_log

ATTACK = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnol\u2066\u200b[/x][bold]\x00"
"""Escape sequences, a C1 control, an override, an isolate, something invisible, rich markup, a NUL."""
SECRET = "Pl4nted-S3cret"
FEED_URL = f"http://desk:{SECRET}@courier.example/rss?api_key={SECRET}"
OTHER_URL = f"http://bugle.example/rss?token={SECRET}"
"""A feed of which nothing is known yet."""
ARTICLE_ID = "3f9a1c20" * 4
DEAD_ID = "deadbeef"


def make(data: Path) -> None:
    """Fill a data folder."""
    data.mkdir(parents=True, exist_ok=True)
    settings = load(data, None, None)
    feeds = [Feed(url=FEED_URL, title="Courier [/x]", language="en", folder="[red]"), Feed(url=OTHER_URL)]
    settings.paths.feeds.write_bytes(write_opml(feeds))
    settings.paths.alerts.write_text(ALERTS)
    with open_log(settings.config, settings.paths) as log:
        log.produce([Outgoing(FEED_STATES.name, FEED_URL, encode(_state())), *map(shelve, _dead())])
        log.produce([Outgoing(ALERT_STATES.name, one.key, encode(one)) for one in _remembered()])
    with EmbeddedStore.open(settings.paths.index, readonly=False, now=utc_now) as store:
        store.add(_enriched())
        store.flush()


ALERTS = f"""
[[alert]]
name = "talks"
query = '"peace talks"'
channels = ["desk", "mail"]

[[alert]]
name = "dark"
about = "sources"
sources = ["nobody"]

[channels.desk]
kind = "webhook"
url = "https://desk:{SECRET}@desk.example/hook?token={SECRET}"
secret = "{SECRET}"

[channels.mail]
kind = "apprise"
url = "mailto://me:{SECRET}@example.org"
"""


def _state() -> FeedState:
    now = utc_now()
    return FeedState(
        url=FEED_URL,
        title=f"Courier {ATTACK}",
        last_polled=now,
        failures=3,
        failing_since=now - timedelta(hours=2),
        error_kind=f"http-503{ATTACK}",
        error_reason=f"{FEED_URL} answered{ATTACK}\nand more\n" + "x" * 5000,
        moved_to=f"http://u:{SECRET}@moved.example/",
        moves=1,
    )


def _article() -> Article:
    now = utc_now()
    return Article(
        id=ARTICLE_ID,
        url=f"http://u:{SECRET}@courier.example/1?access_token={SECRET}",
        feed=FEED_URL,
        source=f"Courier {ATTACK}",
        title=f"Peace talks {ATTACK} open",
        text=f"The peace talks {ATTACK} opened in Geneva.\nSecond paragraph.",
        author=f"Jane {ATTACK}",
        section=f"World {ATTACK}",
        published=now,
        published_from="json-ld",
        instead_of=f"http-403: {FEED_URL} does not exist{ATTACK}",
        seen=now,
        fetched=now,
        extracted=now,
    )


def _enriched() -> Enriched:
    return Enriched(
        article=_article(),
        language="en",
        topics=(
            TopicTag(topic="syria", name=f"Syria {ATTACK}", clause="talks", spans=(Span("text", 4, 15),)),
        ),
        entities=(Entity(name=f"Geneva {ATTACK}", type="place", spans=(Span("text", 4, 9),)),),
        story=ARTICLE_ID,
        enriched=utc_now(),
    )


def _dead() -> list[Dead]:
    now = utc_now()
    entry = Entry(
        feed=FEED_URL,
        source=f"Courier {ATTACK}",
        guid=ATTACK,
        url=f"http://u:{SECRET}@courier.example/2",
        title=f"T {ATTACK}",
        summary=f"S {ATTACK}",
        seen=now,
        key="courier.example",
    )
    dead = Dead(
        id=DEAD_ID * 2,
        stage="fetch",
        topic=ENTRIES.name,
        key=f"courier.example{ATTACK}",
        value=encode(entry),
        kind=f"http-404{ATTACK}",
        reason=f"{FEED_URL} is gone{ATTACK}\nTraceback{ATTACK}",
        attempts=2,
        failed=now,
        retry_at=None,
        place="0@1",
    )
    later = msgspec.structs.replace(dead, id="feedface" * 2, retry_at=now + timedelta(hours=1), place="0@2")
    broken = msgspec.structs.replace(dead, id="badc0de0" * 2, value=ATTACK.encode(), place="0@3")
    return [dead, later, broken]


def _remembered() -> list[Fired | Held]:
    enriched, tree, now = _enriched(), parse('"peace talks"'), utc_now()
    mention = mention_of(enriched, tree, prepare_enriched(enriched))
    fired = Fired(
        alert="talks",
        story=ARTICLE_ID,
        severity="info",
        at=now,
        touched=now,
        reason="an article matches",
        mention=mention,
        channels=("desk",),
        message=ARTICLE_ID,
    )
    return [fired, Held(alert="talks", mention=mention, at=now)]
