import lxml.html
import pytest

from ingest.page.authors import Authors, read_authors


def read(
    body: str = "", *, json_ld: tuple[str, ...] = (), site: str = "The News", host: str = "", **meta: str
) -> Authors:
    tree = lxml.html.document_fromstring(f"<html><body>x{body}</body></html>")
    return read_authors(tree, json_ld, meta, site, host)


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
def test_lines_that_are_not_bylines(byline: str) -> None:
    assert read(byline).names == ()


def test_the_outlet_is_not_an_author() -> None:
    assert read(json_ld=("The News",), author="news.example.com", byl="By Ann Writer").names == (
        "Ann Writer",
    )


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Text and interview: Cy Pen", "Cy Pen"),
        ("The News - Cy Pen", "Cy Pen"),
        ("Cy Pen | The News", "Cy Pen"),
        ("Cy Pen, dpa", "Cy Pen"),
        ("Cy Pen (AFP)", "Cy Pen"),
        ("Ann Writer, Bo Scribe und Cy Pen, NDR", "Ann Writer, Bo Scribe und Cy Pen"),
        ("Cy PenCy Pen", "Cy Pen"),
        ("Escrito por Cy Pen", "Cy Pen"),
        ("cypen1984", "cypen1984"),
    ],
)
def test_words_around_a_name_are_left_out(told: str, name: str) -> None:
    assert read(json_ld=(told,)).names == (name,)


@pytest.mark.parametrize(
    "told",
    [
        "News House GmbH",
        "Society of Friends e.V.",
        "Harbour Post (www.harbour.example)",
        "Redaktion Politik",
        "Auteurs",
        "Veröffentlicht am",
        "Posted on",
        "In 2016 words",
        "designed by Cy",
    ],
)
def test_a_firm_a_desk_and_a_label_are_not_authors(told: str) -> None:
    assert read(json_ld=(told,)).names == ()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Posted by Cy Pen under Politics", "Cy Pen"),
        ("Posted by Cy Pen @ 12:00", "Cy Pen"),
        ("Posted on March 14, 2016 by Cy Pen", "Cy Pen"),
        ("Veröffentlicht am 14. März von Cy Pen", "Cy Pen"),
        ("Publié par Cy Pen le 14 mars", "Cy Pen"),
    ],
)
def test_a_line_that_says_who_posted_it(line: str, name: str) -> None:
    assert read(f"<div>{line}</div>") == Authors((name,), "text")
    assert read(f"<div class=byline>{line}</div>").names == (name,)


def test_each_of_several_linked_authors() -> None:
    links = "<a href=/a>Ann Writer</a>, <a href=/b>Bo Scribe</a> &amp; <a href=/c>Cy Pen</a>"
    assert read(f"<p class=author>By {links}</p>").names == ("Ann Writer", "Bo Scribe", "Cy Pen")
    assert read("<p class=author>By <a>Ann Writer</a>, our woman in <a>Geneva</a></p>").names == (
        "Ann Writer",
    )


def test_the_name_in_the_host_and_a_slug_count_only_as_a_last_resort() -> None:
    byline = "<p class=byline>By Cy Pen</p>"
    assert read(byline, json_ld=("Harbour Post",), host="www.harbour-post.example").names == ("Cy Pen",)
    assert read(byline, json_ld=("ann-writer",)).names == ("Cy Pen",)
    assert read(json_ld=("Ann Writer",), host="annwriter.example").names == ("Ann Writer",)


def test_the_footer_of_an_article_has_its_byline() -> None:
    byline = "<span class=author>Cy Pen</span>"
    assert read(f"<article><footer>{byline}</footer></article>").names == ("Cy Pen",)
