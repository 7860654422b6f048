"""`wirewatch replay` beside a running wirewatch."""

import signal
from collections.abc import Iterator

import pytest
from acceptance.command import Wirewatch, reading_of, worlds
from servers.commands import Process
from waiting import PATIENCE, wait_until


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wirewatch]:
    """A running wirewatch with some articles."""
    with worlds() as serve_world:
        wirewatch = reading_of(
            tmp_path_factory.mktemp("replay"), serve_world("--head-start", "20", "--every", "10000")
        )
        process = wirewatch.start("run")
        wait_until(lambda: len(wirewatch.archived()) >= 10, "some articles")
        yield wirewatch
        process.terminate()
        process.communicate()


@pytest.fixture
def running(begun: Wirewatch) -> Wirewatch:
    """The same, when it has nothing to do."""
    wait_until(
        lambda: all(row["lag"] == 0 for row in begun.status()["stages"]), "the end of the work", pause=0.5
    )
    return begun


def enriched(wirewatch: Wirewatch, article_id: str) -> str:
    """When an article was enriched, according to the archive."""
    return str(wirewatch.ask("show", article_id)["enriched"])


def test_the_running_one_does_the_work_and_is_followed(running: Wirewatch) -> None:
    first, *_, last = sorted(hit["id"] for hit in running.search())
    before = [enriched(running, one) for one in (first, last)]
    said = running.run("replay", "--from", "enrich").stderr
    assert "Replaying" in said
    assert "The running wirewatch does the work." in said
    assert said.endswith("All of it is done.\n")
    assert all(enriched(running, one) > moment for one, moment in zip((first, last), before, strict=True))


@pytest.mark.parametrize("stage", ["fetch", "extract", "relate", "index"])
def test_every_stage_can_be_replayed_beside_it(running: Wirewatch, stage: str) -> None:
    before = {hit["id"]: running.ask("show", hit["id"])["indexed"] for hit in running.search()}
    said = running.run("replay", "--from", stage).stderr
    assert "(100 %)" in said
    assert said.endswith("All of it is done.\n")
    after = {one: running.ask("show", one)["indexed"] for one in before}
    assert all(after[one] > moment for one, moment in before.items())
    assert running.status()["replays"] == []


def test_only_what_a_query_finds_is_replayed(running: Wirewatch) -> None:
    all_of_them, some = running.search(), running.search("syria")
    assert 0 < len(some) < len(all_of_them)
    before = {hit["id"]: enriched(running, hit["id"]) for hit in all_of_them}
    running.run("replay", "--from", "enrich", "--query", "syria")
    after = {one: enriched(running, one) for one in before}
    assert {one for one in before if after[one] > before[one]} == {hit["id"] for hit in some}


def test_a_replay_that_was_stopped_goes_on_where_it_was(running: Wirewatch, processes: list[Process]) -> None:
    slow = running.start("replay", "--from", "extract", "--rate", "0.2")
    processes.append(slow)
    wait_until(lambda: [one for one in running.status()["replays"] if one["done"]], "some of it")
    slow.send_signal(signal.SIGINT)
    slow.wait(PATIENCE)
    (stopped,) = running.status()["replays"]
    assert 0 < stopped["done"] < stopped["total"]
    said = running.run("replay", "--from", "extract").stderr
    assert f"{stopped['total'] - stopped['done']:,} of {stopped['total']:,} are left." in said
    assert running.status()["replays"] == []
