import pytest

from ingest.page.plain_text import plain_text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("a  <b>b</b>\n c", "a b c"),
        ("AT&T", "AT&T"),
        ("AT&amp;T", "AT&T"),
        ("a < b", "a < b"),
        ("un<i>break</i>able", "unbreakable"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br/>two", "one two"),
        ("<style>p{}</style>x<!-- no -->", "x"),
        ("caf&eacute; &#8217;", "café ’"),
        ("\x00\x07a", "a"),
        ("It\x92s &#146;so&#146;", "It’s ’so’"),
        ("<![CDATA[x", ""),
        ("", ""),
    ],
)
def test_plain_text(markup: str, expected: str) -> None:
    assert plain_text(markup, 100) == expected


@pytest.mark.parametrize("hidden", ["script", "STYLE", "Template", "noScript", "iframe", "OBJECT"])
def test_invisible_parts_are_left_out(hidden: str) -> None:
    assert plain_text(f"seen <{hidden}>unseen</{hidden}> again", 100) == "seen again"


def test_white_space_does_not_count_toward_the_limit() -> None:
    assert plain_text("a" + " " * 50 + "b c", 3) == "a b"
    assert plain_text("\n" * 50 + "abcd", 3) == "abc"
    assert plain_text("ab " * 50, 4) == "ab a"
