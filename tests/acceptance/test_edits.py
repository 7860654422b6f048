"""Outlets edit their articles: the edits are found, kept, searchable and reported."""

import signal
import subprocess
from collections.abc import Iterator

import pytest
from acceptance.command import WIREWATCH, Wirewatch, clean_environment, free_port
from waiting import PATIENCE, wait_until

from index.store import Search
from query.parse import parse
from stream.errors import ConfigError
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths, load

EDITED = ("allotment-giant-leek", "herring-quota", "refugee-kitchen", "syria-talks-geneva-de-mistura")


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wirewatch]:
    """A demo that ran until all of its edits were found; it still runs."""
    data = tmp_path_factory.mktemp("edits")
    (data / "wirewatch.toml").touch()
    process = subprocess.Popen(
        [WIREWATCH, "demo", "--data", data, "--port", str(free_port()), "--every", "0.7"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=clean_environment(),
    )
    wirewatch = Wirewatch(data, data / "wirewatch.toml", data / "feeds.opml")
    try:
        wait_until(lambda: found(wirewatch) == set(EDITED), "all edits of the demo", pause=0.5)
        wait_until(lambda: "What changed" in wirewatch.run("alerts", "history").stdout, "an alert", pause=1.0)
        yield wirewatch
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0


def found(wirewatch: Wirewatch) -> set[str]:
    """The demo's edits that are in the archive so far."""
    try:
        paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
        with open_store(load(wirewatch.config), paths, readonly=True) as store:
            hits = store.search(Search(query=parse("changed:any"), limit=100)).hits
    except ConfigError:  # there is none yet
        return set()
    urls = [hit.document.enriched.article.url for hit in hits]
    return {name for name in EDITED if any(name in url for url in urls)}


def one(wirewatch: Wirewatch, name: str) -> str:
    """The id of an edited article."""
    return next(head["id"] for head in wirewatch.search("changed:any") if name in head["url"])


def test_edits_are_found_by_kind(edited: Wirewatch) -> None:
    assert len(edited.search("changed:correction")) == 2
    [withdrawn] = edited.search("changed:withdrawn")
    assert "allotment-giant-leek" in withdrawn["url"]
    assert withdrawn["withdrawn"]
    assert edited.search("changed:>=2020-01-01", "--sort", "newest")


def test_what_was_changed_is_shown_word_by_word(edited: Wirewatch) -> None:
    shown = edited.run("show", one(edited, "refugee-kitchen"), "--changes").stdout
    assert "headline changed:" in shown
    assert "[-163-] {+136+}" in shown
    assert "correction or editor's note:" in shown
    document = edited.ask("show", one(edited, "refugee-kitchen"), "--changes")
    assert {change["kind"] for edit in document["edits"] for change in edit["changes"]} == {
        "headline", "number", "correction"
    }  # fmt: skip


def test_each_version_can_be_read(edited: Wirewatch) -> None:
    number = one(edited, "refugee-kitchen")
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
    number = one(edited, "allotment-giant-leek")
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
