"""Alerts about edits: of reported articles, of a query; and articles that no longer match."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from samples.alerts import NOW, article, definition

from alerts.alerter import Alerter
from alerts.definitions import Definition, Definitions, definition_of
from alerts.message import Alert, body
from alerts.results import alert_document, firing_document
from alerts.state import Fired, Record
from stream.errors import ConfigError
from stream.messages import Change, ChangeKind, Enriched
from stream.stage import Forget, Topic
from stream.versions import superseded

HOUR = timedelta(hours=1)
STATES = Topic("alert-states", Record, compacted=True)
EDITS = definition_of({"name": "changed", "about": "edits"}, "test")
TALKS = definition()


class Desk:
    """The stage with a clock and the records in its topic."""

    def __init__(self, *definitions: Definition) -> None:
        self.alerts = {one.name: one for one in definitions}
        self.now = NOW
        self.records: dict[str, Record] = {}
        self.restart()

    def restart(self) -> None:
        self.stage = Alerter(
            lambda: Definitions(self.alerts, {}), lambda: list(self.records.values()), STATES, lambda: None,
            lambda: None, lambda alert: alert, lambda: self.now,
        )  # fmt: skip
        self.stage.reload()

    async def see(self, enriched: Enriched, now: datetime | None = None) -> list[Alert]:
        self.now = now or enriched.article.edited or self.now
        results: Sequence[Any] = await self.stage(enriched)
        for one in results:
            if isinstance(one, Forget):
                self.records.pop(one.key, None)
            elif not isinstance(one, Alert):
                self.records[one.key] = one
        return [one for one in results if isinstance(one, Alert)]


def edited(
    enriched: Enriched,
    text: str,
    *,
    hours: int = 2,
    kind: ChangeKind = "text",
    before: str = "",
    after: str = "",
) -> Enriched:
    old = enriched.article
    found = NOW + hours * HOUR
    new = msgspec.structs.replace(old, text=text, fetched=found, version=old.version + 1)
    change = Change(
        kind=kind, field="text", start=0, end=0, old_start=0, old_end=0, before=before, after=after
    )
    new = msgspec.structs.replace(new, earlier=superseded(old, new, (change,)))
    return msgspec.structs.replace(enriched, article=new, enriched=found)


FIRST = article(text="The peace talks will resume on Monday.", story="s1")
SECOND = edited(
    FIRST, "The peace talks were postponed.", before="will resume on Monday", after="were postponed"
)


async def test_a_reported_article_was_edited() -> None:
    desk = Desk(TALKS, EDITS)
    assert [one.alert for one in await desk.see(FIRST)] == ["talks"]
    [told] = await desk.see(SECOND)
    assert told.alert == "changed"
    text = body(told)
    assert (
        "What you were told at 2026-03-14 12:00 UTC (talks) was changed; found 2026-03-14 14:00 UTC:" in text
    )
    assert "“will resume on Monday” → “were postponed”" in text


async def test_each_version_is_reported_once_even_after_a_restart_or_a_replay() -> None:
    desk = Desk(TALKS, EDITS)
    await desk.see(FIRST)
    assert len(await desk.see(SECOND)) == 1
    assert await desk.see(SECOND) == []
    desk.restart()
    assert await desk.see(SECOND) == []
    assert await desk.see(FIRST) == []
    third = edited(SECOND, "The peace talks are over.", hours=5)
    assert len(await desk.see(third)) == 1


async def test_an_old_edit_is_not_news() -> None:
    desk = Desk(TALKS, EDITS)
    await desk.see(FIRST)
    assert await desk.see(SECOND, now=NOW + timedelta(days=4)) == []


async def test_an_edit_of_an_unreported_article_is_ignored() -> None:
    desk = Desk(EDITS)
    assert await desk.see(FIRST) == []
    assert await desk.see(SECOND) == []


@pytest.mark.parametrize(("query", "fires"), [("monday", True), ("postponed", True), ("earthquake", False)])
async def test_of_a_query_in_any_version(query: str, fires: bool) -> None:
    desk = Desk(definition_of({"name": "changed", "about": "edits", "query": query}, "test"))
    await desk.see(FIRST)
    assert [one.alert for one in await desk.see(SECOND)] == ["changed"] * fires


@pytest.mark.parametrize(
    ("changes", "kind", "fires"),
    [
        ((), "correction", True),
        ((), "added", False),
        (("added",), "added", True),
        (("withdrawn",), "correction", False),
        (("withdrawn", "correction"), "withdrawn", True),
    ],
)
async def test_only_the_wanted_kinds(
    changes: tuple[str, ...],
    kind: ChangeKind,
    fires: bool,
) -> None:
    table = {"name": "changed", "about": "edits", **({"changes": list(changes)} if changes else {})}
    desk = Desk(TALKS, definition_of(table, "test"))
    await desk.see(FIRST)
    found = await desk.see(edited(FIRST, "The peace talks go on.", kind=kind))
    assert [one.alert for one in found] == ["changed"] * fires


async def test_an_alert_says_once_that_a_reported_article_no_longer_matches() -> None:
    desk = Desk(TALKS)
    await desk.see(FIRST)
    [told] = await desk.see(edited(FIRST, "Nothing will happen.", before="The peace talks", after="Nothing"))
    assert told.reason == "the reported article no longer matches"
    assert "It no longer matches: talks." in body(told)
    third = edited(edited(FIRST, "Nothing will happen."), "Nothing at all.", hours=9)
    assert await desk.see(third) == []


async def test_an_article_that_matches_after_an_edit_is_news() -> None:
    desk = Desk(TALKS)
    plain = article(text="They met.", story="s1")
    assert await desk.see(plain) == []
    [told] = await desk.see(edited(plain, "They agreed on peace talks."))
    assert told.mentions[0].edit is None
    assert (
        await desk.see(edited(edited(plain, "They agreed on peace talks."), "More peace talks.", hours=5))
        == []
    )


async def test_edited_backlog_is_not_news_for_its_query() -> None:
    desk = Desk(TALKS)
    old = article(text="They met.", backfill=True)
    assert await desk.see(edited(old, "They agreed on peace talks.")) == []


async def test_as_documents() -> None:
    desk = Desk(TALKS, EDITS)
    await desk.see(FIRST)
    [told] = await desk.see(SECOND)
    document = alert_document(told)
    assert document.hits == ()
    [edit] = document.edits
    assert (edit.article.id, edit.version, edit.told[0].alert) == (FIRST.article.id, 1, "talks")
    assert (edit.changes[0].before, edit.changes[0].after) == ("will resume on Monday", "were postponed")
    fired = [one for one in desk.records.values() if isinstance(one, Fired) and one.alert == "changed"]
    firing = firing_document(fired[0], {})
    assert firing.hit is None
    assert firing.edit == edit


async def test_a_digest_of_edits() -> None:
    desk = Desk(TALKS, definition_of({"name": "changed", "about": "edits", "digest": "hourly"}, "test"))
    await desk.see(FIRST)
    assert await desk.see(SECOND) == []
    assert await desk.see(edited(SECOND, "The peace talks are over.", hours=2)) == []
    desk.now = NOW + 4 * HOUR
    [told] = [one for one in await desk.stage.tick() if isinstance(one, Alert)]
    assert told.reason == "the hourly digest, 2 edits"
    assert len(told.mentions) == 2


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"about": "edits", "at_least": 2}, "'at_least': does not go with about = 'edits'"),
        ({"about": "edits", "changes": ["nonsense"]}, "nonsense"),
        ({"query": "a", "changes": ["text"]}, "'changes': is only for an alert with about = 'edits'"),
        ({"about": "edits", "query": "(a"}, "position 0"),
    ],
)
def test_what_does_not_fit_is_refused(table: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said.replace("(", r"\(")):
        definition_of({"name": "x", **table}, "test")
