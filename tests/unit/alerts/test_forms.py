import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.strangers import HOSTILE

from alerts.forms import CHAT, CHAT_HTML, HTML, MARKDOWN, PLAIN, Form
from stream.links import LONGEST_LINK, web_address

FORMS = [PLAIN, CHAT, MARKDOWN, HTML, CHAT_HTML]


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://herald.example/a?b=c&d=%20#e", "https://herald.example/a?b=c&d=%20#e"),
        ("HTTP://Herald.example:8080/", "http://herald.example:8080/"),
        ("http://[::1]:9/x", "http://[::1]:9/x"),
        ("https://bücher.example/статья", "https://bücher.example/статья"),
        (
            "https://herald.example/@me/(x)*[y]?q=<s>",
            "https://herald.example/%40me/%28x%29*%5By%5D?q=%3Cs%3E",
        ),
        ("https://herald.example/a//b \u202e\"'", "https://herald.example/a//b%20%E2%80%AE%22%27"),
        ("https://bank.example@evil.example/", "https://evil.example/"),
        ("https://me:secret@herald.example/", "https://herald.example/"),
        ("javascript:alert(1)", ""),
        ("data:text/html,<b>", ""),
        ("file:///etc/passwd", ""),
        ("//herald.example/", ""),
        ("http://", ""),
        ("http://[::1", ""),
        ("http://herald.example:port/", ""),
        ("http://he\u202erald.example/", ""),
        ("http://herald.example\x1b/", ""),
        (f"http://herald.example/{'x' * LONGEST_LINK}", ""),
        ("", ""),
    ],
)
def test_an_address_that_a_reader_may_follow(url: str, address: str) -> None:
    assert web_address(url) == address


@pytest.mark.parametrize(
    ("form", "written"),
    [
        (PLAIN, "a <b> @all [x](y) http://z *c*"),
        (CHAT, "a <\u200bb> @\u200ball [x]\u200b(y) http:\u200b//z *c*"),
        (MARKDOWN, "a <\u200bb\\> @\u200ball \\[x\\]\\(y\\) http:\u200b//z \\*c\\*"),
        (HTML, "a &lt;b&gt; @all [x](y) http://z *c*"),
        (CHAT_HTML, "a &lt;b&gt; @\u200ball [x](y) http:\u200b//z *c*"),
    ],
)
def test_each_form_escapes_what_it_can_and_splits_the_rest(form: Form, written: str) -> None:
    assert form.words("a <b> @all [x](y) http://z *c*") == written


@pytest.mark.parametrize("form", FORMS)
def test_harmless_text_is_written_unchanged(form: Form) -> None:
    for text in ("Powers agree: 3 < 4, at 5 @ 6", "Президент сказал: «да»", "می‌خواهم"):
        assert html.unescape(form.words(text)) == text


@pytest.mark.parametrize("form", FORMS)
@given(text=st.sampled_from(HOSTILE) | st.text(max_size=200))
def test_a_strangers_text_is_one_line_that_can_be_shown(form: Form, text: str) -> None:
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", form.words(text))


@given(
    text=st.sampled_from(HOSTILE) | st.text(alphabet="@<!]([*_`:/h#\\a ", max_size=50), cut=st.integers(0, 50)
)
def test_active_text_is_split_even_where_a_mark_cuts_it(text: str, cut: int) -> None:
    for form in (CHAT, MARKDOWN):
        written = form.words(text[:cut]) + form.words(text[cut:])
        for acts in ("@everyone", "@U", "@a", "<!", "<@", "<a", "<img", "](", "h://"):
            assert acts not in written.replace("\\](", "").replace("\\]\\(", "")


def test_links_show_their_host() -> None:
    address = web_address("https://herald.example/a?b&c")
    assert PLAIN.link(address) == CHAT.link(address) == address
    assert MARKDOWN.link(address) == f"[herald.example]({address})"
    assert HTML.link(address) == (
        '<a href="https://herald.example/a?b&amp;c">https://herald.example/a?b&amp;c</a>'
    )


def test_lines_and_paragraphs_stay_apart() -> None:
    page = [["a", "b"], ["c"]]
    assert PLAIN.page(page) == "a\nb\n\nc"
    assert MARKDOWN.page(page) == "a  \nb\n\nc"
    assert HTML.page(page) == "a<br>b<br><br>c"
    assert CHAT_HTML.page(page) == "a<br>b<br>\u200b<br>c"
