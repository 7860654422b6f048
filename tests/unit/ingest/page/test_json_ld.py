import json

import lxml.html
import pytest

from ingest.page.json_ld import JsonLd, names, read_json_ld, url_of


def read(*blocks: object) -> JsonLd:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(block)}</script>' for block in blocks)
    return read_json_ld(lxml.html.document_fromstring(f"<html><head>{scripts}</head><body>x</body></html>"))


def test_the_article_is_found_wherever_it_stands() -> None:
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
