"""`wirewatch check` on a sound archive and on a lost one; each kind of damage: tests/acceptance/test_damage.py."""

import shutil
from pathlib import Path

import pytest
from samples.reading import NOON, article, enriched
from samples.settings import settings_in
from unit.wirewatch.commands.conftest import Here

from index.embedded.store import EmbeddedStore
from stream.log.base import Outgoing
from stream.messages import encode
from wirewatch.config import Config, Paths
from wirewatch.topics import RELATED, open_log


@pytest.fixture
def paths(data: Path) -> Paths:
    """A log and an archive with two articles."""
    found = settings_in(data).paths
    articles = [
        enriched(
            article(f"https://wire.example/{number}", "Harbour Wire", f"Talks {number}", "The talks go on.")
        )
        for number in range(2)
    ]
    with open_log(Config(), found) as log, EmbeddedStore.open(found.index, now=lambda: NOON) as store:
        for one in articles:
            log.produce([Outgoing(RELATED.name, one.article.id, encode(one))])
            store.add(one)
        store.flush()
        with log.consumer("index", RELATED.name) as consumer:
            consumer.poll(10, 0)
            consumer.commit({0: 2})
    return found


def test_nothing_there_yet(here: Here) -> None:
    said = here.run("check").out
    assert "there is no log yet" in said
    assert "there is no archive yet" in said


@pytest.mark.usefixtures("paths")
def test_sound_data_is_reported_as_sound(here: Here) -> None:
    said = here.run("check").out
    assert "2 articles can be read" in said
    assert "repair" not in said
    assert not any(one["problem"] for one in here.ask("check")["parts"])


def test_a_lost_archive_is_started_again_with_what_the_log_holds(here: Here, paths: Paths) -> None:
    shutil.rmtree(paths.index)
    told = here.run("check", code=1).out
    assert "the archive is missing, although the log shows that articles were written to it" in told
    assert "or: first look for a backup" in told
    assert "To repair: wirewatch check --repair" in told
    mended = here.run("check", "--repair").out
    assert "repaired: 2 articles still in the log will be indexed again at the next run" in mended


def test_a_damaged_index_is_rebuilt(here: Here, paths: Paths) -> None:
    for file in (paths.index / "search").glob("*.term"):
        file.write_bytes(b"\xff" * file.stat().st_size)
    assert "rebuilds it from the articles" in here.run("check", code=1).out
    assert "repaired: the search index was rebuilt: 2 articles" in here.run("check", "--repair").out


def test_what_is_written_to_is_not_repaired(here: Here, paths: Paths) -> None:
    with EmbeddedStore.open(paths.index):
        for file in (paths.index / "search").glob("*.term"):
            with file.open("r+b") as opened:
                opened.write(b"\xff" * 16)
        assert "wirewatch is running on this data; stop it first" in here.run("check", "--repair", code=2).err
