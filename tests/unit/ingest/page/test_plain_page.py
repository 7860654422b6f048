import pytest

from ingest.page.plain_page import is_plain_text, paragraphs


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One.\n\nTwo.\n", "One.\nTwo."),
        ("One,\n  wrapped.\n \t\n\n\nTwo.", "One, wrapped.\nTwo."),
        ("One,\r\nwrapped.\r\n\r\nTwo.", "One, wrapped.\nTwo."),
        ("\n\nOne.\nTwo.\n\n", "One.\nTwo."),
        ("a\x00b\x07\n", "ab"),
        (" \n\n", ""),
        ("", ""),
    ],
)
def test_blank_lines_separate_paragraphs(text: str, expected: str) -> None:
    assert paragraphs(text) == expected


@pytest.mark.parametrize(
    ("content_type", "text", "expected"),
    [
        ("text/plain", "One.", True),
        ("text/plain", "See <html> tags.", True),
        ("text/plain", "<b>x</b>", True),
        ("text/plain", "\n <!DOCTYPE html><p>x", False),
        ("text/plain", "<HTML lang=en>", False),
        ("text/html", "One.", False),
        ("", "One.", False),
    ],
)
def test_what_is_plain_text(content_type: str, text: str, *, expected: bool) -> None:
    assert is_plain_text(content_type, text) is expected
