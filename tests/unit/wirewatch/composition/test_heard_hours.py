"""How many sources are heard is noted while a process polls, and the page draws when they were not."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from samples.page import page_over, texts, tree
from samples.reading import make_archive
from samples.settings import settings_in
from waiting import until

from ingest.polling.feed_state import FeedState
from ingest.polling.heard import DarkPeriod
from stream.log.base import Outgoing
from stream.messages import encode
from wirewatch.composition import heard_hours
from wirewatch.composition.heard_hours import dark, keep_heard, look
from wirewatch.topics import FEED_STATES, open_log

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OPML = """<opml version="2.0"><body><outline text="A" xmlUrl="https://a.example/rss"/>
<outline text="B" xmlUrl="https://b.example/rss"/><outline text="C" xmlUrl="https://c.example/rss"/></body></opml>"""


def polled(name: str, at: datetime, *, failures: int = 0) -> Outgoing:
    url = f"https://{name}.example/rss"
    state = FeedState(url=url, last_polled=at, next_due=at + timedelta(hours=1), failures=failures)
    return Outgoing(FEED_STATES.name, url, encode(state))


async def test_the_page_draws_when_too_few_sources_were_heard(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    settings.paths.feeds.write_text(OPML)
    make_archive(settings.paths.index)
    with open_log(settings.config, settings.paths) as log:
        assert dark(log, NOON) == []
        for hour, failures in enumerate((0, 1, 1, 0)):
            now = NOON + timedelta(hours=hour, minutes=10)
            log.produce([polled(name, now, failures=failures) for name in "ab"])
            look(settings.config, settings.paths, log, now)
            look(settings.config, settings.paths, log, now + timedelta(minutes=5))
        assert dark(log, NOON + timedelta(hours=3)) == [
            DarkPeriod(NOON + timedelta(hours=1), NOON + timedelta(hours=3), 0, 3)
        ]
    async with page_over(tmp_path) as client:
        shown = await tree(await client.get("/?q=talks"))
        assert "0 of 3 sources answered" in texts(shown, ".gaps li")[0]
        assert len(shown.cssselect("svg .gap title")) >= 1


async def test_a_process_that_polls_looks_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_in(tmp_path)
    looks: list[datetime] = []
    monkeypatch.setattr(heard_hours, "SECONDS", 0.0)
    monkeypatch.setattr(heard_hours, "look", lambda *given: looks.append(given[-1]))
    with open_log(settings.config, settings.paths) as log:
        async with keep_heard(settings.config, settings.paths, log, ("poll", "fetch")):
            await until(lambda: len(looks) > 2)
        ended = len(looks)
        async with keep_heard(settings.config, settings.paths, log, ("fetch",)):
            await asyncio.sleep(0)
        assert len(looks) == ended


def test_without_a_feed_list_nothing_is_noted(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with open_log(settings.config, settings.paths) as log:
        look(settings.config, settings.paths, log, NOON)
        assert dark(log, NOON) == []
