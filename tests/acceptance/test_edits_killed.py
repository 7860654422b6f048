"""Edits survive kill -9 in the midst of reading again, embedded and over Kafka: none is lost, none told twice."""

import json
import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from acceptance.command import PROCESSES, Wirewatch
from servers.elasticsearch import new_prefix
from servers.newsroom import Newsroom, newsroom
from waiting import wait_until

from index.store import Search
from stream.errors import ConfigError, RetryLater
from stream.messages import Article
from stream.versions import texts
from wirewatch.composition.stores import open_store
from wirewatch.config import Paths, load

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

SLUGS = ("ferry", "herring", "kitchen", "talks")
PEOPLE = (163, 136, 140)
"""How many came, by version."""
AGAIN_SECONDS = range(4, 800, 4)
ALERTS = """
[[alert]]
name = "Edits"
about = "edits"
query = "ferry OR herring OR kitchen OR talks"
channels = ["file"]
"""


@dataclass(frozen=True)
class Outlet:
    """A small outlet on this machine. Some of its edits show in its feed, the others only on the page."""

    room: Newsroom
    began: datetime
    """When its articles are said to have been published: what is older is no news."""

    def publish(self, version: int, slugs: tuple[str, ...] = SLUGS) -> None:
        """Put a version of these articles in the place of what was there."""
        for slug in slugs:
            self.room.pages[f"/{slug}"] = ("text/html", self._page(slug, version))
        items = "".join(self._item(slug, title_of(slug, version)) for slug in slugs)
        old = f"<item><title>Old news</title><link>{self.room.url('/old')}</link></item>"
        self.room.pages["/old"] = ("text/html", self._page("old", 0))
        feed = f"<rss version='2.0'><channel><title>Harbour</title>{items}{old}</channel></rss>"
        self.room.pages["/feed"] = ("application/rss+xml", feed)

    def _item(self, slug: str, title: str) -> str:
        link = f"<link>{self.room.url('/' + slug)}</link>"
        return f"<item><title>{title}</title>{link}<pubDate>{format_datetime(self.began)}</pubDate></item>"

    def _page(self, slug: str, version: int) -> str:
        paragraphs = (
            f"The {slug} opened on Sunday, and {PEOPLE[version]} people came to see it from all parts of the town.",
            f"Nobody had counted on so many guests, the keeper of the {slug} told this paper in the afternoon.",
            "There was soup until three, and bread until five, and then the lights went out along the whole quay.",
            f"Next week the {slug} will be open again, weather permitting, and the band has promised to come back.",
        )
        text = "".join(f"<p>{one}</p>" for one in paragraphs)
        title = title_of(slug, version)
        return f"<html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"

    def asked(self) -> int:
        """How many articles were asked for so far."""
        return sum(path[1:] in SLUGS for path in self.room.asked)


def title_of(slug: str, version: int) -> str:
    """Every second article gets a new headline."""
    return (
        f"The {slug} and {PEOPLE[version] if SLUGS.index(slug) % 2 else 'many'} guests"
        if slug in SLUGS
        else "Old news"
    )


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with newsroom() as room:
        yield Outlet(room, datetime.now(UTC))


@pytest.fixture
def wirewatch(outlet: Outlet, tmp_path: Path) -> Wirewatch:
    """A wirewatch that reads the outlet every second, and each article every four."""
    feeds, config, data = tmp_path / "feeds.opml", tmp_path / "wirewatch.toml", tmp_path / "data"
    feeds.write_text(
        f'<opml version="2.0"><body><outline text="Harbour" xmlUrl="{outlet.room.url("/feed")}"/></body></opml>'
    )
    config.write_text(
        "[poll]\nevery_seconds = 1\nlongest_seconds = 2\n[fetch]\ngap_seconds = 0\nallow_private = ['127.0.0.0/8']\n"
        f"[edits]\nafter_hours = {[seconds / 3600 for seconds in AGAIN_SECONDS]}\n[web]\nport = 0\n"
    )
    data.mkdir()
    (data / "alerts.toml").write_text(ALERTS)
    return Wirewatch(data, config, feeds)


