"""What people mark: by the command line and the page, through a replay, a restart, an export and an import."""

import json
import urllib.parse
import urllib.request
from pathlib import Path

import pytest
from acceptance.command import Wirewatch, demo_once, free_port
from servers.commands import Process
from waiting import wait_until


@pytest.fixture(scope="module")
def wirewatch(tmp_path_factory: pytest.TempPathFactory) -> Wirewatch:
    return demo_once(tmp_path_factory.mktemp("demo"))


def marked(wirewatch: Wirewatch, article: str) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["value"], one["person"]) for one in wirewatch.ask("mark", article)["marks"]}


def test_marks_are_set_found_shown_and_taken_away(wirewatch: Wirewatch) -> None:
    first, second, *_ = wirewatch.search("syria")
    short = first["id"][:12]
    said = wirewatch.run(
        "mark", short, "--star", "--tag", "To check", "--note", "Call the ministry.", "--assign", "ann"
    )
    assert first["title"] in said.stdout
    assert "tag To check  (local)" in said.stdout
    wirewatch.run("mark", second["id"], "--not-topic", "syria", "--wrong-name", "Aleppo", "--as", "bob")
    for query in ("tag:to-check", 'note:"the ministry"', "starred:true", "assigned:ann", "syria AND tag:to*"):
        assert [head["id"] for head in wirewatch.search(query)] == [first["id"]], query
    assert first["id"] not in {head["id"] for head in wirewatch.search("syria starred:false")}
    assert wirewatch.ask("stories", "starred:true", "--since", "7300d")["articles"] == 1
    shown = wirewatch.run("show", short).stdout
    assert "Marked by local: note Call the ministry." in shown
    assert "Marked by bob: not the topic syria" in wirewatch.run("show", second["id"]).stdout
    corrections = wirewatch.lines("marks", "list", "--kind", "not-topic,wrong-name")
    assert {(one["kind"], one["value"], one["person"]) for one in corrections} == {
        ("not-topic", "syria", "bob"),
        ("wrong-name", "Aleppo", "bob"),
    }
    wirewatch.run("mark", short, "--unstar", "--untag", "to check")
    assert "has no such mark" in wirewatch.run("mark", short, "--unstar", code=2).stderr
    assert marked(wirewatch, short) == {("note", "Call the ministry.", "local"), ("assigned", "ann", "local")}
    assert {"mark"} == {one["what"] for one in wirewatch.lines("audit")}


def test_what_cannot_be_marked_or_asked_for(wirewatch: Wirewatch) -> None:
    article = wirewatch.search("syria")[2]["id"]
    assert "a letter or a digit" in wirewatch.run("mark", article, "--tag", "!", code=2).stderr
    assert "no article has this ID" in wirewatch.run("mark", "ffffffffffff", "--star", code=2).stderr
    assert "takes true or false" in wirewatch.run("search", "starred:yes", code=2).stderr
    refused = wirewatch.run("alerts", "test", "tag:urgent", code=2)
    assert "only searches can use it" in refused.stderr
    assert "expected some of star" in wirewatch.run("marks", "list", "--kind", "colour", code=2).stderr


def test_marks_outlive_a_replay_and_go_to_another_installation(wirewatch: Wirewatch, tmp_path: Path) -> None:
    article = wirewatch.search("syria")[3]["id"]
    wirewatch.run("mark", article, "--star", "--tag", "kept", "--note", "Grüße, 台灣", "--as", "ann")
    wirewatch.run("replay", "--from", "enrich")
    assert [head["id"] for head in wirewatch.search("tag:kept")] == [article]
    file = tmp_path / "marks.jsonl"
    assert f"written to {file}" in wirewatch.run("marks", "export", str(file)).stdout
    assert wirewatch.run("marks", "export").stdout == file.read_text()
    other = Wirewatch(tmp_path / "other", wirewatch.config, wirewatch.feeds)
    number = len(file.read_text().splitlines())
    assert f"{number} marks taken in; 0 were here already." in other.run("marks", "import", str(file)).stdout
    assert f"0 marks taken in; {number} were here already." in other.run("marks", "import", str(file)).stdout
    assert other.run("marks", "export").stdout == file.read_text()
    with file.open("a") as lines:
        lines.write('{"schema": "wirewatch/mark/1", "kind": "colour"}\n')
    empty = Wirewatch(tmp_path / "third", wirewatch.config, wirewatch.feeds)
    refused = empty.run("marks", "import", str(file), code=2)
    assert f"line {number + 1}" in refused.stderr
    assert empty.run("marks", "export").stdout == ""


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


def test_a_digest_has_topics_and_saved_searches(wirewatch: Wirewatch, tmp_path: Path) -> None:
    marks = tmp_path / "marks.jsonl"
    saved = {"schema": "wirewatch/mark/1", "kind": "search", "person": "ann", "time": "2026-01-01T00:00:00Z"}
    for name, address in (("Bog", "/?q=peatland"), ("Broken", "/?q=a+AND+%28"), ("Desk", "/desk")):
        with marks.open("a") as lines:
            lines.write(json.dumps({**saved, "name": name, "value": address}) + "\n")
    wirewatch.run("marks", "import", str(marks))
    made = wirewatch.ask("digest", "--since", "7300d", "--for", "ann", "--most", "2")
    sections = {section["name"]: section for section in made["sections"]}
    assert sections["Syria"]["articles"] == len(wirewatch.search("topic:syria"))
    assert len(sections["Syria"]["top"]) == 2
    assert sections["Bog"]["kind"] == "search"
    assert sections["Bog"]["top"][0]["source"] == "Lantern Review"
    assert not {"Broken", "Desk"} & set(sections)
    told = wirewatch.run("digest", "--since", "7300d", "--for", "ann")
    assert "The saved search 'Broken' is left out" in told.stderr
    assert "Bog: 1 article in 1 story" in told.stdout
    assert "Bog" not in wirewatch.run("digest", "--since", "7300d").stdout
    assert "nothing new" in wirewatch.run("digest", "--since", "1h").stdout
    page = tmp_path / "digest.html"
    wirewatch.run("digest", "--since", "7300d", "--html", str(page))
    assert page.read_text().startswith("<!doctype html>")
    assert "<b>Syria</b>" in page.read_text()
    assert "there is no channel 'mail'" in wirewatch.run("digest", "--send", "mail", code=2).stderr
    assert "for a file: --html" in wirewatch.run("digest", "--send", "stdout", code=2).stderr
