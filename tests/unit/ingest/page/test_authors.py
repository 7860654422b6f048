import lxml.html
import pytest

from ingest.page.authors import Authors, read_authors


def read(body: str = "", *, json_ld: tuple[str, ...] = (), site: str = "The News", **meta: str) -> Authors:
    tree = lxml.html.document_fromstring(f"<html><body>x{body}</body></html>")
    return read_authors(tree, json_ld, meta, site)


def test_json_ld_comes_before_meta_before_the_byline() -> None:
    byline = "<p class=byline>By Cy Pen</p>"
    assert read(byline, json_ld=("Ann Writer", "Bo Scribe"), author="Eva Feder") == Authors(
        ("Ann Writer", "Bo Scribe"), "json-ld"
    )
    assert read(byline, author="Eva Feder") == Authors(("Eva Feder",), "meta")
    assert read(byline) == Authors(("Cy Pen",), "text")
    assert read() == Authors((), "")


@pytest.mark.parametrize(
    ("byline", "name"),
    [
        ("<a rel=author href=/x>Cy Pen</a>", "Cy Pen"),
        ("<span itemprop=author>Cy Pen</span>", "Cy Pen"),
        ("<p class=article-author>Von Cy Pen, 14.03.2016</p>", "Cy Pen"),
        ("<div class=byline>By <a href=/cy>Cy Pen</a> Staff Writer</div>", "Cy Pen"),
        ("<div class=byline>Par Cy Pen | Publié le 14 mars</div>", "Cy Pen"),
        ("<div class=autor>Por: Cy Pen</div>", "Cy Pen"),
    ],
)
def test_bylines(byline: str, name: str) -> None:
    assert read(byline).names == (name,)


@pytest.mark.parametrize(
    "byline",
    [
        "<div class=comment><span class=author>Cy Pen</span></div>",
        "<footer><span class=author>Cy Pen</span></footer>",
        "<span class=author>Name *</span>",
        "<span class=author>cy@news.example</span>",
        "<span class=author>Cy says:</span>",
        "<span class=author>The News</span>",
        f"<span class=author>{'word ' * 30}</span>",
        "<span class=author></span>",
    ],
)
def test_what_is_no_byline(byline: str) -> None:
    assert read(byline).names == ()


def test_the_outlet_is_no_author() -> None:
    assert read(json_ld=("The News",), author="news.example.com", byl="By Ann Writer").names == (
        "Ann Writer",
    )
