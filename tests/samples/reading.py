"""An archive for the pages that are read: a story of several outlets in three languages, a copy, an edit, a withdrawal."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from index.embedded.store import EmbeddedStore
from index.store import Store
from ingest.edits.compare import read_again
from stream.messages import Article, Enriched, Entity, Span, TopicTag, article_id

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script>" onmouseover="alert(2)'
TALKS = "Ann Smith opened the talks in Geneva on Monday. Forty delegates came.\nThe talks will resume on Tuesday, Smith said."
COPIED = TALKS + "\nThe harbour was closed."
ARABIC = "افتتحت آن سميث المحادثات في جنيف يوم الاثنين."
STORY = article_id("https://wire.example/1")
IDS = {
    "Ann Smith": "wikidata:Q1",
    "Smith": "wikidata:Q1",
    "آن سميث": "wikidata:Q1",
    "Geneva": "wikidata:Q71",
    "جنيف": "wikidata:Q71",
}
NAMES = {"wikidata:Q1": ("Ann Smith", "person"), "wikidata:Q71": ("Geneva", "place")}


def article(url: str, source: str, title: str, text: str, *, minutes: int = 0, **fields: Any) -> Article:
    seen = NOON + timedelta(minutes=minutes)
    return Article(
        id=article_id(url), url=url, feed=f"{url}/rss", source=source, title=title, text=text, title_from="heading", seen=seen,
        fetched=seen, extracted=seen, content_status="full", published=seen, published_from="json-ld",
        published_precision="second", **fields,
    )  # fmt: skip


def enriched(one: Article, language: str = "en", *, story: str = "", copy_of: str = "") -> Enriched:
    return Enriched(
        article=one,
        language=language,
        topics=(TopicTag(topic="peace", name="Peace talks", clause="talks", spans=_spans(one, "talks")),),
        entities=_entities(one),
        story=story or one.id,
        copy_of=copy_of or one.id,
        enriched=one.extracted,
    )


def _entities(one: Article) -> tuple[Entity, ...]:
    found: dict[str, list[Span]] = {}
    for spelling in sorted(IDS, key=len, reverse=True):
        taken = found.setdefault(IDS[spelling], [])
        taken += [
            span for span in _spans(one, spelling)
            if not any(known.field == span.field and known.start <= span.start < known.end for known in taken)
        ]  # fmt: skip
    return tuple(
        Entity(id=key, name=NAMES[key][0], type=NAMES[key][1], spans=tuple(spans))  # type: ignore[arg-type]
        for key, spans in found.items()
        if spans
    )


def _spans(one: Article, words: str) -> tuple[Span, ...]:
    found = []
    for field, text in (("title", one.title), ("text", one.text)):
        at = text.find(words)
        while at >= 0:
            found.append(Span(field, at, at + len(words)))  # type: ignore[arg-type]
            at = text.find(words, at + 1)
    return tuple(found)


def edited() -> Article:
    """A report whose text was corrected after two hours."""
    first = article(
        "https://post.example/2",
        "Lowland Post",
        "Talks in Geneva put off",
        TALKS + " Then 163 people left.",
        minutes=30,
    )
    again = article(
        "https://post.example/2",
        "Lowland Post",
        "Talks in Geneva go on",
        TALKS + " Then 136 people left.",
        minutes=150,
    )
    later = read_again(first, again)
    assert later
    return later


def make_archive(folder: Path) -> None:
    """Write the archive into a folder."""
    with EmbeddedStore.open(folder, now=lambda: NOON) as store:
        fill(store)


def fill(store: Store) -> None:
    """Put the articles into a store."""
    first = article("https://wire.example/1", "Harbour Wire", "Talks open in Geneva", TALKS)
    store.add(enriched(first, story=STORY))
    store.add(enriched(edited(), story=STORY))
    copy = article("https://herald.example/3", "Valley Herald", "Talks open in Geneva", COPIED, minutes=60)
    seen_late = msgspec.structs.replace(copy, seen=NOON + timedelta(hours=9))
    store.add(enriched(seen_late, story=STORY, copy_of=STORY))
    store.add(
        enriched(
            article("https://nahr.example/4", "النهر", "محادثات في جنيف", ARABIC, minutes=90),
            "ar",
            story=STORY,
        )
    )
    store.add(enriched(article("https://bad.example/5", HOSTILE, HOSTILE, f"Chess. {HOSTILE}", minutes=100)))
    store.add(
        enriched(
            article(
                "https://zh.example/6",
                "Hafen",
                "港口重新开放",
                "港口周一重新开放。渡轮恢复运行。",
                minutes=110,
            ),
            "zh",
        )
    )
    store.flush()
