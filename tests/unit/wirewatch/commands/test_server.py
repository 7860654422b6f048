"""The command line asking another wirewatch over its API: the same output as beside the data."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from samples.documents import checked
from samples.reading import STORY, make_archive
from samples.settings import settings_in
from servers.page import page_of
from servers.ports import free_port
from unit.wirewatch.commands.conftest import Said

Call = Callable[..., Said]
Run = Callable[..., str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("data")
    make_archive(settings_in(made).paths.index)
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with page_of(settings_in(folder)) as address:
        yield address


@pytest.fixture
def run(call: Call) -> Run:
    """Runs a command that ends with a code; returns what it prints, or its complaint."""

    def run(*arguments: str, code: int = 0) -> str:
        said = call(*arguments)
        assert said.code == code, said.err
        return said.err if code else said.out

    return run


@pytest.mark.parametrize(
    "arguments",
    [
        ("search", "talks", "--all"),
        ("search", "talks", "--all", "--limit", "1", "--offset", "1"),
        ("search", "talks", "--offset", "9", "--all"),
        ("search", "talks", "--jsonl"),
        ("search", "talk", "--all"),
        ("search", "--topic", "peace", "--lang", "ar", "--all"),
        ("search", "136 in:any-version", "--all", "--utc"),
        ("search", "talks", "--count", "source,language", "--by", "day"),
        ("show", STORY[:10]),
        ("stories", "talks", "--since", "2026-01-01"),
        ("stories", "talks", "--since", "2026-01-01", "--json"),
        ("stories", "--since", "all"),
        ("story", STORY[:10]),
        ("story", STORY, "--json"),
        ("export", "talks", "--format", "csv"),
        ("export", "talks", "--format", "jsonl", "--sort", "oldest"),
        ("export", "--format", "md"),
        ("export", "talks", "--format", "ris", "--since", "2026-03-01T13:00"),
    ],
    ids=" ".join,
)
def test_the_same_is_printed_here_and_from_there(
    run: Run, folder: Path, server: str, arguments: tuple[str, ...]
) -> None:
    here = run(*arguments, "--data", str(folder))
    assert here.strip()
    assert run(*arguments, "--server", server) == here


def test_the_server_may_be_named_by_the_environment(
    run: Run, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIREWATCH_SERVER", f"{server}/")
    there = run("search", "talks", "--jsonl")
    assert len(there.splitlines()) == 3


def test_documents_of_another_conform_to_their_schemas(run: Run, server: str) -> None:
    page = checked(json.loads(run("search", "talks", "--json", "--server", server)))
    assert (page["total"], page["query"]["text"]) == (3, "talks")
    assert checked(json.loads(run("show", STORY, "--json", "--server", server)))["id"] == STORY
    checked(json.loads(run("search", "talks", "--count", "topic", "--json", "--server", server)))


def test_faults_are_reported_as_here(run: Run, server: str) -> None:
    said = run("search", "talks AND (", "--server", server, code=2)
    assert "talks AND (\n             ^" in said
    assert "--fold" in run("search", "--fold", "--server", server, code=2)
    assert "No article has this id" in run("show", "ffff", "--server", server, code=2)
    assert "can't be asked now" in run("search", "--server", f"http://127.0.0.1:{free_port()}", code=1)
    for wrong in (
        "desk.example",
        "ftp://desk.example",
        "http://ann:x@desk.example",
        "http://[",
        "http://a:b",
    ):
        assert "expected an address" in run("search", "--server", wrong, code=2)
    token = run("search", "--server", "http://desk.example", "--token", "SECRET", code=2)
    assert "by https only" in token
    assert "SECRET" not in token
    assert "--server" in run("show", "a", "--changes", "--server", server, code=2)


def test_a_file_is_written_whole_or_not_at_all(run: Run, folder: Path, server: str, tmp_path: Path) -> None:
    file = tmp_path / "talks.jsonl"
    run("export", "talks", "--format", "jsonl", "--output", str(file), "--data", str(folder))
    assert len(file.read_text().splitlines()) == 3
    run("export", "talks AND (", "--output", str(file), "--data", str(folder), code=2)
    run("export", "x AND (", "--output", str(file), "--server", server, code=2)
    assert len(file.read_text().splitlines()) == 3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["talks.jsonl"]
    feed = run("export", "talks", "--format", "atom", "--data", str(folder))
    assert feed.count("<entry>") == 3


@pytest.mark.parametrize(
    ("code", "body", "exit_code", "told"),
    [
        (200, b"<html>a shop</html>", 2, "this is no answer of a wirewatch"),
        (302, b"", 2, "HTTP 302"),
        (401, b'{"detail": "log in first"}', 2, "log in first (--token, or WIREWATCH_TOKEN)"),
        (429, b'{"detail": "too many requests"}', 1, "too many requests"),
        (500, b"oh no", 1, "HTTP 500"),
    ],
)
def test_what_another_server_answers_is_reported(
    run: Run, code: int, body: bytes, exit_code: int, told: str
) -> None:
    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.send_header("Location", "http://elsewhere.example/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answering) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        said = run("search", "talks", "--server", f"http://127.0.0.1:{other.server_port}", code=exit_code)
        thread.join()
    assert told in said
