import lxml.html
import pytest

from ingest.page.pagination import has_next, next_page

URL = "https://news.example/world/talks"
NEXT = [
    (URL, "/world/talks/2"),
    (URL, "talks?page=2"),
    (URL, "/world/talks/page/2/"),
    (URL, "/world/talks/seite-2"),
    (URL + "/", "?page=2"),
    (URL + ".html", "talks-2.html"),
    (URL + ".html", "talks_seite-2.html"),
    (URL + "?id=7", "?id=7&page=2"),
    (URL + "?page=1", "?page=2"),
    (URL + "/12345", "/world/talks/12345/2"),
]
NOT_NEXT = [
    (URL, "/world/other"),  # the next article
    (URL, "/world/talks/3"),
    (URL, "/world/talks?page=1"),
    (URL, "https://evil.example/world/talks?page=2"),
    (URL, "/world/talks/comment-page-2"),
    (URL, ""),
    (URL, "mailto:ann@news.example"),
    (URL, "http://["),
    (URL + "/2", "/world/talks"),
    ("https://news.example/world/11", "/world/12"),  # numbers of articles
]


@pytest.mark.parametrize(("url", "link"), NEXT)
def test_the_next_page_by_its_relation(url: str, link: str) -> None:
    for tag in (f'<link href="{link}" rel="next">', f"<a class=x rel='nofollow next' href='{link}'>on</a>"):
        found = next_page(tag.encode(), url, url, 1)
        assert found.startswith("https://news.example/world/talks"), tag
        assert has_next(lxml.html.document_fromstring(f"<html><body>{tag}</body></html>"), url, url, 1)


@pytest.mark.parametrize(("url", "link"), NOT_NEXT)
def test_links_that_are_not_the_next_page(url: str, link: str) -> None:
    tag = f'<link rel="next" href="{link}"><a href="{link}">2</a>'
    assert next_page(tag.encode(), url, url, 1) == ""
    assert not has_next(lxml.html.document_fromstring(f"<html><body>{tag}</body></html>"), url, url, 1)


@pytest.mark.parametrize("words", ["2", "Next page »", "Nächste Seite", "Page suivante", "下一页"])
def test_a_link_by_number_or_words_shows_that_there_is_more(words: str) -> None:
    link = f'<a href="/world/talks?page=2">{words}</a>'
    assert has_next(lxml.html.document_fromstring(f"<html><body>{link}</body></html>"), URL, URL, 1)
    assert next_page(link.encode(), URL, URL, 1) == "", "it may lead anywhere: not followed"
    for name in ("comments", "related-list"):
        page = f"<html><body><div id={name}>{link}</div></body></html>"
        assert not has_next(lxml.html.document_fromstring(page), URL, URL, 1)


@pytest.mark.parametrize(
    "piece", ["<a ", '<a rel="next" ', "<link rel=next href=", '<a rel="x', "<a href='x' rel='"]
)
def test_hostile_markup_holds_nothing_up(piece: str) -> None:
    assert next_page(piece.encode() * 100_000, URL, URL, 1) == ""


def test_the_pages_are_counted_from_the_first() -> None:
    link = b'<link rel=next href="/world/talks/3">'
    assert next_page(link, URL + "/2", URL, 2) == URL + "/3"
    assert next_page(link, URL + "/2", URL, 1) == ""
    assert next_page(link, URL + "/2", URL + "/2", 1) == "", "what begins with page 2 is not joined"
