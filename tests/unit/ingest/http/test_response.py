import pytest

from ingest.http.response import charset, media_type


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("text/html", ("text/html", "")),
        ("TEXT/HTML;CHARSET=UTF-8", ("text/html", "utf-8")),
        ("text/html; charset=utf-8", ("text/html", "utf-8")),
        ("text/html; charset = 'windows-1252' ", ("text/html", "windows-1252")),
        ('text/html;version=1;charset="koi8-r";x=y', ("text/html", "koi8-r")),
        ("text/html; charset=utf-8; charset=latin1", ("text/html", "utf-8")),
        ("text/html; charset", ("text/html", "")),
        ("text/html; mycharset=utf-8", ("text/html", "")),
        ("text/html; charset=utf-8, text/html", ("text/html", "utf-8")),
        ("text/html, text/plain", ("text/html", "")),
        (" application/xhtml+xml ;", ("application/xhtml+xml", "")),
        ("html", ("", "")),
        ("text/", ("", "")),
        ("text/ht ml", ("", "")),
        ("<b>/x", ("", "")),
        ("; charset=utf-8", ("", "utf-8")),
        ("", ("", "")),
    ],
)
def test_content_types(header: str, expected: tuple[str, str]) -> None:
    assert (media_type(header), charset(header)) == expected
