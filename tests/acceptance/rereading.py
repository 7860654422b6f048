"""A wirewatch that reads a small outlet every second, and each of its articles again every four."""

from datetime import datetime
from email.utils import format_datetime
from pathlib import Path

from acceptance.command import Wirewatch
from servers.newsroom import Newsroom

from index.store import Search
from query.parse import parse
from stream.errors import ConfigError, RetryLater
from stream.messages import Article
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths, load

AGAIN_SECONDS = range(4, 800, 4)


def rereading(room: Newsroom, folder: Path, alerts: str) -> Wirewatch:
    """The wirewatch, which reads the feed at /feed.

    Args:
        room: serves the outlet.
        folder: for all of its files.
        alerts: alerts.toml.
    """
    feeds, config, data = folder / "feeds.opml", folder / "wirewatch.toml", folder / "data"
    feeds.write_text(
        f'<opml version="2.0"><body><outline text="Harbour" xmlUrl="{room.url("/feed")}"/></body></opml>'
    )
    config.write_text(
        "[poll]\nevery_seconds = 1\nlongest_seconds = 2\n[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n"
        f"[edits]\nafter_hours = {[seconds / 3600 for seconds in AGAIN_SECONDS]}\n[web]\nport = 0\n"
    )
    data.mkdir()
    (data / "alerts.toml").write_text(alerts)
    return Wirewatch(data, config, feeds)


def archived(wirewatch: Wirewatch, query: str = "") -> dict[str, Article]:
    """The articles that a search finds, by the last part of their address; '' finds all."""
    paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
    wanted = parse(query) if query else None
    try:
        with open_store(load(wirewatch.config), paths, readonly=True) as store:
            articles = [
                hit.document.enriched.article for hit in store.search(Search(query=wanted, limit=100)).hits
            ]
    except (ConfigError, RetryLater):  # there is none yet
        return {}
    assert len({one.url for one in articles}) == len(articles), "an article is there twice"
    return {one.url.rpartition("/")[2]: one for one in articles}


def feed_of(room: Newsroom, titles: dict[str, str], published: datetime) -> tuple[str, str]:
    """The page of a feed.

    Args:
        room: serves it.
        titles: by the last part of the address.
        published: the date of all.
    """
    items = "".join(
        f"<item><title>{title}</title><link>{room.url('/' + slug)}</link>"
        f"<pubDate>{format_datetime(published)}</pubDate></item>"
        for slug, title in titles.items()
    )
    return "application/rss+xml", f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>"


def page_of(title: str, paragraphs: tuple[str, ...]) -> tuple[str, str]:
    """The page of an article."""
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        "text/html",
        f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>",
    )
