"""The stages as processes over a real Kafka and Elasticsearch; each is killed in turn while it works."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from acceptance.command import PROCESSES, Wirewatch, World, urls
from servers.elasticsearch import new_prefix
from servers.proxy import Fault, Request, proxy

from bench.faults import ROLES, run_faults

# kafka-python 3.0.12 leaves a connection that is just being opened to the garbage collector when a client is closed.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <(socket|ssl):ResourceWarning")


@pytest.fixture
def busy_elasticsearch(elasticsearch: str) -> Iterator[str]:
    """An Elasticsearch that is too busy for every fifth request."""
    numbers = itertools.count()

    def judge(request: Request) -> Fault | None:
        return Fault(429) if request.path.startswith("/_bulk") and next(numbers) % 5 == 2 else None

    with proxy(elasticsearch, judge) as url:
        yield url


@pytest.mark.parametrize("kills", [len(ROLES), pytest.param(24, marks=pytest.mark.long)])
def test_nothing_is_lost_or_duplicated_though_every_stage_is_killed_again_and_again(
    tmp_path: Path, kafka: str, busy_elasticsearch: str, kills: int
) -> None:
    report = run_faults(tmp_path, kafka, busy_elasticsearch, kills=kills, pause=1.5, servers=lambda _: None)
    assert report.is_clean(), msgspec.json.format(msgspec.json.encode(report)).decode()
    assert sum(report.kills.values()) == kills
    assert len(report.kills) >= len(set(PROCESSES)), "strikes of many kinds"


def test_the_commands_are_alike_over_kafka_and_elasticsearch(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    kafka: str,
    elasticsearch: str,
) -> None:
    world = serve_world()
    wirewatch = reading(world)
    with wirewatch.config.open("a") as config:
        config.write(
            f"[kafka]\nbootstrap_servers = '{kafka}'\nprefix = '{new_prefix()}.'\npartitions = 4\n"
            f"[elasticsearch]\nhosts = ['{elasticsearch}']\nprefix = '{new_prefix()}'\n"
        )
    first, second = (wirewatch.run("setup", "--json").stdout for _ in range(2))
    assert '"created"' in first
    assert first.replace('"created"', '"in place"') == second, "once made, all stays as it is"
    assert "no feed list" not in wirewatch.run("status").stdout
    wirewatch.run("run", "--once")

    found = urls(wirewatch.search())
    assert set(found) == world.expected("indexed")
    assert len(found) == len(set(found)), "an article was indexed twice"
    status = wirewatch.status()
    assert all(stage["lag"] == 0 for stage in status["stages"])
    assert sum(pile["count"] for pile in status["quarantine"]) == len(world.expected("quarantined"))
    assert wirewatch.run("show", wirewatch.search('"peace talks"')[0]["id"]).stdout

    listed = wirewatch.lines("feeds", "list")
    assert all(row["polled"] for row in listed)
    wirewatch.run("feeds", "remove", listed[0]["url"])
    wirewatch.feeds.unlink()  # the list is in Kafka now
    assert wirewatch.status()["feeds"] == len(listed) - 1
    assert listed[0]["url"] not in wirewatch.run("feeds", "export").stdout

    dead = wirewatch.lines("quarantine", "list")
    assert len(dead) == len(world.expected("quarantined"))
    assert wirewatch.run("quarantine", "show", dead[0]["id"]).stdout
    wirewatch.run("quarantine", "retry", dead[0]["id"])
    wirewatch.run("replay", "--from", "enrich")  # this also covers messages put back from quarantine
    status = wirewatch.status()
    assert sum(pile["count"] for pile in status["quarantine"]) == len(dead)
    assert all(stage["lag"] == 0 for stage in status["stages"])
    assert set(urls(wirewatch.search())) == world.expected("indexed")
