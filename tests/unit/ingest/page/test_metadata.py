import lxml.html
import pytest

from ingest.page.dates import Dated
from ingest.page.metadata import Metadata, primary_language, read_metadata, same_site

URL = "https://news.example/world/story.html"


def read(head: str = "", body: str = "", *, known: str = "", attributes: str = "") -> Metadata:
    document = f"<html {attributes}><head>{head}</head><body>{body}</body></html>"
    return read_metadata(lxml.html.document_fromstring(document), URL, known)


def json_ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


@pytest.mark.parametrize(
    ("head", "body", "known", "title"),
    [
        (
            '<meta property="og:title" content="Talks begin - The News">',
            "<h1>Talks begin</h1>",
            "",
            "Talks begin",
        ),
        (
            "",
            "<h1>The News</h1><h1>Talks begin in the city</h1>",
            "Talks begin in the city",
            "Talks begin in the city",
        ),
        ('<meta property="og:title" content="Talks begin">', "<h1>World</h1>", "", "Talks begin"),
        (json_ld('{"@type":"Article","headline":"Q&amp;A: talks"}'), "", "", "Q&A: talks"),
        (
            "<title>Talks begin | The News</title><meta property=og:site_name content='The News'>",
            "",
            "",
            "Talks begin",
        ),
        ("<title>Talks begin | Late</title>", "", "", "Talks begin | Late"),
        ("", "", "As the feed has it", "As the feed has it"),
        ("", "", "", ""),
    ],
)
def test_title(head: str, body: str, known: str, title: str) -> None:
    assert read(head, body, known=known).title.text == title


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        (json_ld('{"@type":"NewsArticle","author":["By Ann Writer",{"name":"Bo Scribe"},{"name":"Ann Writer"}]}'),
         ("Ann Writer", "Bo Scribe")),
        ('<meta name="author" content="Von Eva Feder">', ("Eva Feder",)),
        ('<meta name="author" content="desk@news.example"><meta name="byl" content="https://x.example/me">', ()),
        (f'<meta name="author" content="{"x" * 101}">', ()),
        ("", ()),
    ],
)  # fmt: skip
def test_authors(head: str, authors: tuple[str, ...]) -> None:
    assert read(head).authors.names == authors


def test_dates_that_are_marked_come_in_order_of_trust() -> None:
    head = (
        '<meta name="date" content="2016-03-12"><meta property="article:published_time" content="2016-03-13">'
        + json_ld('{"@type":"Report","dateCreated":"2016-03-15","datePublished":"2016-03-14"}')
    )
    body = '<time itemprop="datePublished" datetime="2016-03-11">x</time>'
    found = [
        ("2016-03-14", "json-ld"),
        ("2016-03-15", "json-ld"),
        ("2016-03-13", "meta"),
        ("2016-03-12", "meta"),
        ("2016-03-11", "meta"),
    ]
    assert read(head, body).dates == tuple(Dated(value, source) for value, source in found)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attributes", "head", "language"),
    [
        ("lang=en-GB", "", "en"),
        ("lang=DE_at", "", "de"),
        ("", '<meta property="og:locale" content="fr_FR">', "fr"),
        ("lang=deu", '<meta http-equiv="content-language" content="de, en">', "de"),
        ("", "", ""),
    ],
)
def test_declared_language(attributes: str, head: str, language: str) -> None:
    assert read(head, attributes=attributes).language == language


@pytest.mark.parametrize(
    ("tag", "code"), [("pt-BR", "pt"), ("", ""), ("e", ""), ("english", ""), ("zh_Hant_TW", "zh")]
)
def test_primary_language(tag: str, code: str) -> None:
    assert primary_language(tag) == code


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("/a.jpg?utm_source=x", "https://news.example/a.jpg"),
        ("data:image/png;base64,xx", ""),
        ("javascript:x", ""),
        ("http://[", ""),
    ],
)
def test_image_is_an_absolute_web_address(image: str, expected: str) -> None:
    assert read(f'<meta property="og:image" content="{image}">').image == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("//news.example/other", "https://news.example/other"),
        ("other.html#top", "https://news.example/world/other.html"),
        ("https://news.example/en/", ""),
        ("https://news.example.evil.example/story", ""),
        ("", ""),
    ],
)
def test_canonical(link: str, expected: str) -> None:
    assert read(f'<link rel="Canonical" href="{link}">').canonical == expected


def test_og_url_stands_in_for_a_canonical_link_that_can_not_be() -> None:
    head = '<link rel=canonical href="https://other.example/x"><meta property="og:url" content="https://news.example/story">'
    assert read(head).canonical == "https://news.example/story"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.a.example/x", "http://a.example/y", True),
        ("https://m.a.example", "https://www.a.example", True),
        ("https://world.a.example", "https://a.example", True),
        ("https://a.example", "https://b.example", False),
        ("https://xa.example", "https://a.example", False),
        ("http://example/", "http://a.example/", False),
    ],
)
def test_same_site(one: str, other: str, same: bool) -> None:
    assert same_site(one, other) is same
    assert same_site(other, one) is same
