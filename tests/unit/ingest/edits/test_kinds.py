"""What an edit changed, by kind."""

from datetime import UTC, datetime

import pytest

from ingest.edits.kinds import changes
from ingest.edits.noise import news_of
from stream.messages import Article

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
LEAD = "The ferry to Lindhaven will resume on Monday, said the harbour master Ilse Brandt. Twelve people were hurt."
BODY = "Divers searched the wreck for a second day, while the wind kept the cranes away.\nNobody knows the cause."
TEXT = f"{LEAD}\n{BODY}"


def article(text: str = TEXT, title: str = "Ferry resumes on Monday") -> Article:
    return Article(
        id="1" * 32, url="http://a.example/1", feed="f", source="A", title=title, title_from="heading", text=text,
        seen=NOW, fetched=NOW, extracted=NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "kind", "before", "after"),
    [
        (
            TEXT.replace("will resume on Monday", "was postponed"),
            "text",
            "will resume on Monday",
            "was postponed",
        ),
        (TEXT.replace("Twelve", "Fourteen"), "number", "Twelve", "Fourteen"),
        (TEXT.replace("Ilse Brandt", "Elsa Brandt"), "name", "Ilse", "Elsa"),
        (TEXT.replace("Divers searched the wreck for a second day, while t", "T"), "removed", None, "The"),
        (f"{TEXT}\nThe owner says that the ship was checked last month.", "added", "", None),
        (f"{TEXT}\nCorrection: an earlier version named another harbour.", "correction", "", None),
        (f"Editor's note: this article was amended.\n{TEXT}", "correction", "", None),
        (f"{TEXT}\nBerichtigung: Die Fähre fährt nicht.", "correction", "", None),
        (f"{TEXT}\nИсправление: паром не ходит.", "correction", "", None),
        (TEXT.replace("Nobody knows the cause.", "The cause is known."), "text", None, None),
    ],
)
def test_the_kind_and_the_place_of_a_change(
    text: str, kind: str, before: str | None, after: str | None
) -> None:
    [change] = changes(article(), article(text))
    assert change.kind == kind
    assert change.field == "text"
    assert TEXT[change.old_start : change.old_end] == change.before
    assert text[change.start : change.end] == change.after
    assert before is None or change.before == before
    assert after is None or change.after == after


def test_another_headline() -> None:
    [change] = changes(article(), article(title="Ferry postponed"))
    assert (change.kind, change.field, change.before) == ("headline", "title", "Ferry resumes on Monday")
    assert (change.start, change.end, change.old_end) == (
        0,
        len("Ferry postponed"),
        len("Ferry resumes on Monday"),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12 comments", "315 comments"),
        ("Published 3 hours ago", "Published 5 hours ago"),
        ("Updated: 14 March 2026, 10:42", "Updated: 14 March 2026, 12:05"),
        ("Zuletzt gelesen vor 3 Stunden", "Zuletzt gelesen vor 4 Stunden"),
        ("1,204 views", "1.3k views"),
        ("", "Share this article"),
        ("Sign up for our newsletter", ""),
        ("It was cold - very cold.", "It was cold – very cold!"),
    ],
)
def test_counters_stamps_and_furniture_are_not_edits(old: str, new: str) -> None:
    assert changes(article(f"{TEXT}\n{old}\n{BODY}"), article(f"{TEXT}\n{new}\n{BODY}")) == ()


@pytest.mark.parametrize(
    "title", ["Ferry resumes on Monday!", "FERRY RESUMES ON MONDAY", "Ferry resumes on Monday (12 comments)"]
)
def test_a_headline_that_says_the_same_is_not_an_edit(title: str) -> None:
    assert changes(article(), article(title=title)) == ()


def test_a_headline_above_the_text_is_not_part_of_it() -> None:
    assert changes(article(f"Ferry resumes on Monday\n{TEXT}"), article()) == ()


def test_a_number_that_is_news_is_not_a_counter() -> None:
    assert news_of("12 dead in the fire") != news_of("18 dead in the fire")


def test_separate_changes_are_reported_separately() -> None:
    text = TEXT.replace("Monday", "Tuesday").replace("Twelve", "Two").replace("second", "third")
    assert [change.kind for change in changes(article(), article(text))] == ["text", "number", "text"]
