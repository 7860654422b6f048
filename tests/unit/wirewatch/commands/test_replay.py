"""`wirewatch replay` as a person sees it; what it does: tests/acceptance/test_replay.py."""

import threading
from pathlib import Path

import pytest
from samples.reading import make_archive
from samples.settings import settings_in
from unit.wirewatch.commands.conftest import Here

from wirewatch.commands import replay
from wirewatch.commands.replay import described
from wirewatch.composition.replaying import Progress
from wirewatch.config import Config
from wirewatch.topics import TAGGED, open_log


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(0, 0, 0.0), "0 of 0 (100 %), 0.0 a second"),
        (Progress(0, 50, 0.0), "0 of 50 (0 %), 0.0 a second"),
        (Progress(25, 50, 25.0), "25 of 50 (50 %), 25.0 a second, about 1 second left"),
        (Progress(0, 90, 1.0), "0 of 90 (0 %), 1.0 a second, about 90 seconds left"),
        (Progress(0, 7_200, 1.0), "0 of 7,200 (0 %), 1.0 a second, about 2 hours left"),
        (Progress(0, 300, 1.0), "0 of 300 (0 %), 1.0 a second, about 5 minutes left"),
        (Progress(0, 400_000, 1.0), "0 of 400,000 (0 %), 1.0 a second, about 5 days left"),
        (Progress(50, 50, 25.0), "50 of 50 (100 %), 25.0 a second"),
    ],
)
def test_how_far_it_is(progress: Progress, said: str) -> None:
    assert described(progress) == said


def test_without_an_archive_there_is_nothing_to_replay(here: Here) -> None:
    assert "there is no archive yet" in here.run("replay", "--from", "enrich", code=2).err


def test_a_running_wirewatch_is_handed_the_work_and_followed(
    here: Here, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = settings_in(data).paths
    make_archive(paths.index)
    monkeypatch.setattr(replay, "processes", lambda _: True)
    monkeypatch.setattr(replay, "FOLLOW_SECONDS", 0.01)
    over = threading.Event()

    def work() -> None:
        """The stage of the running wirewatch that reads what is handed over."""
        with open_log(Config(), paths) as log, log.consumer("enrich", "articles") as consumer:
            while not over.is_set():
                for record in consumer.poll(10, 0.05):
                    consumer.commit({record.partition: record.offset + 1})

    with open_log(Config(), paths) as log:
        assert log.progress("relate", TAGGED.name).lag == 0
    worker = threading.Thread(target=work)
    worker.start()
    try:
        said = here.run("replay", "--from", "enrich", "--query", "talks").err
    finally:
        over.set()
        worker.join()
    assert "The running wirewatch does the work." in said
    assert "Replaying 6 messages from enrich on." in said
    assert said.endswith("All of it is done.\n")
