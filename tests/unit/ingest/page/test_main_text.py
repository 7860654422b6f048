import lxml.html

from ingest.page.main_text import main_text

SENTENCE = "The envoy is to meet both delegations again on Wednesday, and to report to the council after that meeting. "
URL = "https://news.example/a"


def read(body: str) -> str:
    tree = lxml.html.document_fromstring(f"<html><body>{body}</body></html>")
    return main_text(tree, URL, "Forces to leave", "").text


def test_an_article_is_read_without_its_boxes() -> None:
    body = f"<h1>Forces to leave</h1><article><p>{SENTENCE * 3}</p><div class=related><p>Other news</p></div></article>"
    assert read(body) == (SENTENCE * 3).strip()


def test_prose_in_unusual_containers_is_found_by_the_second_reading() -> None:
    sections = "".join(f"<div class=teaser><p>{n}. {SENTENCE * 3}</p></div>" for n in range(8))
    text = read(f"<h1>Forces to leave</h1>{sections}")
    assert [line[0] for line in text.split("\n")] == [str(n) for n in range(8)]


def test_the_page_is_read_with_its_boxes_if_nothing_else_is_left() -> None:
    assert read(f"<div class=newsletter><p>{SENTENCE * 2}</p></div>") == (SENTENCE * 2).strip()


def test_a_page_without_text_has_none() -> None:
    assert read("<nav><a href=/>Home</a></nav>") == ""


def test_the_tree_stays_as_it_is() -> None:
    tree = lxml.html.document_fromstring(f"<html><body><p class=share>x</p><p>{SENTENCE}</p></body></html>")
    before = lxml.html.tostring(tree)
    main_text(tree, URL, "", "")
    assert lxml.html.tostring(tree) == before
