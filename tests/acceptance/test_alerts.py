"""Alerts as users see them: each story once, despite kills, outages and replays."""

import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from acceptance.command import Wirewatch, World, free_port
from samples.documents import checked
from waiting import wait_until

from demo.world import bundled
from index.store import Search
from query.parse import parse
from stream.messages import Enriched
from wirewatch.composition.stores import open_store
from wirewatch.config import Config, Paths

EVERYTHING = "the OR der OR la OR le OR el OR v OR في OR من"
ALERTS = """
[[alert]]
name = "Everything"
query = "{everything}"
channels = ["desk", "file"]

[[alert]]
name = "Syria"
query = "syria OR syrian"
channels = ["desk", "file"]

[channels.desk]
kind = "webhook"
url = "http://127.0.0.1:{port}/hook"
secret = "s3cret"
"""


class Receiver:
    """A desk that accepts alerts over HTTP while it is open."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.got: list[dict[str, Any]] = []
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> None:
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                got.append(checked(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
                assert self.headers["X-Wirewatch-Signature"].startswith("t=")
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def keys(self) -> list[str]:
        return [one["key"] for one in self.got]


@pytest.fixture
def desk() -> Iterator[Receiver]:
    receiver = Receiver(free_port())
    receiver.open()
    yield receiver
    receiver.close()


def with_alerts(wirewatch: Wirewatch, desk: Receiver) -> Wirewatch:
    wirewatch.data.mkdir(exist_ok=True)
    (wirewatch.data / "alerts.toml").write_text(ALERTS.format(port=desk.port, everything=EVERYTHING))
    return wirewatch


def first_poll(reading: Callable[[World], Wirewatch]) -> tuple[Wirewatch, int]:
    """A wirewatch that has polled each feed once, so that later articles are news, and the world's port."""
    port = free_port()
    arguments = ["--port", str(port), "--head-start", "5", "--every", "10000"]
    process = subprocess.Popen([sys.executable, "-m", "demo", *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    wirewatch = reading(World(port))
    wirewatch.run("run", "--once")
    process.terminate()
    process.communicate()
    return wirewatch, port


def fired(wirewatch: Wirewatch) -> int:
    file = wirewatch.data / "alerts.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def is_over(world: World) -> bool:
    return len(world.published()) == len(bundled().articles)


def told_by_news(wirewatch: Wirewatch) -> set[str]:
    """The matching stories among the articles in the archive that were news when found."""
    return {one.story for one in matching(wirewatch) if not one.article.backfill}


def matching(wirewatch: Wirewatch) -> list[Enriched]:
    """The articles in the archive that the alert of the same query is about."""
    paths = Paths(wirewatch.data, wirewatch.feeds, None)
    with open_store(Config(), paths, readonly=True) as store:
        hits = store.search(Search(query=parse(EVERYTHING), limit=1000)).hits
    return [hit.document.enriched for hit in hits]


def is_silent_over_news(wirewatch: Wirewatch) -> bool:
    """Whether nothing is reported while three more articles arrive."""
    before, told = len(wirewatch.archived()), fired(wirewatch)
    wait_until(lambda: len(wirewatch.archived()) >= before + 3, "three more articles")
    return fired(wirewatch) == told


def history(wirewatch: Wirewatch) -> list[dict[str, Any]]:
    firings: list[dict[str, Any]] = wirewatch.ask("alerts", "history")["firings"]
    assert firings == wirewatch.lines("alerts", "history")
    return firings


def test_each_story_is_reported_once_despite_kills_a_dead_channel_and_replays(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], desk: Receiver
) -> None:
    wirewatch, port = first_poll(reading)
    with_alerts(wirewatch, desk)
    assert not desk.got, "a feed's backlog is no news"
    world = serve_world("--head-start", "5", "--every", "0.3", port=port)
    chance = random.Random(5)
    for life in range(5):
        if life == 1:
            desk.close()
        if life == 3:
            desk.open()
        process, before = wirewatch.start("run"), fired(wirewatch)
        wait_until(lambda: fired(wirewatch) > before or is_over(world), "an alert")  # noqa: B023 - called at once
        time.sleep(chance.uniform(0.0, 1.0))  # at any moment: there is nothing to wait for
        assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()
    wait_until(lambda: is_over(world), "the last article")
    wirewatch.run("run", "--once")
    wirewatch.run("quarantine", "retry", "--stage", "deliver")
    wirewatch.run("run", "--once")

    stories = {one["story"] for one in history(wirewatch) if one["alert"] == "Everything"}
    # Since a story was reported it may have been merged, or articles split off it, which are not reported again.
    joined = {one.key: one.story for one in matching(wirewatch)}
    told_as, news = {joined.get(story, story) for story in stories}, told_by_news(wirewatch)
    assert len(told_as ^ news) <= 3
    assert len(told_as & news) > 10
    assert len(stories) > 10
    told = Counter(desk.keys())
    assert {key.split("|")[1] for key in told if key.startswith("Everything")} == stories
    # Sent again only if a kill came between sending and recording: with the same key.
    assert sum(told.values()) - len(told) <= 5
    assert any(one["also"] for one in history(wirewatch)), "a story that several outlets carried"
    assert all(at for one in history(wirewatch) for at in one["delivered"].values())

    before = len(desk.got), (wirewatch.data / "alerts.jsonl").read_bytes()
    for stage in ("fetch", "index"):  # the longest path and the shortest
        wirewatch.run("replay", "--from", stage)
    assert (len(desk.got), (wirewatch.data / "alerts.jsonl").read_bytes()) == before


def test_a_running_wirewatch_takes_up_a_new_alert(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list["subprocess.Popen[str]"],
) -> None:
    wirewatch, port = first_poll(reading)
    serve_world("--head-start", "5", "--every", "0.6", port=port)
    processes.append(wirewatch.start("run"))
    said = wirewatch.run(
        "alerts", "add", "All", "the OR der OR la", "--channel", "file", "--severity", "critical"
    ).stdout
    assert "(the OR der OR la)" in said
    file = wirewatch.data / "alerts.jsonl"
    wait_until(lambda: file.exists() and len(file.read_text().splitlines()) > 1, "alerts")
    told = checked(json.loads(file.read_text().splitlines()[-1]))
    assert told["severity"] == "critical"
    assert told["coverage"]["sources"] > 5
    article = told["hits"][0]["article"]
    wait_until(lambda: article["url"] in wirewatch.archived(), "it in the archive as well")
    (firing, *_) = wirewatch.ask("show", article["id"])["alerts"]
    assert (firing["alert"], firing["hit"]["article"]["id"]) == ("All", article["id"])
    shown = wirewatch.run("show", article["id"]).stdout
    assert "Alerts" in shown
    assert "matched:" in shown.split("Alerts")[1]
    assert "file: delivered" in shown

    wirewatch.run("alerts", "mute", "All")
    wait_until(lambda: is_silent_over_news(wirewatch), "silence while news come")
    assert "All (muted)" in wirewatch.run("alerts", "list").stdout
    assert "no longer muted" in wirewatch.run("alerts", "mute", "All", "--off").stdout
    assert "All (muted)" not in wirewatch.run("alerts", "list").stdout


def test_errors_in_alerts_are_reported_with_their_place(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch], desk: Receiver
) -> None:
    wirewatch = with_alerts(reading(serve_world("--head-start", "5")), desk)
    again = wirewatch.run("alerts", "add", "Syria", "x", code=2).stderr
    assert "alerts.toml, alert 'Syria', key 'name': there is an alert of this name" in again
    wrong = wirewatch.run("alerts", "add", "Mail", "x", "--to", "nosuch://x", code=2).stderr
    assert "channel 'Mail', key 'url': expected an Apprise URL" in wrong
    assert "position" in wirewatch.run("alerts", "add", "Bad", "(x", code=2).stderr
    assert "no alert is called 'No'" in wirewatch.run("alerts", "show", "No", code=2).stderr
    assert "no alert is called 'No'" in wirewatch.run("alerts", "remove", "No", code=2).stderr
    assert (
        "expected a duration"
        in wirewatch.run("alerts", "add", "Soon", "x", "--at-least", "2", "--within", "soon", code=2).stderr
    )
    file = wirewatch.data / "alerts.toml"
    whole = file.read_text()
    file.write_text(whole + '[[alert]]\nname = "Typo"\nquery = "x"\nchanels = []\n')
    said = "unknown key 'chanels'; did you mean 'channels'?"
    rested = wirewatch.run("run", "--once", code=1)
    assert "Stage alert rests: " in rested.stdout
    assert said in rested.stdout.replace("\n", " ")
    assert articles(wirewatch) > 0, "they reach the archive all the same"
    assert waiting(wirewatch, "alert") == articles(wirewatch)
    file.write_text(whole)
    wirewatch.run("run", "--once")
    assert waiting(wirewatch, "alert") == 0, "what waited is judged"


