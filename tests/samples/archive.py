"""A small archive in a data folder."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from index.embedded.store import EmbeddedStore
from stream.messages import Article, Enriched
from wirewatch.commands.settings import Settings


def report(name: str, published: datetime, **article: Any) -> Enriched:
    """An article of Radio's that is a story of its own; `article` as for Article."""
    given = {
        "id": name,
        "url": f"https://radio.example/{name}",
        "feed": "https://radio.example/rss",
        "source": "Radio",
        "title": f"Dam {name}",
        "text": "The dam holds.",
        "published": published,
        "content_status": "full",
        "seen": published,
        "fetched": published,
        "extracted": published,
    }
    made = Article(**{**given, **article})
    return Enriched(article=made, language="en", topics=(), entities=(), story=made.id, enriched=published)


def archive(settings: Settings, reports: Iterable[Enriched], now: datetime) -> None:
    """Fill the archive of an installation."""
    with EmbeddedStore.open(settings.paths.index, now=lambda: now) as store:
        for one in reports:
            store.add(one)
        store.flush()
