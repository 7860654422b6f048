import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.display import one_line, to_json, visible, without_secrets

ACTING = [
    "\x00", "\x07", "\x1b", "\x7f", "\x80", "\x9b", "\x9d", "\u202a", "\u202e", "\u2066", "\u2069", "\ud800", "\ufffe",
]  # fmt: skip
HIDING = ["\xad", "\u200b", "\u200e", "\u200f", "\u061c", "\u2060", "\ufeff", "\U000e0041", "\u3164"]


@pytest.mark.parametrize("char", ACTING)
def test_control_characters_become_visible_replacements(char: str) -> None:
    assert visible(f"a{char}b") == "a\ufffdb"


@pytest.mark.parametrize("char", HIDING)
def test_hidden_characters_are_removed(char: str) -> None:
    assert visible(f"a{char}b") == "ab"


@pytest.mark.parametrize(
    "text",
    [
        "می\u200cخواهم",
        "क्\u200dष",
        "\U0001f469\u200d\U0001f680",
        "שלום",
        "naïve — “quoted”",
        "日本語",
        "é",
        "e\u0301",
        "\u2764\ufe0f",
    ],
)
def test_characters_that_scripts_need_stay(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize("text", ["pay\u200cpal", "\u200dx", "x\u200d", "می\u200c\u200c\u200cخواهم"])
def test_joiners_without_a_purpose_are_removed(text: str) -> None:
    assert visible(text) in ("paypal", "x", "می\u200cخواهم")


def test_marks_are_not_stacked_over_the_lines_above() -> None:
    assert len(visible("Z" + "\u0300" * 500)) <= 6


def test_line_breaks_stay_in_a_text_and_go_from_a_line() -> None:
    assert visible("a\r\nb\rc\td\u2028e") == "a\nb c d e"
    assert one_line("a\nb\x1b[2Jc") == "a b\ufffd[2Jc"


@given(st.text(max_size=300))
def test_any_text_is_made_one_line_which_stays_as_it_is(text: str) -> None:
    made = one_line(text, 50)
    assert len(made.splitlines()) <= 1
    assert len(made) <= 50
    assert one_line(made, 50) == made


def test_a_line_is_bounded() -> None:
    assert one_line("x" * 5000, 100) == "x" * 99 + "…"
    assert len(one_line("\u200b" * 5000 + "x", 100)) <= 100
    assert one_line("x" * 100, 100) == "x" * 100


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    for char in visible(text):
        assert char == "\n" or unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp"), hex(ord(char))
        assert not 0x202A <= ord(char) <= 0x202E
        assert not 0x2066 <= ord(char) <= 0x2069
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://me:s3cret@a.example/x?page=2", "http://me:***@a.example/x?page=2"),
        ("https://s3cret@a.example/", "https://***@a.example/"),
        ("mailto://me:s3cret@a.example", "mailto://me:***@a.example"),
        ("see http://me:s3@cret@a.example: failed", "see http://me:***@a.example: failed"),
        ("https://a.example/rss?api_key=s3cret&x=1", "https://a.example/rss?api_key=***&x=1"),
        ("https://a.example/rss?token=s3cret: it failed", "https://a.example/rss?token=***: it failed"),
        ("https://a.example/rss?X-Amz-Signature=s3cret", "https://a.example/rss?X-Amz-Signature=***"),
        ("https://a.example/rss?key=0123456789abcdef", "https://a.example/rss?key=***"),
        ("https://a.example/story?code=17&sid=4", "https://a.example/story?code=17&sid=4"),
        ("https://a.example/?keyword=oil&passage=2", "https://a.example/?keyword=oil&passage=2"),
        ("desk@a.example wrote http://a.example/@user", "desk@a.example wrote http://a.example/@user"),
    ],
)
def test_urls_show_no_secrets(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_json_is_harmless_on_a_terminal_and_reads_back_the_same() -> None:
    value = {"title": "a\x1b[31m\x9b31m\u202e\u2066\u200b\U000e0041\ufeff\u2028é日"}
    text = to_json(value)
    assert json.loads(text) == value
    assert "é日" in text
    assert all(char.isprintable() for char in text)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
def test_json_reads_back(value: dict[str, str]) -> None:
    assert json.loads(to_json(value, secrets=True)) == value


def test_json_hides_secrets_and_loses_no_key() -> None:
    found = json.loads(to_json({"http://a:1@h/": "x", "http://a:2@h/": ["http://h/?token=t"]}))
    assert found == {"http://a:***@h/": "x", "http://a:***@h/ (2)": ["http://h/?token=***"]}


def test_texts_that_others_point_into_keep_their_length() -> None:
    assert "http://a:b@h/" in to_json({"text": "http://a:b@h/", "url": ""})
