"""A data folder that a released version left (tests/samples/make_released.py) works with this one, and fires nothing again."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from samples.documents import checked
from samples.places import ROOT
from unit.wirewatch.commands.conftest import Said

from stream.supervisor import Supervisor

RELEASED = sorted((ROOT / "tests" / "samples" / "released").glob("*.tar.xz"))
ARTICLES, FIRED = 45, 8
"""In the folder of 0.2.0."""


@pytest.fixture(params=RELEASED, ids=lambda file: file.name.removesuffix(".tar.xz"))
def data(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    with tarfile.open(request.param) as packed:
        packed.extractall(tmp_path / "data", filter="data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Supervisor, "run", Supervisor.drain)
    return tmp_path / "data"


def test_there_is_a_folder_of_the_last_release() -> None:
    assert [file.name for file in RELEASED] == ["0.2.0.tar.xz"]


def test_the_user_is_told_what_to_do_before_the_index_is_rebuilt(call: Callable[..., Said]) -> None:
    done = call("search", "talks")
    assert done.code == 2
    assert "`wirewatch run` does that when it starts" in done.err


def test_all_of_it_works_after_a_start(call: Callable[..., Said], data: Path) -> None:
    def ask(command: str, *arguments: str) -> dict:  # type: ignore[type-arg]
        done = call(command, *arguments, "--json")
        assert done.code == 0, done.err
        return checked(json.loads(done.out))

    told = (data / "alerts.jsonl").read_bytes()
    started = call("index", "alert", "deliver", "relate")
    assert started.code == 0, started.err
    assert (data / "alerts.jsonl").read_bytes() == told
    status = ask("status")
    assert status["articles"] == ARTICLES
    assert {stage["stage"]: stage["lag"] for stage in status["stages"]} == dict.fromkeys(
        (one["stage"] for one in status["stages"]), 0
    )
    assert [(pile["kind"], pile["count"]) for pile in status["quarantine"]] != []
    found = ask("search", "talks", "--limit", "100")
    assert 0 < found["total"] < ARTICLES
    assert ask("search", "", "--limit", "100")["total"] == ARTICLES
    assert ask("search", "topic:peace-talks")["total"] > 0
    first = found["hits"][0]["article"]["id"]
    assert ask("show", first)["id"] == first
    assert ask("story", first)["reports"]
    assert len(ask("alerts history")["firings"]) == FIRED
    assert [one["name"] for one in ask("alerts list")["alerts"]] == ["Peace talks", "Syria in three outlets"]
    assert len(ask("sources", "--all")["sources"]) == 12
    assert call("mark", first, "--star").code == 0
    assert ask("search", "starred:true")["total"] == 1
    assert call("check").code == 0
    assert ask("backup", "saved.zip")["counts"] == {"articles": ARTICLES, "marks": 1}
