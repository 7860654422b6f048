"""Why the title and the date of an article are believed, in sentences."""

from datetime import datetime

from results.article import Article

_PLACES = {
    "json-ld": "the page's own data (JSON-LD)",
    "meta": "the page's metadata",
    "heading": "the page's headline",
    "text": "the text",
    "url": "the address",
    "page": "what the page shows beside the headline",
    "feed": "the feed",
}
_EXACT = {
    "day": "to the day",
    "second": "to the second",
    "second-zone-assumed": "to the second, taken to be UTC",
}


def why_title(article: Article) -> str:
    """Where the title was read."""
    return f"It stands in {_PLACES[article.title_from]}." if article.title_from else "There is none."


def why_authors(article: Article) -> str:
    """Where the authors were read; '' if there are none."""
    return f"From {_PLACES[article.authors_from]}." if article.authors and article.authors_from else ""


def why_date(article: Article) -> str:
    """Where the date was read, how exact it is, and what speaks against it."""
    if article.published is None or article.published_from is None:
        return "Neither page nor feed has one; it counts from when it was first seen."
    exact = f", {_EXACT[article.published_precision]}" if article.published_precision else ""
    said = f"From {_PLACES[article.published_from]}{exact}."
    if article.published_doubt and article.published_doubt_from:
        said += f" But {_against(article.published_doubt_from)} {_day(article.published_doubt)}."
    return said


def _against(place: str) -> str:
    return "it was first seen" if place == "seen" else f"{_PLACES[place]} says"


def _day(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M}"
