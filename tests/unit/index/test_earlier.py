"""Whether only an earlier version matches the search."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from index.earlier import only_earlier
from query.parse import parse
from stream.messages import Article, Enriched
from stream.versions import superseded

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def edited(*versions: tuple[str, str]) -> Enriched:
    article = Article(
        id="1" * 32, url="u", feed="f", source="A", title=versions[0][0], text=versions[0][1], seen=NOW, fetched=NOW,
        extracted=NOW,
    )  # fmt: skip
    for hour, (title, text) in enumerate(versions[1:], 1):
        after = msgspec.structs.replace(article, title=title, text=text, fetched=NOW + timedelta(hours=hour))
        article = msgspec.structs.replace(after, version=hour, earlier=superseded(article, after, ()))
    return Enriched(article=article, language="en", enriched=NOW)


FERRY = edited(
    ("Ferry resumes", "It will sail on Monday.\nTwelve were hurt."),
    ("Ferry postponed", "It won't sail on Tuesday.\nTwelve were hurt."),
    ("Ferry postponed", "It won't sail.\nTwelve were hurt."),
)


@pytest.mark.parametrize(
    ("query", "version", "words"),
    [
        ("monday in:any-version", 0, ["Monday"]),
        ("tuesday postponed in:any-version", 1, ["Tuesday"]),
        ("resumes in:any-version", 0, ["resumes"]),
        ("twelve in:any-version", None, []),
        ("ferry OR earlier:monday", None, []),
        ("monday tuesday in:any-version", 1, None),
        ("earlier:monday", 0, []),
    ],
)
def test_the_version_that_matches(query: str, version: int | None, words: list[str] | None) -> None:
    found = only_earlier(parse(query), FERRY)
    assert (found.version if found else None) == version
    if found and words is not None:
        assert found.snippet
        assert [found.snippet.text[mark.start : mark.end] for mark in found.snippet.marks] == words
    elif found:
        assert found.snippet is None


def test_an_article_without_edits() -> None:
    assert only_earlier(parse("monday in:any-version"), edited(("a", "b"))) is None