def articles(wirewatch: Wirewatch) -> int:
    found: int = json.loads(wirewatch.run("status", "--json").stdout)["articles"]
    return found


def waiting(wirewatch: Wirewatch, stage: str) -> int:
    stages = json.loads(wirewatch.run("status", "--json").stdout)["stages"]
    return next(int(one["lag"]) for one in stages if one["stage"] == stage)


def test_a_backtest_shows_what_would_have_been_sent(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world())
    assert "no archive" in wirewatch.run("alerts", "test", "syria", code=2).stderr
    wirewatch.run("run", "--once")
    since = ("--since", "2016-01-01", "--until", "2016-04-01")
    found = wirewatch.ask("alerts", "test", "syria OR syrian", *since)
    assert found["articles"] == len(wirewatch.search("syria OR syrian", *since))
    assert 10 < found["messages"] == found["stories"] < found["articles"]
    assert sum(day["messages"] for day in found["days"]) == found["messages"]
    assert all(sample["hit"]["snippet"]["marks"] for sample in found["samples"])
    shown = wirewatch.run("alerts", "test", "syria OR syrian", *since).stdout
    assert f"{found['messages']} messages to each channel" in shown
    assert "█" in shown
    few = wirewatch.ask("alerts", "test", "syria", *since, "--digest", "daily")
    assert few["messages"] < found["messages"]
    none = wirewatch.run("alerts", "test", "xylophonist", *since).stdout
    assert "nothing would have been sent" in none
    assert "0 firings since" in wirewatch.run("alerts", "history").stdout
    assert "There are no alerts" in wirewatch.run("alerts", "list").stdout


