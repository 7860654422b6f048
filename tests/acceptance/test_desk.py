"""What people mark, through a replay and a kill; without either: tests/unit/wirewatch/commands/test_marks.py."""

import json
import urllib.parse
import urllib.request

import pytest
from acceptance.command import Wirewatch, demo_once
from servers.commands import Process
from servers.ports import free_port
from waiting import wait_until


@pytest.fixture(scope="module")
def wirewatch(tmp_path_factory: pytest.TempPathFactory) -> Wirewatch:
    return demo_once(tmp_path_factory.mktemp("demo"))


def marked(wirewatch: Wirewatch, article: str) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["value"], one["person"]) for one in wirewatch.ask("mark", article)["marks"]}


def test_marks_outlive_a_replay(wirewatch: Wirewatch) -> None:
    article = wirewatch.search("syria")[3]["id"]
    wirewatch.run("mark", article, "--star", "--tag", "kept", "--note", "Grüße, 台灣", "--as", "ann")
    wirewatch.run("replay", "--from", "enrich")
    assert [head["id"] for head in wirewatch.search("tag:kept")] == [article]


def test_what_the_page_marked_is_there_after_a_kill(wirewatch: Wirewatch, processes: list[Process]) -> None:
    article = wirewatch.search("syria")[4]["id"]
    port = free_port()
    address = f"http://127.0.0.1:{port}"

    def is_up() -> bool:
        try:
            with urllib.request.urlopen(address):
                return True
        except OSError:
            return False

    for tag in ("before", "after"):
        serving = wirewatch.start("serve", "--port", str(port))
        processes.append(serving)
        wait_until(is_up)
        form = urllib.parse.urlencode(
            {"article": article, "do": "tag", "value": tag, "back": "/desk"}
        ).encode()
        with urllib.request.urlopen(
            urllib.request.Request(f"{address}/desk/marks", form, headers={"Origin": address})
        ) as answer:
            assert answer.url == f"{address}/desk"
        serving.kill()
        serving.wait()
    assert marked(wirewatch, article) == {("tag", "before", "local"), ("tag", "after", "local")}
    noted = [json.loads(line) for line in (wirewatch.data / "audit.jsonl").read_text().splitlines()]
    assert [one["about"]["value"] for one in noted if one["what"] == "POST /desk/marks"] == [
        "before",
        "after",
    ]
