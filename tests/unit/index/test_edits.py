"""An article's edits and versions as documents."""

from datetime import UTC, datetime, timedelta

import msgspec

from index.edits import changes_document, edits, version_document
from ingest.edits.compare import read_again
from stream.messages import Article

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
TEXT = "The ferry will resume on Monday, said the harbour master.\nTwelve were hurt."
FIRST = Article(
    id="1" * 32, url="http://a.example/1", feed="f", source="A", title="Ferry resumes", text=TEXT, seen=NOW,
    fetched=NOW, extracted=NOW,
)  # fmt: skip


def edited(*texts: str) -> Article:
    article = FIRST
    for hour, text in enumerate(texts, 1):
        later = read_again(
            article, msgspec.structs.replace(FIRST, text=text, fetched=NOW + timedelta(hours=hour))
        )
        assert later
        article = later
    return article


SECOND = TEXT.replace("will resume on Monday", "was postponed")
THIRD = SECOND.replace("Twelve", "Fourteen")


def test_each_version_by_its_number() -> None:
    article = edited(SECOND, THIRD)
    found = [version_document(article, number) for number in range(4)]
    assert [one.text if one else None for one in found] == [TEXT, SECOND, THIRD, None]
    assert [one.until for one in found if one] == [NOW + timedelta(hours=1), NOW + timedelta(hours=2), None]
    assert [one.versions for one in found if one] == [(0, 1, 2)] * 3


def test_the_edits_that_led_to_each() -> None:
    document = changes_document(edited(SECOND, THIRD))
    assert [(one.version, one.changes[0].kind) for one in document.edits] == [(1, "text"), (2, "number")]
    change = document.edits[0].changes[0]
    assert (change.before, change.after) == ("will resume on Monday", "was postponed")
    assert TEXT[change.was_at.start : change.was_at.end] == change.before


def test_an_article_without_edits() -> None:
    assert edits(FIRST) == ()
    version = version_document(FIRST, 0)
    assert version
    assert version.until is None
