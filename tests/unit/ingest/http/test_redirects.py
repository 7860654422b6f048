from hypothesis import given
from hypothesis import strategies as st

from ingest.http.redirects import absolute
from stream.errors import Reject


def test_urls_are_read_as_browsers_read_them() -> None:
    assert absolute(" HTTP://Bücher.example\\a b/../c?ü#d") == "http://xn--bcher-kva.example/c?%C3%BC"
    assert absolute("?q", "https://example.org/a/b") == "https://example.org/a/b?q"


@given(st.text(max_size=40))
def test_any_text_is_a_url_or_is_refused(text: str) -> None:
    try:
        url = absolute(text, "http://example.org/")
    except Reject:
        return
    assert absolute(url) == url
