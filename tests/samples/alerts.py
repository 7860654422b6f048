"""Articles and alerts for the tests of this folder."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from alerts.definitions import Definition, definition_of
from alerts.message import Alert, Coverage, Mention, SourceNews, mention_of
from alerts.sources import SourceState
from alerts.state import Record, State
from query.article import prepare_enriched
from stream.messages import Article, Enriched

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
TEXT = (
    "MUNICH — World powers met on Friday. They agreed that peace talks on Syria would open in Geneva, and that a truce "
    "had to hold until then. Nobody expected much."
)


def article(number: int = 1, *, source: str = "Herald", seen: datetime = NOW, **fields: Any) -> Enriched:
    article = Article(
        id=f"{number:032x}",
        url=f"http://herald.example/{number}",
        feed="http://herald.example/feed",
        source=source,
        title=fields.pop("title", "Powers agree"),
        text=fields.pop("text", TEXT),
        backfill=fields.pop("backfill", False),
        published=fields.pop("published", seen),
        seen=seen,
        fetched=seen,
        extracted=seen,
    )
    return Enriched(article=article, language="en", enriched=seen, **fields)


def definition(name: str = "talks", query: str = '"peace talks"', **keys: Any) -> Definition:
    return definition_of({"name": name, "query": query, **keys}, "test")


def mention(number: int = 1, *, story: str = "", wanted: Definition | None = None, **fields: Any) -> Mention:
    enriched = article(number, story=story, **fields)
    return mention_of(enriched, (wanted or definition()).tree, prepare_enriched(enriched))


def restarted(state: State) -> State:
    """The state after a crash: its records, read again from the log."""
    return State(msgspec.json.decode(msgspec.json.encode(records(state)), type=list[Record]))


def records(state: State) -> list[Record]:
    watermark = [state.watermark] if state.watermark else []
    several = [one for held in (*state.counted.values(), *state.held.values()) for one in held.values()]
    return [*watermark, *state.judged.values(), *state.fired.values(), *several, *state.paces.values()]


def dark_definition(name: str = "dark", **keys: Any) -> Definition:
    return definition_of({"name": name, "about": "sources", **keys}, "test")


def source_state(name: str = "Radio", **fields: Any) -> SourceState:
    found = SourceState(
        name=name,
        url=f"http://{name.lower()}.example/feed",
        status="silent",
        since=NOW - timedelta(hours=8),
        until=NOW,
        expected=13.2,
        per_day=40.0,
        reason="nothing new for 8 hours; 13 items were expected (40 a day)",
    )
    return msgspec.structs.replace(found, **fields)


def source_mention(name: str = "Radio") -> Mention:
    return Mention(
        article="",
        story=f"http://{name.lower()}.example/feed|silent|2026-03-14T04:00:00+00:00",
        title=f"{name} went silent",
        source=name,
        url=f"http://{name.lower()}.example/feed",
        language="",
        published=None,
        seen=NOW,
        sentence="",
        marks=(),
        clause="",
        places=(),
        source_news=SourceNews(
            status="silent",
            since=NOW - timedelta(hours=8),
            expected=13.2,
            per_day=40.0,
            reason="nothing new for 8 hours; 13 items were expected (40 a day)",
        ),
    )


def alert(number: int = 1, channel: str = "desk", **fields: Any) -> Alert:
    found = Alert(
        key=f"talks|{number}|{channel}",
        alert="talks",
        severity="warning",
        channel=channel,
        query='"peace talks"',
        reason="the first article of its story",
        mentions=(mention(number),),
        coverage=Coverage(40, 38, ("Radio A", "Radio B")),
        fired=NOW + timedelta(seconds=1),
    )
    return msgspec.structs.replace(found, **fields)
