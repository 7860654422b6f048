"""Searching and reading on the terminal: what is counted, folded, paged, and what was edited."""

from pathlib import Path

import pytest
from samples.reading import STORY, make_archive
from samples.settings import settings_in
from unit.wirewatch.commands.conftest import Here

from stream.messages import article_id

EDITED = article_id("https://post.example/2")


@pytest.fixture(autouse=True)
def archive(data: Path) -> None:
    make_archive(settings_in(data).paths.index)


def test_hits_are_folded_by_story_unless_all_are_asked_for(here: Here) -> None:
    folded = here.run("search", "talks", "--limit", "1").out
    assert "+2 outlets" in folded
    assert "1 story, told by 3 articles (--all lists each)." in folded
    assert "1-2 of 3 articles." in here.run("search", "talks", "--all", "--limit", "2").out
    assert "3 articles." in here.run("search", "talks", "--all").out
    assert "--jsonl lists each article" in here.run("search", "--fold", "--jsonl", code=2).err


def test_an_offset_beyond_the_last_hit_is_reported(here: Here) -> None:
    assert "Only 1 story; --offset 9 is beyond the last." in here.run("search", "talks", "--offset", "9").out
    beyond = here.run("search", "talks", "--all", "--offset", "9").out
    assert "Only 3 articles match; --offset 9 is beyond the last." in beyond


def test_what_only_an_earlier_version_had_is_said_of_a_hit(here: Here) -> None:
    found = here.run("search", "163 in:any-version", "--utc").out
    assert "only in an earlier version (0, until the edit found " in found


def test_a_search_is_counted_by_fields_and_over_time(here: Here) -> None:
    counts = here.ask("search", "talks", "--count", "topic,source", "--by", "hour", "--limit", "2")
    assert (counts["articles"], counts["stories"]) == (3, 1)
    topics, sources = counts["fields"]
    assert (topics["by"], topics["values"][0]["articles"], len(sources["values"])) == ("topic", 3, 2)
    assert sum(one["articles"] for one in counts["over_time"]) == 3
    told = here.run("search", "talks", "--count", "language", "--by", "month").out
    assert "language  articles  stories" in told
    assert "2026-03" in told
    assert "█" in told
    assert "3 articles in 1 story." in told
    assert "No articles match." in here.run("search", "xylophonist", "--count", "topic").out


def test_what_cannot_be_counted_is_reported(here: Here) -> None:
    assert "did you mean 'source'?" in here.run("search", "--count", "sorce", code=2).err
    assert "--jsonl prints articles" in here.run("search", "--by", "day", "--jsonl", code=2).err
    hours = here.run("search", "--by", "hour", "--since", "2016-01-01", code=2).err
    assert "at most 999 can be counted" in hours


def test_few_hits_come_with_suggestions_of_other_forms(here: Here) -> None:
    page = here.ask("search", "harbou")
    assert (page["total"], page["suggestions"][-1]["query"]) == (0, "harbo*")
    assert "harbo* would find" in here.run("search", "harbou").out
    assert here.run("search", "xylophonist", "--jsonl").err.strip(), "why there may be nothing"


def test_a_value_that_nothing_has_is_doubted(here: Here) -> None:
    said = here.run("search", "--source", "Valey Herald", code=2).err
    assert "did you mean" in said
    assert "Valley Herald" in said
    assert "en" in here.run("search", "--lang", "english", code=2).err


def test_the_edits_and_versions_of_an_article(here: Here) -> None:
    told = here.run("show", EDITED[:10], "--changes").out
    assert "Version 1  " in told
    assert "[-163-] {+136+} people left." in told
    assert here.ask("show", EDITED, "--changes")["edits"][0]["changes"]
    assert "No edit was found." in here.run("show", STORY, "--changes").out
    first = here.run("show", EDITED, "--version", "0").out
    assert "Talks in Geneva put off" in first
    assert "version 0 of 0-1, read " in first
    assert "the current one" in here.run("show", EDITED, "--version", "1").out
    assert here.ask("show", EDITED, "--version", "0")["title"] == "Talks in Geneva put off"
    assert "there is no version 7; kept are 0, 1" in here.run("show", EDITED, "--version", "7", code=2).err
    assert "don't go together" in here.run("show", EDITED, "--version", "0", "--changes", code=2).err
    assert "Edited: 1 edit, the last one found " in here.run("show", EDITED).out


def test_an_id_that_fits_several_articles_or_none(here: Here) -> None:
    assert "no article has this ID" in here.run("show", "nosuch", code=2).err
    assert "or more IDs start like this" in here.run("show", "", code=2).err


def test_stories_and_one_of_them(here: Here) -> None:
    assert "6 articles in 3 stories since 2026-01-01." in here.run("stories", "--since", "2026-01-01").out
    assert "6 articles in 3 stories.\n" in here.run("stories", "--since", "all").out
    nothing = here.run("stories", "--since", "1h").out
    assert "No article since 1h belongs to a story." in nothing
    assert "--since all" in nothing
    assert len(here.lines("stories", "--since", "2026-01-01")) == 3
    told = here.run("story", STORY[:10]).out
    assert "Valley Herald" in told
    assert here.ask("story", STORY)["id"] == STORY
