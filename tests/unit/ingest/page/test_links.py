import lxml.html

from ingest.page.links import MOST_LINKS, links_out

URL = "https://news.example/a"


def links(body: str, text: str) -> tuple[str, ...]:
    return links_out(lxml.html.document_fromstring(f"<html><body>{body}</body></html>"), text, URL)


def test_links_of_the_text_in_order_each_once() -> None:
    body = (
        "<p>The <a href=/b>envoy</a> met <a href='https://other.example/c?utm_source=x'>both sides</a>, an "
        "<a href=/b>envoy</a> said."
        "<a href=#top>envoy</a><a href=/a>envoy</a><a href='javascript:x'>envoy</a><a href='mailto:x@y.example'>envoy</a></p>"
        "<nav><a href=/d>Home</a></nav>"
    )
    text = "The envoy met both sides, an envoy said."
    assert links(body, text) == ("https://news.example/b", "https://other.example/c")


def test_their_number_is_bounded() -> None:
    assert len(links("".join(f"<a href=/{n}>x</a>" for n in range(500)), "x")) == MOST_LINKS
