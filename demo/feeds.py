"""The outlets' feeds (RSS 2.0, RSS 1.0, Atom: RFC 4287, JSON Feed 1.1) and the OPML 2.0 list of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from itertools import groupby
from types import MappingProxyType

import msgspec

from demo.addresses import FRONT, article_url, feed_url, linked_url, picture_url, url
from demo.faults import damage_feed
from demo.templating import environment
from demo.world import Article, Feed, FeedFormat, Outlet, World, carries

WINDOW = 30
"""How many items a feed shows: the newest."""

MEDIA_TYPES: Mapping[FeedFormat, str] = MappingProxyType(
    {
        "rss2": "application/rss+xml",
        "rss1": "application/rdf+xml",
        "atom": "application/atom+xml",
        "json": "application/feed+json",
    }
)


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One article, as a feed shows it. `tag` is an id after RFC 4151; `rfc822` its date in RSS 2.0's form."""

    link: str
    canonical: str
    tag: str
    title: str
    summary: str
    author: str
    section: str
    image: str
    published: datetime
    rfc822: str


def listed(outlet: Outlet, feed: Feed, out: Sequence[Article]) -> list[Article]:
    """The published articles that a feed shows, newest first."""
    carried = [article for article in out if article.outlet.host == outlet.host and carries(feed, article)]
    return carried[: -WINDOW - 1 : -1]


def render_feed(outlet: Outlet, feed: Feed, out: Sequence[Article], port: int) -> bytes:
    """A feed as it is sent, in UTF-8.

    Args:
        outlet: whose feed it is.
        feed: one of the outlet's feeds.
        out: all published articles, in publishing order.
        port: where the server listens.
    """
    items = [_item(article, feed, port) for article in listed(outlet, feed, out)]
    if feed.format == "json":
        return _json_feed(outlet, feed, items, port)
    xml = (
        environment()
        .get_template(f"{feed.format}.xml.j2")
        .render(
            outlet=outlet,
            feed=feed,
            items=items,
            home=url(outlet, FRONT, port),
            address=feed_url(outlet, feed, port),
        )
    )
    return (damage_feed(xml) if feed.damaged else xml).encode()


def render_opml(world: World, port: int) -> str:
    """The list of all feeds as OPML 2.0, a folder for each `folder` of the outlets."""
    by_folder = groupby(sorted(world.outlets, key=_folder), key=_folder)
    folders = [
        (
            folder,
            [
                (outlet, feed, feed_url(outlet, feed, port), url(outlet, FRONT, port))
                for outlet in outlets
                for feed in outlet.feeds
            ],
        )
        for folder, outlets in by_folder
    ]
    return environment().get_template("feeds.opml.j2").render(folders=folders)


def _folder(outlet: Outlet) -> str:
    return outlet.folder


def _item(article: Article, feed: Feed, port: int) -> Item:
    return Item(
        link=linked_url(article, feed, port),
        canonical=article_url(article, port),
        tag=f"tag:{article.outlet.host},{article.published:%Y-%m-%d}:{article.slug}",
        title=article.title,
        summary=article.summary,
        author=article.author,
        section=article.section,
        image=picture_url(article, port),
        published=article.published,
        rfc822=format_datetime(article.published),
    )


def _json_feed(outlet: Outlet, feed: Feed, items: Sequence[Item], port: int) -> bytes:
    """A JSON Feed, version 1.1 (jsonfeed.org)."""
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": url(outlet, FRONT, port),
            "feed_url": feed_url(outlet, feed, port),
            "description": outlet.tagline,
            "language": outlet.language,
            "items": [_json_item(item) for item in items],
        }
    )


def _json_item(item: Item) -> dict[str, object]:
    members: dict[str, object] = {
        "id": item.tag,
        "url": item.link,
        "title": item.title,
        "content_text": item.summary,
        "date_published": item.published.isoformat(),
        "tags": [item.section],
    }
    if item.author:
        members["authors"] = [{"name": item.author}]
    if item.image:
        members["image"] = item.image
    return members