def test_a_channel_without_its_variable_stops_no_other_and_is_named(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    desk: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wirewatch, port = first_poll(reading)
    text = ALERTS.format(port=desk.port, everything=EVERYTHING).replace('"s3cret"', '"$WATCH_HOOK_SECRET"')
    (wirewatch.data / "alerts.toml").write_text(text)
    monkeypatch.delenv("WATCH_HOOK_SECRET", raising=False)
    world = serve_world("--head-start", "5", "--every", "0.1", port=port)
    wait_until(lambda: is_over(world), "the last article")
    ran = wirewatch.run("run", "--once")
    why = "there is no environment variable WATCH_HOOK_SECRET"
    assert why in ran.stderr
    assert fired(wirewatch) > 10
    assert not desk.got
    (waiting,) = [one for one in wirewatch.status()["retries"] if one["stage"] == "deliver"]
    assert (waiting["kind"], waiting["count"]) == ("channel-broken", fired(wirewatch))
    assert f"channel desk: key 'secret': {why}" in waiting["example"]
    assert f"channel 'desk' can't be used here: key 'secret': {why}" in wirewatch.run("alerts", "list").stdout
    monkeypatch.setenv("WATCH_HOOK_SECRET", "s3cret")
    wirewatch.run("quarantine", "retry", "--stage", "deliver")
    wirewatch.run("run", "--once")
    assert len(set(desk.keys())) == waiting["count"]


def test_alerts_and_feeds_that_many_commands_change_at_once_are_all_there(
    serve_world: Callable[..., World], reading: Callable[[World], Wirewatch]
) -> None:
    wirewatch = reading(serve_world("--head-start", "5"))
    before = len(wirewatch.run("feeds", "list", "--jsonl").stdout.splitlines())
    adding = [wirewatch.start("alerts", "add", f"Alert {number}", "syria") for number in range(12)]
    for number in range(6):
        file = wirewatch.feeds.with_name(f"other{number}.opml")
        file.write_text(
            f'<opml><body><outline text="{number}" xmlUrl="http://n{number}.example/"/></body></opml>'
        )
        adding.append(wirewatch.start("feeds", "import", str(file)))
    assert [process.communicate()[1] for process in adding] == [""] * 18
    assert [process.returncode for process in adding] == [0] * 18
    assert len(wirewatch.run("alerts", "list", "--jsonl").stdout.splitlines()) == 12
    assert len(wirewatch.run("feeds", "list", "--jsonl").stdout.splitlines()) == before + 6
