"""Rare forms of RSS and Atom that are in use."""

import base64

import pytest

from ingest.formats.feeds import Item, ParsedFeed, parse_feed

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>'


def read(body: str | bytes) -> ParsedFeed:
    raw = body if isinstance(body, bytes) else body.encode()
    return parse_feed(raw, "application/xml", "", "https://harbour.example/feed")


def only(body: str | bytes) -> Item:
    (item,) = read(body).items
    return item


def rss(*parts: str, about: str = "") -> str:
    items = "".join(f"<item>{part}</item>" for part in parts)
    link = "<link>https://harbour.example/</link>"
    return f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{link}{about}{items}</channel></rss>'


def atom(entry: str, about: str = "") -> str:
    return f"{ATOM}{about}<entry>{entry}</entry></feed>"


@pytest.mark.parametrize("codec", ["utf-32", "utf-32-le", "utf-32-be", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("declared", ["", '<?xml version="1.0" encoding="utf-8"?>'])
def test_wide_encodings_are_known_by_their_look(codec: str, declared: str) -> None:
    assert only((declared + rss("<title>Größe</title>")).encode(codec)).title == "Größe"


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ('<link xml:base="https://other.example/d/" href="a.html"/>', "https://other.example/d/a.html"),
        (
            '<link rel="self" href="/self"/><link type="application/json" href="/j"/><link type="text/html" href="/h"/>',
            "https://harbour.example/h",
        ),
        ('<link hreflang="fr" href="/fr"/><link href="/en"/>', "https://harbour.example/en"),
        (
            '<link rel="http://www.iana.org/assignments/relation/alternate" href="/a"/>',
            "https://harbour.example/a",
        ),
        ('<link rel="nofollow alternate" href="/a"/>', "https://harbour.example/a"),
        ('<content src="https://harbour.example/out-of-line"/>', "https://harbour.example/out-of-line"),
    ],
)
def test_the_link_of_an_atom_entry(links: str, url: str) -> None:
    assert only(atom(f"<title>x</title>{links}")).url == url


def test_atom_in_base64() -> None:
    title, text = (base64.b64encode(text.encode()).decode() for text in ("Süß", "<p>Hello</p>"))
    item = only(
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><link href="https://harbour.example/b"/>'
        f'<title mode="base64">{title}</title><content type="text/html" mode="base64">{text}</content></entry></feed>'
    )
    assert (item.title, item.content_html) == ("Süß", "<p>Hello</p>")


@pytest.mark.parametrize(
    ("guid", "url"),
    [
        ("<guid>/post/1</guid>", "https://harbour.example/post/1"),
        ('<guid isPermaLink="false">/post/1</guid>', ""),
        ("<guid>post-1</guid>", ""),
        ("<guid>//elsewhere.example/post/1</guid>", ""),
    ],
)
def test_a_relative_id_is_an_address_unless_the_feed_says_otherwise(guid: str, url: str) -> None:
    assert only(rss(f"<title>x</title>{guid}")).url == url


@pytest.mark.parametrize(
    ("carried", "url", "enclosure"),
    [
        (
            '<enclosure url="/talks.mp3" type="audio/mpeg" length="1"/>',
            "",
            "https://harbour.example/talks.mp3",
        ),
        (
            '<enclosure url="https://harbour.example/talks" type="text/html"/>',
            "https://harbour.example/talks",
            "",
        ),
        ('<link>/a</link><enclosure url="/talks.mp3"/>', "https://harbour.example/a", ""),
        ('<enclosure url="javascript:alert(1)"/>', "", ""),
    ],
)
def test_a_file_that_an_item_carries(carried: str, url: str, enclosure: str) -> None:
    item = only(rss(f"<title>Episode on peace talks</title>{carried}"))
    assert (item.url, item.enclosure) == (url, enclosure)


def test_a_feeds_author_is_the_author_of_items_without_one() -> None:
    by = "<dc:creator>Ann</dc:creator>"
    named, unnamed = read(
        rss("<title>a</title><dc:creator>Bo</dc:creator>", "<title>b</title>", about=by)
    ).items
    assert (named.author, unnamed.author) == ("Bo", "Ann")
    assert (
        only(rss("<title>x</title>", about="<managingEditor>desk@harbour.example</managingEditor>")).author
        == ""
    )


@pytest.mark.parametrize("lost", [0, 1])
def test_an_item_without_its_end_tag_is_read(lost: int) -> None:
    items = [f"<item><title>{n}</title><link>https://harbour.example/{n}</link></item>" for n in range(2)]
    items[lost] = items[lost].removesuffix("</item>")
    found = read(f'<rss version="2.0"><channel>{"".join(items)}</channel></rss>').items
    assert [item.title for item in found] == ["0", "1"]
