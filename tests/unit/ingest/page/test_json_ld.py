import json

import lxml.html
import pytest

from ingest.page.json_ld import JsonLd, Own, names, read_json_ld, url_of

URL = "https://harbour.example/2026/dredging"
TITLE = "Board agrees to dredge the channel"
PAGE = Own(URL, (), (TITLE,))
OWN = {"@type": "NewsArticle", "headline": TITLE, "datePublished": "2026-11-20"}
OTHER = {
    "@type": "NewsArticle",
    "headline": "Quite another story about cats",
    "url": "https://harbour.example/cats",
    "datePublished": "2020-01-01",
}


def read_text(*texts: str, own: Own = PAGE) -> JsonLd:
    scripts = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    return read_json_ld(
        lxml.html.document_fromstring(f"<html><head>{scripts}</head><body>x</body></html>"), own
    )


def read(*blocks: object) -> JsonLd:
    return read_text(*(json.dumps(block) for block in blocks))


def test_the_article_is_found_wherever_it_is() -> None:
    article = {"@type": ["NewsArticle"], "headline": "Talks"}
    for block in (article, [article], {"@graph": [{"@type": "WebSite"}, article]}, {"mainEntity": article}):
        assert read(block).article == article
    assert read({"@type": "WebPage", "x": 1}).page == {"@type": "WebPage", "x": 1}
    assert read().article == {}


def test_a_text_comes_before_a_video() -> None:
    video, article = {"@type": "VideoObject"}, {"@type": "Article"}
    assert read(video, article).article == article
    assert read(video).article == video
    assert read(video, article).types == {"VideoObject", "Article"}


def test_names_are_read_also_where_they_are_only_referred_to() -> None:
    found = read(
        {"@graph": [{"@type": "Article", "author": {"@id": "#ann"}}, {"@id": "#ann", "name": "Ann Writer"}]}
    )
    assert names(found.article["author"], found.by_id) == ["Ann Writer"]
    assert names(["Bo", {"name": "Cy"}, {"@id": "#nobody"}, 7, None], found.by_id) == ["Bo", "Cy"]


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("/a.jpg", "/a.jpg"),
        ({"url": "/a.jpg"}, "/a.jpg"),
        (["/a.jpg", "/b.jpg"], "/a.jpg"),
        ([], ""),
        (7, ""),
        ({"url": 7}, ""),
    ],
)
def test_images(value: object, url: str) -> None:
    assert url_of(value) == url


J = json.dumps({"@type": "NewsArticle", "headline": 'A, } // " <!-- title'})


@pytest.mark.parametrize(
    "text",
    [
        f"//<![CDATA[\n{J}\n//]]>",
        f"/*<![CDATA[*/{J}/*]]>*/",
        f"<!--\n{J}\n-->",
        f"{J[:-1]},}}",
        f"[{J}, ]",
        f"{J};",
        '{"@type":"Organization","name":"N"}' + J,
        f"// made by hand\n{J} /* the end */",
        f"{J[:-1]}, /* no more */ }}",
    ],
)
def test_json_as_it_is_really_written(text: str) -> None:
    assert read_text(text).article == json.loads(J)


@pytest.mark.parametrize(
    "text", ["", ";", "{", "/* " * 1_000, '"' * 999, ", " * 999, " " * 9_999, "{" * 9_999]
)
def test_invalid_json_is_left_out(text: str) -> None:
    assert read_text(text).article == {}


@pytest.mark.parametrize(
    "blocks",
    [
        [[OTHER, OWN]],
        [{"@graph": [OTHER, OWN]}],
        [OTHER, OWN],
        [{"@type": "WebPage", "hasPart": [OTHER, OWN]}],
        [{"@type": "WebPage", "mainEntity": OWN, "hasPart": OTHER}],
    ],
)
def test_the_pages_own_article_is_distinguished_from_others(blocks: list[object]) -> None:
    assert read(*blocks).article == OWN


def test_an_article_with_another_address_and_headline_is_not_the_pages() -> None:
    assert read(OTHER).article == {}
    assert read(OTHER).types == frozenset()


@pytest.mark.parametrize(
    "fields",
    [
        {"url": URL, "headline": "Dredging agreed"},
        {"url": "http://www.harbour.example/2026/dredging/", "headline": "x"},
        {"url": "/2026/dredging#main", "headline": "x"},
        {"mainEntityOfPage": {"@type": "WebPage", "@id": URL}, "headline": "x"},
        {"url": "https://agency.example/wire/77", "headline": TITLE},
        {"url": "https://harbour.example/", "headline": "x"},
        {"headline": "x"},
        {},
    ],
)
def test_what_may_be_the_pages_own(fields: dict[str, object]) -> None:
    node = {"@type": "Article", **fields}
    assert read(node).article == node


def test_by_its_canonical_address_too() -> None:
    node = {"@type": "Article", "url": "https://harbour.example/id/77", "headline": "x"}
    assert read(node).article == {}
    own = Own(URL, ("https://harbour.example/id/77",), (TITLE,))
    assert read_text(json.dumps(node), own=own).article == node


@pytest.mark.parametrize(
    ("author", "name"),
    [
        ({"givenName": "Ann", "familyName": "Lee"}, "Ann Lee"),
        ({"givenName": "Ann", "additionalName": "B.", "familyName": "Lee"}, "Ann B. Lee"),
        ({"name": "Ann&nbsp;Lee"}, "Ann\xa0Lee"),
        ("O&#39;Hara", "O'Hara"),
    ],
)
def test_names_in_parts_and_with_entities(author: object, name: str) -> None:
    assert names(author, {}) == [name]
