"""Edits survive kill -9 while articles are read again, embedded and over Kafka: none is lost, none reported twice."""

import random
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from acceptance.alerting import sent
from acceptance.command import Wirewatch
from acceptance.rereading import archived, feed_of, page_of, rereading
from servers.elasticsearch import new_prefix
from servers.newsroom import Newsroom, newsroom
from waiting import wait_until

from stream.versions import texts

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")

SLUGS = ("ferry", "herring", "kitchen", "talks")
PEOPLE = (163, 136, 140)
"""How many came, by version."""
SERVICES = (("poll", "fetch"), ("extract", "enrich"), ("relate", "index", "alert", "deliver"))
"""The stages in several processes: the arguments of each."""
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
        versions = {**dict.fromkeys(slugs, version), "old": 0}
        for slug, shown in versions.items():
            self.room.pages[f"/{slug}"] = page_of(title_of(slug, shown), text_of(slug, shown))
        titles = {slug: title_of(slug, shown) for slug, shown in versions.items()}
        self.room.pages["/feed"] = feed_of(self.room, titles, self.began)

    def asked(self) -> int:
        """How many articles were asked for so far."""
        return sum(path[1:] in SLUGS for path in self.room.asked)


def title_of(slug: str, version: int) -> str:
    """Every second article gets a new headline."""
    if slug not in SLUGS:
        return "Old news"
    return f"The {slug} and {PEOPLE[version] if SLUGS.index(slug) % 2 else 'many'} guests"


def text_of(slug: str, version: int) -> tuple[str, ...]:
    """The paragraphs of an article."""
    return (
        f"The {slug} opened on Sunday, and {PEOPLE[version]} people came to see it from all parts of the town.",
        f"Nobody had counted on so many guests, the keeper of the {slug} told this paper in the afternoon.",
        "There was soup until three, and bread until five, and then the lights went out along the whole quay.",
        f"Next week the {slug} will be open again, weather permitting, and the band has promised to come back.",
    )


@pytest.fixture
def outlet() -> Iterator[Outlet]:
    with newsroom() as room:
        yield Outlet(room, datetime.now(UTC))


@pytest.fixture
def wirewatch(outlet: Outlet, tmp_path: Path) -> Wirewatch:
    return rereading(outlet.room, tmp_path, ALERTS)


def versions(wirewatch: Wirewatch) -> list[int]:
    """How many edits were found of each article."""
    found = archived(wirewatch)
    return [found[slug].version if slug in found else -1 for slug in SLUGS]


def told(wirewatch: Wirewatch) -> Counter[str]:
    """How often each edit was reported."""
    news = [firing["edit"] for firing in wirewatch.lines("alerts", "history") if firing["edit"]]
    return Counter(f"{one['article']['url'].rpartition('/')[2]}@{one['version']}" for one in news)


def delivered(wirewatch: Wirewatch) -> set[str]:
    """The keys of the messages that were sent."""
    return {one["key"] for one in sent(wirewatch)}


def edit_and_kill(wirewatch: Wirewatch, outlet: Outlet, kill: Callable[[], None]) -> None:
    """Two edits of each article, with kills while they are read; then nothing is lost, and nothing reported twice."""
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


@pytest.mark.long
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
    processes += [wirewatch.start(*names) for names in SERVICES]

    def kill() -> None:
        for number, names in enumerate(SERVICES):
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
