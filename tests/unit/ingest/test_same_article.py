import pytest

from ingest.same_article import marks, place
from ingest.urls import canonical

URL = "https://www.news.example/world/talks"
TEXT = "word " * 60


@pytest.mark.parametrize(
    "other",
    [
        "http://www.news.example/world/talks",
        "https://news.example/world/talks/",
        "https://m.news.example/world/talks",
        "https://amp.news.example/world/talks",
        "https://www.news.example/world/talks/amp/",
        "https://www.news.example/world/talks.amp",
        "https://www.news.example/world/talks?amp=1",
        "https://www.news.example/world/talks?page=1",
        "https://www.news.example/world/talks?utm_source=x#top",
        "https://www.news.example/world/talks/index.html",
        "https://www.news.example/world/t%61lks",
    ],
)
def test_spellings_of_one_address(other: str) -> None:
    assert place(canonical(other)) == place(canonical(URL)) == "news.example/world/talks?#"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/%d8%b3%d9%84%d8%a7%d9%85", "https://news.example/%D8%B3%D9%84%D8%A7%D9%85"),
        ("https://news.example/%7Eann/1", "https://news.example/~ann/1"),
        ("https://news.example/%EF", "https://news.example/%ef"),
        ("https://news.example/a%2Fb", "https://news.example/a%2fb"),
    ],
)
def test_escapes_of_one_address(one: str, other: str) -> None:
    assert place(canonical(one)) == place(canonical(other)) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://news.example/a", "https://news.example/b"),
        ("https://news.example/?p=1", "https://news.example/?p=2"),
        ("https://news.example/a?page=1", "https://news.example/a?page=2"),
        ("https://news.example/a%2Fb", "https://news.example/a/b"),
        ("https://news.example/a", "https://news.example/A"),
        ("https://news.example/a", "https://sport.news.example/a"),
        ("https://m.github.io/a", "https://github.io/a"),
        ("https://www.co.uk/a", "https://co.uk/a"),
        ("https://news.example/feed#item-1", "https://news.example/feed#item-2"),
    ],
)
def test_addresses_of_two_articles(one: str, other: str) -> None:
    assert place(one) != place(other)


def test_a_front_page_identifies_no_article() -> None:
    assert place("https://www.news.example/") == place("https://news.example/index.html") == ""


def test_a_text_identifies_an_article_whose_page_names_no_address() -> None:
    address, text = marks(URL, "Talks", TEXT, names_itself=False)
    assert text in marks("https://news.example/other", "Talks", TEXT, names_itself=False)
    assert marks(URL, "Talks", TEXT, names_itself=True) == (address,)
    assert text not in marks("https://evil.example/other", "Talks", TEXT, names_itself=False)
    assert text not in marks(URL, "Other talks", TEXT, names_itself=False)
    assert marks(URL, "Talks", "Subscribe to read on.", names_itself=False) == (address,)
