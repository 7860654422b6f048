"""Outlets edit their articles: the edits are found, kept, searchable and reported."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from acceptance.alerting import sent
from acceptance.command import Wirewatch
from acceptance.rereading import archived, feed_of, page_of, rereading
from servers.newsroom import Newsroom, newsroom
from waiting import PATIENCE, wait_until

ALERTS = """
[[alert]]
name = "All"
query = "kitchen OR leek OR herring"
channels = ["file"]

[[alert]]
name = "What changed"
about = "edits"
channels = ["file"]
"""
OLD = "Old news"
OLD_TEXT = (
    "The town's library has been closed since the roof fell in, and nobody knows when it will open its doors again.",
    "Readers bring their books back to the baker next door, who lends them out again with the morning's rolls.",
)
KITCHEN = (
    "The kitchen in the strip mall opened on Sunday, and 163 people did not wait for an invitation to sit down.",
    "Nobody had counted on so many guests, the cook told this paper in the afternoon, and the soup ran out twice.",
    "There was bread until five, and then the lights went out along the whole street, so everybody went home.",
)
HERRING = (
    "Herring are back along the southern coast, and the quota for the stock is to be set at 870 tonnes this year.",
    "Fishermen in the harbour said on Tuesday that they had not seen such catches since the cold winter of 1996.",
    "The ministry will decide in April, after the scientists have counted the shoals a second time from their ship.",
)
LEEK = (
    "A leek of nine kilograms has grown on an allotment behind the railway station, its owner said on Monday.",
    "He waters it with cold tea, he said, and reads the shipping forecast to it in the evening, whatever the wind.",
    "The judges of the county show have been to see it, and went away without a word and with wet shoes.",
)


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wirewatch]:
    """A wirewatch that has reported three articles, and found how each was edited; it still runs."""
    with newsroom() as room:
        wirewatch = rereading(room, tmp_path_factory.mktemp("edits"), ALERTS)
        publish(room)
        process = wirewatch.start("run")
        try:
            wait_until(lambda: "old" in archived(wirewatch), "what is no news", pause=0.5)
            publish(room, kitchen=KITCHEN, herring=HERRING, leek=LEEK)
            wait_until(lambda: told(wirewatch, "All") == 3, "alerts of all articles", pause=0.5)
            edit(room)
            wait_until(lambda: len(found(wirewatch)) == 3, "all edits", pause=0.5)
            wait_until(lambda: told(wirewatch, "What changed") == 3, "alerts of all edits", pause=0.5)
            yield wirewatch
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=PATIENCE)
        assert process.returncode == 0


def publish(room: Newsroom, **articles: tuple[str, ...]) -> None:
    """Put articles of these paragraphs into the feed."""
    now = datetime.now(UTC)
    titles = {slug: f"News of the {slug}" for slug in articles}
    for slug, text in articles.items():
        room.pages[f"/{slug}"] = page_of(titles[slug], text)
    room.pages["/old"] = page_of(OLD, OLD_TEXT)
    room.pages["/feed"] = feed_of(room, {**titles, "old": OLD}, now)


def edit(room: Newsroom) -> None:
    """Correct two articles, one of them with a new headline, and withdraw the third. The feed stays as it is."""
    note = "Correction: an earlier version of this article misstated the number of guests on Sunday."
    kitchen = (KITCHEN[0].replace("163", "136"), *KITCHEN[1:], note)
    room.pages["/kitchen"] = page_of("A kitchen serves war in second helpings", kitchen)
    note = (
        "Correction: an earlier version of this article gave the quota for the southern stock as 870 tonnes."
    )
    herring = (HERRING[0].replace("870", "780"), *HERRING[1:], note)
    room.pages["/herring"] = page_of("News of the herring", herring)
    del room.pages["/leek"]


def told(wirewatch: Wirewatch, alert: str) -> int:
    """How many messages of an alert were sent."""
    return sum(one["alert"] == alert for one in sent(wirewatch))


def found(wirewatch: Wirewatch) -> set[str]:
    """The articles whose edits a search finds: what is stored is searchable a moment later."""
    return set(archived(wirewatch, "changed:any"))


def one(wirewatch: Wirewatch, name: str) -> str:
    """The id of an edited article."""
    return next(head["id"] for head in wirewatch.search("changed:any") if name in head["url"])


def test_edits_are_found_by_kind(edited: Wirewatch) -> None:
    assert len(edited.search("changed:correction")) == 2
    [withdrawn] = edited.search("changed:withdrawn")
    assert "leek" in withdrawn["url"]
    assert withdrawn["withdrawn"]
    assert edited.search("changed:>=2020-01-01", "--sort", "newest")


def test_what_was_changed_is_shown_word_by_word(edited: Wirewatch) -> None:
    shown = edited.run("show", one(edited, "kitchen"), "--changes").stdout
    assert "headline changed:" in shown
    assert "[-163-] {+136+}" in shown
    assert "correction or editor's note:" in shown
    document = edited.ask("show", one(edited, "kitchen"), "--changes")
    assert {change["kind"] for edit in document["edits"] for change in edit["changes"]} == {
        "headline", "number", "correction"
    }  # fmt: skip


def test_each_version_can_be_read(edited: Wirewatch) -> None:
    number = one(edited, "kitchen")
    first, last = (edited.ask("show", number, "--version", version) for version in ("0", "1"))
    assert "163 people did" in first["text"]
    assert "136 people did" in last["text"]
    assert (first["versions"], last["until"]) == ([0, 1], None)
    missing = edited.run("show", number, "--version", "7", code=2)
    assert "there is no version 7; kept are 0, 1" in missing.stderr


def test_removed_words_are_found_with_in_any_version(edited: Wirewatch) -> None:
    assert edited.search('"163 people"') == []
    [hit] = edited.ask("search", '"163 people" in:any-version')["hits"]
    assert hit["earlier"]["version"] == 0
    assert "163" in hit["earlier"]["snippet"]["text"]
    told = edited.run("search", '"163 people" in:any-version').stdout
    assert "only in an earlier version (0, until the edit found" in told


def test_a_withdrawn_article_keeps_its_text_and_says_so(edited: Wirewatch) -> None:
    number = one(edited, "leek")
    article = edited.ask("show", number)
    assert article["withdrawn"]
    assert "leek" in article["text"]
    assert "Withdrawn: found" in edited.run("show", number).stdout


def test_alerts_report_edits_of_reported_articles(edited: Wirewatch) -> None:
    firings = [firing for firing in edited.lines("alerts", "history") if firing["alert"] == "What changed"]
    edit = firings[0]["edit"]
    assert edit["told"]
    assert edit["changes"]
    assert firings[0]["hit"] is None
