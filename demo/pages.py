"""Article pages and front pages as HTML, in the outlet's look, language and charset."""

from collections.abc import Sequence

import msgspec

from demo.addresses import FRONT, article_path, article_url, feed_url, picture_url, url
from demo.feeds import MEDIA_TYPES
from demo.templating import environment
from demo.world import Article, Labels, Outlet, World

RELATED = 4
"""How many earlier articles a page points to."""


class Link(msgspec.Struct, frozen=True):
    """A headline that points somewhere."""

    title: str
    path: str


def charset_of(article: Article) -> str:
    """The charset that an article's page is really in, whatever it declares."""
    return "windows-1252" if article.fault == "mislabelled-charset" else article.outlet.charset


def render_article(world: World, article: Article, out: Sequence[Article], port: int) -> bytes:
    """An article's page, in `charset_of` it.

    Args:
        world: where the labels are.
        article: what to show.
        out: all published articles, in publishing order: where the related headlines come from.
        port: where the server listens.
    """
    outlet, labels = article.outlet, world.labels[article.outlet.language]
    canonical = article_url(article, port)
    html = (
        environment()
        .get_template(f"{outlet.look}.html.j2")
        .render(
            outlet=outlet,
            article=article,
            labels=labels,
            canonical=canonical,
            canonical_link=article_path(article) if outlet.relative_canonical else canonical,
            image=picture_url(article, port),
            home=url(outlet, FRONT, port),
            date=written_date(article, labels),
            related=_related(article, out),
            direction=direction(outlet),
        )
    )
    return html.encode(charset_of(article), errors="xmlcharrefreplace")


def render_front(world: World, outlet: Outlet, out: Sequence[Article], port: int) -> bytes:
    """An outlet's front page: its published articles, newest first, and the links to its feeds."""
    own = [article for article in reversed(out) if article.outlet.host == outlet.host]
    html = (
        environment()
        .get_template("front.html.j2")
        .render(
            outlet=outlet,
            labels=world.labels[outlet.language],
            articles=[(article, article_path(article)) for article in own],
            feeds=[
                (feed.title, MEDIA_TYPES[feed.format], feed_url(outlet, feed, port)) for feed in outlet.feeds
            ],
            direction=direction(outlet),
        )
    )
    return html.encode(outlet.charset, errors="xmlcharrefreplace")


def render_picture(article: Article) -> bytes:
    """A drawn stand-in for an article's picture, as SVG in UTF-8."""
    return environment().get_template("picture.svg.j2").render(article=article).encode()


def written_date(article: Article, labels: Labels) -> str:
    """The time of publishing as the outlet writes it, such as `14 March 2016, 18:40`."""
    moment = article.published
    return labels.date.format(
        day=moment.day, month=labels.months[moment.month - 1], year=moment.year, time=f"{moment:%H:%M}"
    )


def direction(outlet: Outlet) -> str:
    """The value of HTML's `dir` attribute: `rtl` for Arabic, the one such language of the world."""
    return "rtl" if outlet.language == "ar" else "ltr"


def _related(article: Article, out: Sequence[Article]) -> list[Link]:
    """The outlet's earlier articles: those that share most tags first, then the newest."""
    earlier = [
        other
        for other in reversed(out)
        if other.outlet.host == article.outlet.host and other.published < article.published
    ]
    closest = sorted(earlier, key=lambda other: -len(set(other.tags) & set(article.tags)))
    return [Link(other.title, article_path(other)) for other in closest[:RELATED]]
