"""An archive is moved into another one of any kind: here between two embedded ones, with a target that fails."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from samples.reading import article, enriched, fill

from index.embedded.store import EmbeddedStore
from index.store import Store
from stream.errors import Reject, RetryLater
from wirewatch.composition import moving
from wirewatch.composition.moving import differences, move


def no_wait(_: float) -> None:
    pass


def silent(*_: int) -> None:
    pass


@pytest.fixture
def source(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path / "one") as store:
        fill(store)
        store.flush()
        yield store


@pytest.fixture
def target(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(tmp_path / "two") as store:
        yield store


def test_all_of_it_arrives_in_order_with_its_times(
    source: EmbeddedStore, target: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_AT_ONCE", 2)
    told: list[tuple[int, int]] = []
    moved = move(source, target, "embedded", lambda *one: told.append(one), no_wait)
    assert list(target.scan()) == list(source.scan())
    number = source.count()
    assert (moved.articles, moved.written, moved.there) == (number, number, number)
    assert (moved.refused, moved.lacking, moved.differences) == ({}, [], [])
    assert told[-1] == (number, number)
    assert any(one.enriched.article.earlier for one in target.scan())


def test_one_that_was_stopped_goes_on(
    source: EmbeddedStore, target: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_AT_ONCE", 2)

    def stop(done: int, _: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(source, target, "embedded", stop, no_wait)
    assert target.count() == 4
    again = move(source, target, "embedded", silent, no_wait)
    assert again.written == source.count() - 4
    assert move(source, target, "embedded", silent, no_wait).written == 0


def test_a_newer_version_there_stays_and_is_no_loss(source: EmbeddedStore, target: EmbeddedStore) -> None:
    document = next(iter(source.scan()))
    newer = msgspec.structs.replace(
        document.enriched,
        article=msgspec.structs.replace(document.enriched.article, version=9, title="Newer"),
    )
    target.add(newer)
    target.flush()
    assert move(source, target, "embedded", silent, no_wait).lacking == []
    found = target.get(newer.key)
    assert found
    assert found.enriched.article.title == "Newer"


class Failing:
    """A store that can't be written to for a while, and refuses one article for good."""

    def __init__(self, store: Store, times: int, refused: str = "") -> None:
        self._store = store
        self._times = times
        self._refused = refused

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def take_over(self, document: object) -> None:
        if document.enriched.key != self._refused:  # type: ignore[attr-defined]
            self._store.take_over(document)  # type: ignore[arg-type]

    def flush(self) -> dict[str, Reject]:
        self._times -= 1
        if self._times >= 0:
            raise RetryLater("busy", "not now")
        self._store.flush()
        return {self._refused: Reject("too-large", "it is too large")} if self._refused else {}


def test_a_target_that_is_busy_is_waited_for(source: EmbeddedStore, target: EmbeddedStore) -> None:
    waits: list[float] = []
    move(source, Failing(target, 3), "embedded", silent, waits.append)  # type: ignore[arg-type]
    assert waits == [1, 2, 4]
    assert target.count() == source.count()


def test_one_that_stays_busy_is_reported(source: EmbeddedStore, target: EmbeddedStore) -> None:
    with pytest.raises(RetryLater, match="not now"):
        move(source, Failing(target, 99), "embedded", silent, no_wait)  # type: ignore[arg-type]


def test_what_is_refused_is_named_and_counted(source: EmbeddedStore, target: EmbeddedStore) -> None:
    document = next(iter(source.scan()))
    moved = move(source, Failing(target, 0, document.enriched.key), "embedded", silent, no_wait)  # type: ignore[arg-type]
    assert moved.refused == {document.enriched.key: "it is too large"}
    assert moved.lacking == [document.enriched.key]
    assert moved.differences[0] == f"{source.count()} articles here, {source.count() - 1} there"
    assert any(line.startswith(f"source {document.enriched.article.source}: ") for line in moved.differences)


def test_many_differences_are_counted(source: EmbeddedStore, target: EmbeddedStore) -> None:
    for number in range(8):
        target.add(enriched(article(f"https://x.example/{number}", f"Outlet {number}", "Other", "Text")))
    target.flush()
    told = list(differences(target, source))
    assert sum(line.startswith("source ") for line in told) == 5
    assert any(line.startswith("source: ") and line.endswith(" more differ") for line in told)
