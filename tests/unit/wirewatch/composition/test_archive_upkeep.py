"""Old articles are deleted while a process writes the archive, and what it takes on disk is measured."""

from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from samples.alerts import article
from samples.settings import settings_in
from waiting import until

from index.embedded.settings import Archive
from index.embedded.store import EmbeddedStore
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.meters import Meters
from web.desk.desk import Desk
from wirewatch.commands.settings import Settings, replace
from wirewatch.composition.archive_upkeep import NAME, expire, keep_archive, measure, storage
from wirewatch.composition.resources import Resources
from wirewatch.process.disk import Measured
from wirewatch.topics import open_log

NOW = utc_now()
KEPT = Archive(keep_days=365)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace_archive(settings_in(tmp_path), KEPT)


def replace_archive(settings: Settings, archive: Archive) -> Settings:
    return Settings(replace(settings.config, archive=archive), settings.paths)


@pytest.fixture
def store(settings: Settings) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(settings.paths.index) as made:
        for number in (1, 2, 3):
            made.add(article(number, seen=NOW - timedelta(days=400)))
        made.add(article(4, seen=NOW))
        made.flush()
        yield made


def test_what_somebody_marked_stays(settings: Settings, store: EmbeddedStore) -> None:
    ids = [one.enriched.key for one in store.scan()]
    with closing(Desk(settings.paths.data, utc_now)) as desk:
        desk.add("star", "ann", ids[0])
        desk.add("read", "ann", ids[1])
    expire(KEPT, settings.paths, store, bool)
    assert [one.enriched.key for one in store.scan()] == [ids[0], ids[3]]


def test_nothing_is_deleted_unless_it_is_set(settings: Settings, store: EmbeddedStore) -> None:
    expire(Archive(), settings.paths, store, bool)
    assert store.count() == 4


def test_a_topic_that_does_not_exist_deletes_nothing(
    settings: Settings, store: EmbeddedStore, capsys: pytest.CaptureFixture[str]
) -> None:
    expire(Archive(keep_days=365, keep_topics=("pease",)), settings.paths, store, bool)
    assert store.count() == 4
    assert "there is no topic 'pease'" in capsys.readouterr().out


def test_elasticsearch_has_a_setting_of_its_own(settings: Settings) -> None:
    elsewhere = msgspec.structs.replace(settings.config.elasticsearch, hosts=("http://localhost:9200",))
    with pytest.raises(ConfigError, match=r"archive\.keep_days: .* set elasticsearch\.keep_days"):
        replace(settings.config, elasticsearch=elsewhere)


def test_growth_is_measured_and_the_day_when_the_disk_is_full_forecast(
    settings: Settings, store: EmbeddedStore
) -> None:
    file = settings.paths.data / NAME
    first = storage(settings.config, settings.paths, NOW)
    assert first
    assert first.archive_bytes > 0
    assert first.index_bytes > 0
    assert (first.growth, first.full, first.keep_days) == (None, None, 365)
    measure(settings.paths, NOW)
    (noted,) = msgspec.json.decode(file.read_bytes(), type=list[Measured])
    assert noted.bytes == first.archive_bytes + first.index_bytes + first.log_bytes
    file.write_bytes(msgspec.json.encode([Measured(NOW - timedelta(days=2), noted.bytes - 4_000_000)]))
    grown = storage(settings.config, settings.paths, NOW)
    assert grown
    assert grown.growth == 2_000_000
    expected = NOW + timedelta(days=1) * (grown.free_bytes / 2_000_000)
    assert grown.full is None or abs(grown.full - expected) < timedelta(seconds=1)


def test_measurements_that_can_not_be_read_are_started_over(settings: Settings) -> None:
    file = settings.paths.data / NAME
    file.write_text("no json")
    measure(settings.paths, NOW)
    assert len(msgspec.json.decode(file.read_bytes(), type=list[Measured])) == 1


@pytest.mark.parametrize(("names", "left"), [(("index",), 1), (("enrich",), 4)])
async def test_the_process_that_writes_the_archive_does_it(
    settings: Settings, names: tuple[str, ...], left: int
) -> None:
    with EmbeddedStore.open(settings.paths.index) as store:
        for number in (1, 2, 3, 4):
            store.add(article(number, seen=NOW - timedelta(days=400)))
        store.flush()
    async with AsyncExitStack() as stack:
        log = stack.enter_context(open_log(settings.config, settings.paths))
        resources = Resources(settings.config, settings.paths, log, Meters(), stack, indexes="index" in names)
        async with keep_archive(resources, names):
            if left == 1:
                await until((settings.paths.data / NAME).exists)
    with EmbeddedStore.open(settings.paths.index) as store:
        assert store.count() == left
