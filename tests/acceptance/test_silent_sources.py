"""Alerts about sources, as users see them: an outlet breaks down or falls silent, and comes back, despite kills."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from acceptance.alerting import sent
from acceptance.command import Wirewatch
from samples.documents import checked
from waiting import wait_until

from ingest.polling.feed_state import FeedState
from wirewatch.config import Config, Paths
from wirewatch.topics import feed_states, open_log


class Outlet:
    """An outlet with one feed and no pages; it can break down."""

    def __init__(self) -> None:
        outlet = self
        self.broken = False
        self.items = [datetime.now(UTC)]
        """When each was published, the latest first."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(500 if outlet.broken else 200 if self.path == "/feed" else 404)
                self.send_header("Content-Type", "application/rss+xml")
                self.end_headers()
                if self.path == "/feed" and not outlet.broken:
                    self.wfile.write(outlet.feed().encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/feed"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def feed(self) -> str:
        items = "".join(
            f"<item><title>Item of {at}</title><link>{self.url}/{at:%d%H%M%S}</link><guid>{at:%d%H%M%S}</guid>"
            f"<pubDate>{format_datetime(at)}</pubDate></item>"
            for at in self.items
        )
        return f"<rss version='2.0'><channel><title>Harbour Radio</title>{items}</channel></rss>"


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    made = Outlet()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def wirewatch(outlet: Outlet, tmp_path: Path) -> Wirewatch:
    """A wirewatch that polls only this outlet, every second."""
    feeds, config = tmp_path / "feeds.opml", tmp_path / "wirewatch.toml"
    feeds.write_text(
        "<opml version='2.0'><body>"
        f"<outline type='rss' text='Harbour Radio' title='Harbour Radio' xmlUrl='{outlet.url}'/></body></opml>"
    )
    config.write_text(
        "[poll]\nevery_seconds = 1\nlongest_seconds = 2\n[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n"
    )
    return Wirewatch(tmp_path / "data", config, feeds)


def told(wirewatch: Wirewatch) -> list[dict[str, Any]]:
    """The deliveries, without repeats: a kill between sending and recording repeats one, under the same key."""
    return list({alert["key"]: checked(alert) for alert in sent(wirewatch)}.values())


def titles(wirewatch: Wirewatch) -> list[str]:
    return [news["title"] for one in told(wirewatch) for news in one["source_news"]]


def running(wirewatch: Wirewatch, condition: Callable[[], bool], what: str) -> None:
    """Run until a condition holds, then kill. Alerts about sources fire right after the start, or within a minute."""
    process = wirewatch.start("run")
    try:
        wait_until(condition, what)
        assert process.poll() is None, process.communicate()
    finally:
        process.kill()
        process.communicate()


def log_of(wirewatch: Wirewatch) -> Any:
    return open_log(Config(), Paths(wirewatch.data, wirewatch.feeds, None))


def state_of(wirewatch: Wirewatch, outlet: Outlet) -> FeedState:
    with log_of(wirewatch) as log:
        return feed_states(log).get(outlet.url, FeedState(url=outlet.url))


def failed_for_a_while(wirewatch: Wirewatch, outlet: Outlet) -> bool:
    state = state_of(wirewatch, outlet)
    polled, since = state.last_polled, state.failing_since
    return polled is not None and since is not None and polled - since >= timedelta(seconds=2)


def test_an_outlet_that_breaks_down_is_reported_once_and_once_when_it_is_back(
    wirewatch: Wirewatch, outlet: Outlet
) -> None:
    wirewatch.run("run", "--once", code=1)
    wirewatch.run(
        "alerts", "add", "Dark", "--silent-sources", "--failing-for", "2s", "--severity", "critical"
    )
    outlet.broken = True
    running(wirewatch, lambda: failed_for_a_while(wirewatch, outlet), "failures")
    assert "Now it would name 1 of 1 source" in wirewatch.run("alerts", "test", "Dark").stdout

    running(wirewatch, lambda: bool(told(wirewatch)), "an alert")
    (alert,) = told(wirewatch)
    assert (alert["severity"], alert["reason"]) == ("critical", "1 source failed for 2 seconds")
    assert (alert["coverage"]["sources"], alert["coverage"]["heard"]) == (1, 0)
    assert [source["name"] for source in alert["coverage"]["dark"]] == ["Harbour Radio"]
    (news,) = alert["source_news"]
    assert (news["title"], news["url"]) == ("Harbour Radio fails", outlet.url)
    assert "500" in news["reason"]

    polls = state_of(wirewatch, outlet).polls
    running(wirewatch, lambda: state_of(wirewatch, outlet).polls >= polls + 3, "polls after a restart")
    wirewatch.run("replay", "--from", "enrich")
    outlet.broken = False
    running(wirewatch, lambda: not state_of(wirewatch, outlet).failures, "an answer")
    running(wirewatch, lambda: len(told(wirewatch)) > 1, "an alert")
    assert titles(wirewatch) == ["Harbour Radio fails", "Harbour Radio is heard again"]

    assert "silent sources" in " ".join(wirewatch.run("alerts", "list").stdout.split())
    shown = wirewatch.run("alerts", "show", "Dark").stdout
    assert "fails for 2 seconds" in shown
    assert "2 times in 30 days" in shown
    history = wirewatch.run("alerts", "history").stdout
    assert "why: it was failing since" in history
    assert "file: delivered" in history


def test_an_outlet_that_falls_silent_is_reported_with_its_usual_rate(
    wirewatch: Wirewatch, outlet: Outlet
) -> None:
    last = datetime.now(UTC) - timedelta(days=3)
    outlet.items = [last - timedelta(hours=n) for n in range(120)]
    wirewatch.run("alerts", "add", "Dark", "--silent-sources", "--source", "harbour radio")
    wirewatch.run("run", "--once", code=1)
    assert wirewatch.run("sources", "--silent", code=1).stdout.startswith("silent")
    named = wirewatch.ask("alerts", "test", "Dark")["named"]
    assert [one["name"] for one in named] == ["Harbour Radio"]

    running(wirewatch, lambda: bool(told(wirewatch)), "an alert")
    (alert,) = told(wirewatch)
    (news,) = alert["source_news"]
    assert (news["title"], news["status"], alert["hits"]) == ("Harbour Radio went silent", "silent", [])
    assert abs(datetime.fromisoformat(news["since"]) - last) < timedelta(seconds=2)
    assert news["expected"] > 20
    assert "items were expected" in news["reason"]

    polls = state_of(wirewatch, outlet).polls
    running(wirewatch, lambda: state_of(wirewatch, outlet).polls >= polls + 3, "polls after a restart")
    outlet.items = [datetime.now(UTC), *outlet.items]
    running(wirewatch, lambda: state_of(wirewatch, outlet).items > 120, "the new item")
    running(wirewatch, lambda: len(told(wirewatch)) > 1, "an alert")
    assert titles(wirewatch) == ["Harbour Radio went silent", "Harbour Radio is heard again"]


def test_keys_that_an_alert_about_sources_cannot_have_are_named(wirewatch: Wirewatch) -> None:
    both = wirewatch.run("alerts", "add", "Dark", "syria", "--silent-sources", code=2).stderr
    assert "--silent-sources goes with neither a QUERY nor --edits" in both
    assert "give either a QUERY" in wirewatch.run("alerts", "add", "Dark", code=2).stderr
    wrong = wirewatch.run("alerts", "add", "Dark", "--silent-sources", "--lang", "en", code=2).stderr
    assert "alert 'Dark', key 'languages': does not go with about = 'sources'" in wrong
    wirewatch.run("alerts", "add", "Dark", "--silent-sources", "--source", "Nobody")
    shown = wirewatch.run("alerts", "test", "Dark").stdout
    assert "warning: the feed list has no source called 'nobody'" in shown
    assert "Now it would name 0 of 0 sources." in shown