def archived(wirewatch: Wirewatch) -> dict[str, Article]:
    """The articles by their slugs."""
    paths = Paths(data=wirewatch.data, feeds=wirewatch.feeds, topics=None)
    try:
        with open_store(load(wirewatch.config), paths, readonly=True) as store:
            articles = [hit.document.enriched.article for hit in store.search(Search(limit=100)).hits]
    except (ConfigError, RetryLater):  # there is none yet
        return {}
    assert len({one.url for one in articles}) == len(articles), "an article is there twice"
    return {one.url.rpartition("/")[2]: one for one in articles}


def versions(wirewatch: Wirewatch) -> list[int]:
    """How many edits were found of each article."""
    found = archived(wirewatch)
    return [found[slug].version if slug in found else -1 for slug in SLUGS]


def told(wirewatch: Wirewatch) -> Counter[str]:
    """How often each edit was told of."""
    news = [firing["edit"] for firing in wirewatch.lines("alerts", "history") if firing["edit"]]
    return Counter(f"{one['article']['url'].rpartition('/')[2]}@{one['version']}" for one in news)


def delivered(wirewatch: Wirewatch) -> set[str]:
    """The keys of the messages that were sent."""
    file = wirewatch.data / "alerts.jsonl"
    return {json.loads(line)["key"] for line in file.read_text().splitlines()} if file.exists() else set()


def edit_and_kill(wirewatch: Wirewatch, outlet: Outlet, kill: Callable[[], None]) -> None:
    """Two edits of each article, with kills while they are read; then nothing is lost, and nothing told twice."""
    moments = random.Random(20160314)
    outlet.publish(0, ())
    wait_until(lambda: "old" in archived(wirewatch), "what is no news", pause=0.5)
    outlet.publish(0)
    wait_until(lambda: versions(wirewatch) == [0] * len(SLUGS), "all articles", pause=0.5)
    for version in (1, 2):
        outlet.publish(version)
        for _ in range(2):
            before = outlet.asked()
            wait_until(lambda before=before: outlet.asked() > before, "a page that is read again")  # type: ignore[misc]
            time.sleep(moments.uniform(0, 0.5))  # at any moment after that: there is nothing to wait for
            kill()
        wait_until(
            lambda version=version: versions(wirewatch) == [version] * len(SLUGS),
            f"edit {version}",
            pause=0.5,
        )  # type: ignore[misc]
    wait_until(lambda: len(delivered(wirewatch)) == 2 * len(SLUGS), "all alerts", pause=0.5)
    for slug, article in archived(wirewatch).items():
        if slug in SLUGS:
            assert [f"{people} people" in text for people, text in zip(PEOPLE, list(texts(article))[::-1], strict=True)] == [
                True, True, True,
            ], slug  # fmt: skip
    assert told(wirewatch) == {f"{slug}@{version}": 1 for slug in SLUGS for version in (1, 2)}


def test_edits_survive_kills_of_the_one_process(
    wirewatch: Wirewatch, outlet: Outlet, processes: list["subprocess.Popen[str]"]
) -> None:
    processes.append(wirewatch.start("run"))

    def kill() -> None:
        processes[-1].kill()
        processes[-1].communicate()
        processes.append(wirewatch.start("run"))

    edit_and_kill(wirewatch, outlet, kill)


def test_edits_survive_kills_of_all_stages_over_kafka_and_elasticsearch(
    wirewatch: Wirewatch,
    outlet: Outlet,
    processes: list["subprocess.Popen[str]"],
    kafka: str,
    elasticsearch: str,
) -> None:
    with wirewatch.config.open("a") as config:
        config.write(
            f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = '{new_prefix()}.'\npartitions = 2\nsession_seconds = 3\n"
            f"[elasticsearch]\nhosts = ['{elasticsearch}']\nprefix = '{new_prefix()}'\n"
        )
    wirewatch.run("setup")
    processes += [wirewatch.start(*names) for names in PROCESSES]

    def kill() -> None:
        for number, names in enumerate(PROCESSES):
            processes[number].kill()
            processes[number].communicate()
            processes[number] = wirewatch.start(*names)

    edit_and_kill(wirewatch, outlet, kill)
    found = archived(wirewatch)["herring"]
    assert "[-136-] {+140+}" in wirewatch.run("show", found.id, "--changes").stdout
    assert wirewatch.search('herring AND "163 people"') == []
    [hit] = wirewatch.ask("search", 'herring AND "163 people" in:any-version')["hits"]
    assert hit["earlier"]["version"] == 0
    assert len(wirewatch.search("changed:number")) == len(SLUGS)
