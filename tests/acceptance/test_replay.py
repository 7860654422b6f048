"""`wirewatch replay` beside a running wirewatch."""

import subprocess
from collections.abc import Callable

import pytest
from acceptance.command import Wirewatch, World
from waiting import wait_until


@pytest.fixture
def running(
    serve_world: Callable[..., World],
    reading: Callable[[World], Wirewatch],
    processes: list["subprocess.Popen[str]"],
) -> Wirewatch:
    """A running wirewatch with some articles."""
    wirewatch = reading(serve_world("--head-start", "20", "--every", "60"))
    processes.append(wirewatch.start("run"))
    wait_until((wirewatch.data / "index" / "search").exists, "its beginning")
    wait_until(lambda: len(wirewatch.search()) >= 10, "some articles")
    return wirewatch


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


@pytest.mark.parametrize("stage", ["fetch", "extract", "index"])
def test_what_cannot_be_rewound_beside_a_run_is_refused_before_anything_is_queued(
    running: Wirewatch, stage: str
) -> None:
    wait_until(lambda: all(row["lag"] == 0 for row in running.status()["stages"]), "the end of the work")
    said = running.run("replay", "--from", stage, code=2).stderr
    assert f"replay --from {stage}: wirewatch is running" in said
    assert "stop it first" in said
    assert "messages go through" not in said
