"""Paths and URLs of everything on the outlets' sites.

All URLs have the form `http://HOST:PORT/...`; the names under `.example` are reserved (RFC 2606), so a client
must be configured to connect to the demo server instead.
"""

from collections.abc import Mapping

import msgspec

from demo.world import Article, Feed, Outlet, World

FRONT = "/"
ROBOTS = "/robots.txt"


class FrontPage(msgspec.Struct, frozen=True):
    """The address of an outlet's front page."""


class Robots(msgspec.Struct, frozen=True):
    """The address of an outlet's robots.txt."""


class FeedOf(msgspec.Struct, frozen=True):
    """The address of a feed."""

    feed: Feed


class PageOf(msgspec.Struct, frozen=True):
    """The address of an article's readable form: usually its page."""

    article: Article


class PictureOf(msgspec.Struct, frozen=True):
    """The address of an article's picture."""

    article: Article


class Moved(msgspec.Struct, frozen=True):
    """An address that redirects to another."""

    article: Article
    status: int
    path: str


Target = FrontPage | Robots | FeedOf | PageOf | PictureOf | Moved


def url(outlet: Outlet, path: str, port: int) -> str:
    """The URL of a path on an outlet's site."""
    return f"http://{outlet.host}:{port}{path}"


def feed_url(outlet: Outlet, feed: Feed, port: int) -> str:
    """The URL of a feed."""
    return url(outlet, feed.path, port)


def article_url(article: Article, port: int) -> str:
    """The canonical URL of an article; of one that is a PDF, the URL of the file."""
    return url(article.outlet, article_path(article), port)


def linked_url(article: Article, feed: Feed, port: int) -> str:
    """The URL by which a feed names an article: the canonical one, unless it redirects or is tracked."""
    path = _moves(article)[0].path_from if article.fault == "redirects" else article_path(article)
    return url(article.outlet, path + (f"?{feed.tracking}" if feed.tracking else ""), port)


def picture_url(article: Article, port: int) -> str:
    """The URL of an article's picture; '' if it has none."""
    return url(article.outlet, picture_path(article), port) if article.image else ""


def article_path(article: Article) -> str:
    """The path of an article's page."""
    if article.fault == "pdf":
        return f"/files/{article.slug}.pdf"
    return article.outlet.article_path.format(
        year=f"{article.published:%Y}",
        month=f"{article.published:%m}",
        day=f"{article.published:%d}",
        section=article.section,
        slug=article.slug,
    )


def picture_path(article: Article) -> str:
    """The path of an article's picture."""
    return f"/images/{article.image}.svg"


class _Move(msgspec.Struct, frozen=True):
    path_from: str
    status: int
    path_to: str


def _moves(article: Article) -> tuple[_Move, ...]:
    """The redirects that lead from the feed's link to the page: a short link, then a former address."""
    short, former = f"/s/{article.slug}", f"/old/{article.slug}"
    return _Move(short, 302, former), _Move(former, 301, article_path(article))


def site_map(world: World) -> Mapping[tuple[str, str], Target]:
    """What is at each (host, path) of the world."""
    targets: dict[tuple[str, str], Target] = {}
    for outlet in world.outlets:
        targets[outlet.host, FRONT] = FrontPage()
        targets[outlet.host, ROBOTS] = Robots()
        for feed in outlet.feeds:
            targets[outlet.host, feed.path] = FeedOf(feed)
    for article in world.articles:
        host = article.outlet.host
        targets[host, article_path(article)] = PageOf(article)
        if article.image:
            targets[host, picture_path(article)] = PictureOf(article)
        if article.fault == "redirects":
            for move in _moves(article):
                targets[host, move.path_from] = Moved(article, move.status, move.path_to)
    return targets
