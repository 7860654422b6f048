"""Two stories turn out to be one while everything is killed with kill -9: archive and alerts follow after the restart."""

import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acceptance.alerting import sent
from acceptance.command import Wirewatch
from servers.elasticsearch import new_prefix
from waiting import wait_until

from index.store import Search
from stream.errors import ConfigError, RetryLater
from stream.log.base import Log, Outgoing
from stream.messages import Article, Enriched, encode
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths, load
from wirewatch.topics import ALERT_STATES, STAGES, STORY_MOVES, TAGGED, open_log

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

REPORTS = {
    "ferry": ("Ferry Lady Mirela sinks off Zamboanga", "The Lady Mirela capsized in a storm."),
    "search": (
        "Dozens missing as boats search off Basilan",
        "Coast guard boats search the sea off Zamboanga.",
    ),
    "both": ("Lady Mirela sinks off Zamboanga, dozens missing", "Coast guard boats search off Basilan."),
    "later": ("Lady Mirela: boats off Basilan give up search", "Dozens are missing off Zamboanga."),
    "choir": ("Choir of Tromelin wins a prize in Quimper", "The singers go home with a silver herring."),
}
"""The third shows that the first two are one event; the fourth is on it, too."""
IDS = {name: f"{number:032x}" for number, name in enumerate(REPORTS, 1)}
ALERTS = '[[alert]]\nname = "All"\nquery = "off OR prize"\nchannels = ["file"]\n'
RELATING, FOLLOWING = ("relate",), ("index", "alert", "deliver")


@pytest.fixture(params=["embedded", "servers"])
def wirewatch(request: pytest.FixtureRequest, tmp_path: Path) -> Wirewatch:
    """A wirewatch without feeds, embedded, and over Kafka and Elasticsearch."""
    data, config, feeds = tmp_path / "data", tmp_path / "wirewatch.toml", tmp_path / "feeds.opml"
    text = "[web]\nport = 0\n"
    if request.param == "servers":
        text += (
            f"[kafka]\nbootstrap_servers = '{request.getfixturevalue('kafka')}'\nprefix = '{new_prefix()}.'\n"
            "partitions = 1\nsession_seconds = 3\n"
            f"[elasticsearch]\nhosts = ['{request.getfixturevalue('elasticsearch')}']\nprefix = '{new_prefix()}'\n"
        )
    config.write_text(text)
    feeds.write_text("<opml version='2.0'><body></body></opml>")
    data.mkdir()
    (data / "alerts.toml").write_text(ALERTS)
    made = Wirewatch(data, config, feeds)
    if request.param == "servers":
        made.run("setup")
    return made


@contextmanager
def log_of(wirewatch: Wirewatch) -> Iterator[Log]:
    paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
    with open_log(load(wirewatch.config), paths) as log:
        yield log


def publish(log: Log, *names: str) -> None:
    """Hand over articles as the stage `enrich` does."""
    log.produce([Outgoing(TAGGED.name, IDS[name], encode(enriched(name))) for name in names])


def enriched(name: str) -> Enriched:
    title, text = REPORTS[name]
    now = datetime.now(UTC)
    article = Article(
        id=IDS[name], url=f"https://{name}.example/1", feed=f"https://{name}.example/feed", source=name.title(),
        title=title, summary=text, text=text, seen=now, fetched=now, extracted=now,
    )  # fmt: skip
    return Enriched(article=article, language="en", enriched=now)


def stories(wirewatch: Wirewatch) -> Mapping[str, str]:
    """The articles in the archive, each with the first report of its story."""
    paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
    names = {number: name for name, number in IDS.items()}
    try:
        with open_store(load(wirewatch.config), paths, readonly=True) as store:
            found = [hit.document.enriched for hit in store.search(Search(limit=100)).hits]
    except (ConfigError, RetryLater):  # there is none yet
        return {}
    return {names[one.article.id]: names[one.story] for one in found}


def are_idle(log: Log) -> bool:
    """Whether the stages that follow have recorded all that they did."""
    return not any(log.progress(name, STAGES[name].name).lag for name in FOLLOWING)


def told(wirewatch: Wirewatch) -> list[str]:
    """The articles about which a message was sent."""
    messages = sent(wirewatch)
    assert len({one["key"] for one in messages}) == len(messages), "sent twice"
    return [hit["article"]["source"].lower() for one in messages for hit in one["hits"]]


def test_archive_and_alerts_follow_a_merge_over_kills(
    wirewatch: Wirewatch, processes: list["subprocess.Popen[str]"]
) -> None:
    def start() -> None:
        processes.extend(wirewatch.start(*names) for names in (RELATING, FOLLOWING))

    def kill() -> None:
        for process in processes:
            process.kill()
            process.communicate()
        processes.clear()

    start()
    with log_of(wirewatch) as log:
        wait_until(lambda: log.latest(ALERT_STATES.name), "alerts, to which the articles before are no news")
        publish(log, "ferry", "search")
        wait_until(lambda: stories(wirewatch) == {"ferry": "ferry", "search": "search"}, "two stories")
        wait_until(lambda: sorted(told(wirewatch)) == ["ferry", "search"], "an alert of each")
        wait_until(lambda: are_idle(log), "a moment in which they don't hold the log's lock")
        processes[1].send_signal(
            signal.SIGSTOP
        )  # so that the merge is in the log, and nobody has followed it
        publish(log, "both")
        wait_until(lambda: IDS["search"] in log.latest(STORY_MOVES.name), "the merge")
        kill()

        start()
        one_story = {"ferry": "ferry", "search": "ferry", "both": "ferry"}
        wait_until(lambda: stories(wirewatch) == one_story, "one story")
        kill()  # before, amid or after the commit: following once more changes nothing

        start()
        publish(log, "later", "choir")
        all_stories = {**one_story, "later": "ferry", "choir": "choir"}
        wait_until(lambda: stories(wirewatch) == all_stories, "all articles")
        wait_until(lambda: "choir" in told(wirewatch), "an alert of the last article")
        assert sorted(told(wirewatch)) == ["choir", "ferry", "search"], "the merged story is told no more"

        wirewatch.run("replay", "--from", "relate")
        assert stories(wirewatch) == all_stories
        assert sorted(told(wirewatch)) == ["choir", "ferry", "search"]
