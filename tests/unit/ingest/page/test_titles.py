import lxml.html
import pytest

from ingest.page.titles import Title, beginning, read_title

HOST = "news.example"


def read(
    body: str,
    *,
    window: str = "",
    json_ld: str = "",
    meta: str = "",
    known: str = "",
    site: str = "",
    host: str = HOST,
) -> Title:
    document = f"<html><head><title>{window}</title></head><body>{body}</body></html>"
    return read_title(lxml.html.document_fromstring(document), json_ld, meta, known, site, host)


@pytest.mark.parametrize(
    ("body", "told", "expected"),
    [
        ("<h1>The forces are to leave</h1>", "The forces are to leave - News", "The forces are to leave"),
        ("<h1>World</h1>", "The forces are to leave", "The forces are to leave"),
        (
            "<h1>In brief: the forces are to leave</h1>",
            "The forces are to leave",
            "The forces are to leave",
        ),  # a kicker
        (
            "<h1>The forces are to leave | Other Site</h1>",
            "The forces are to leave",
            "The forces are to leave",
        ),
        (
            "<h1>The News</h1><h1>The forces are to leave</h1>",
            "The forces are to leave",
            "The forces are to leave",
        ),
        (
            "<h1>Surprise in the capital: 11 things we know of the withdrawal</h1>",
            "What we know of the withdrawal from the capital",
            "Surprise in the capital: 11 things we know of the withdrawal",
        ),
        (
            "<h1><span>World</span><span>The forces are to leave</span></h1>",
            "World: The forces",
            "World: The forces",
        ),
        ("<h1>The for\u00adces are to leave</h1>", "The forces are to leave", "The forces are to leave"),
    ],
)
def test_a_heading_is_the_headline_if_another_source_agrees(body: str, told: str, expected: str) -> None:
    assert read(body, meta=told).text == expected


def test_where_a_title_was_read() -> None:
    assert read("<h1>Forces to leave now</h1>", meta="Forces to leave now").source == "heading"
    assert read("", json_ld="Forces to leave").source == "json-ld"
    assert read("", meta="Forces to leave").source == "meta"
    assert read("", known="Forces to leave") == Title("Forces to leave", "feed")
    assert read("", window="Forces to leave") == Title("Forces to leave", "text")
    assert read("") == Title("", "")


@pytest.mark.parametrize(
    ("window", "body", "expected"),
    [
        ("Forces to leave | The Daily", "<h1>The Daily</h1><h1>Forces to leave</h1>", "Forces to leave"),
        ("The Daily | Forces to leave", "<h2>Forces to leave</h2><h2>Other news</h2>", "Forces to leave"),
        ("Forces to leave - News", "", "Forces to leave"),  # as in the host
        ("Forces to leave - for good", "", "Forces to leave - for good"),
        (
            "daily: Home / World / The forces are to leave",
            "<h1>The forces are to leave</h1>",
            "The forces are to leave",
        ),
    ],
)
def test_the_windows_title_is_the_last_resort(window: str, body: str, expected: str) -> None:
    assert read(body, window=window).text == expected


def test_a_heading_beats_a_meta_title_that_is_not_in_the_window() -> None:
    found = read(
        "<h1>The forces are to leave</h1>", meta="Press", window="Press office: The forces are to leave"
    )
    assert found.text in ("The forces are to leave", "Press")
    assert read(
        "<h1>Forces to leave the land</h1>", meta="Archive", window="P: Forces to leave the land"
    ).text == ("Forces to leave the land")


@pytest.mark.parametrize("suffix", [" - The News", " | The News", " — the news", " | news.example"])
def test_the_sites_name_is_removed(suffix: str) -> None:
    assert read("", meta=f"Forces to leave{suffix}", site="The News").text == "Forces to leave"


@pytest.mark.parametrize(
    ("title", "host"),
    [
        ("Talks 14. - 20. March - SLF", "slf.example"),
        ("Talks 14. - 20. March - Harbour Post online", "www.harbourpost.example"),
        ("Talks 14. - 20. March │ Café Marktplatz", "www.cafe-marktplatz.example"),
        ("Talks 14. - 20. March - Championships Harbour2022", "www.harbour2022.example"),
        ("Harbour Post | Talks 14. - 20. March | Harbour Post", "harbourpost.example"),
        ("Talks 14. - 20. March : Harbour Post", "harbourpost.example"),
    ],
)
def test_the_sites_name_is_recognised_by_its_host(title: str, host: str) -> None:
    assert read("", meta=title, host=host).text == "Talks 14. - 20. March"


@pytest.mark.parametrize(
    "title",
    [
        "Forces to leave - what we know",
        "Harbour: forces to leave",
        "Harbour - forces to leave",
        "Posts of the fleet – a map",
    ],
)
def test_what_is_not_the_sites_name_stays(title: str) -> None:
    assert read("", meta=title, host="harbourpost.example").text == title


@pytest.mark.parametrize(
    ("window", "body", "host"),
    [
        (
            "Harbour Post » Archive » Forces to leave",
            "<h1>Harbour Post</h1><h2>Forces to leave</h2>",
            "harbourpost.eu",
        ),
        ("Forces to leave › The old Post", "<h1>The old Post</h1>", "oldpost.example"),
    ],
)
def test_a_heading_that_is_the_sites_name_is_not_a_headline(window: str, body: str, host: str) -> None:
    assert read(body, window=window, host=host).text == "Forces to leave"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bridge is closed. It opens on Monday.", "The bridge is closed."),
        ("Mr. Vale resigned on Monday. He gave no reason.", "Mr. Vale resigned on Monday."),
        ("No full stop here\nand a second line", "No full stop here"),
        ("word " * 40, "word " * 23 + "word …"),
        (
            "橋が閉鎖された。月曜日に再開する予定です。また連絡します。",
            "橋が閉鎖された。月曜日に再開する予定です。",
        ),
        ("", ""),
    ],
)
def test_how_a_text_begins(text: str, expected: str) -> None:
    assert beginning(text) == expected
