"""What people mark on the command line; with replays, restarts and the page: tests/acceptance/test_desk.py."""

import json
from pathlib import Path

import pytest
from samples.reading import STORY, make_archive
from samples.settings import settings_in
from unit.wirewatch.commands.conftest import Here


@pytest.fixture(autouse=True)
def archive(data: Path) -> None:
    make_archive(settings_in(data).paths.index)


def marked(here: Here, article: str) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["value"], one["person"]) for one in here.ask("mark", article)["marks"]}


def found(here: Here, query: str) -> list[str]:
    return [hit["article"]["id"] for hit in here.ask("search", query)["hits"]]


def test_marks_are_set_found_shown_and_taken_away(here: Here) -> None:
    first, second, *_ = found(here, "talks")
    assert "no marks" in here.run("mark", first).out
    assert "There are none" in here.run("marks", "list").out
    said = here.run(
        "mark",
        first[:12],
        "--star",
        "--read",
        "--tag",
        "To check",
        "--note",
        "Call the ministry.",
        "--assign",
        "ann",
    )
    assert "tag To check  (local)" in said.out
    here.run("mark", second, "--not-topic", "peace", "--wrong-name", "Geneva", "--as", "bob")
    for query in ("tag:to-check", 'note:"the ministry"', "starred:true", "assigned:ann", "talks AND tag:to*"):
        assert found(here, query) == [first], query
    assert first not in found(here, "talks starred:false")
    assert here.ask("stories", "starred:true", "--since", "7300d")["articles"] == 1
    assert "Marked by local: note Call the ministry." in here.run("show", first).out
    assert "Marked by bob: not the topic peace" in here.run("show", second).out
    corrections = here.lines("marks", "list", "--kind", "not-topic,wrong-name")
    assert {(one["kind"], one["value"], one["person"]) for one in corrections} == {
        ("not-topic", "peace", "bob"),
        ("wrong-name", "Geneva", "bob"),
    }
    assert f"{second[:8]}  bob: " in here.run("marks", "list", "--person", "bob").out
    here.run("mark", first, "--unstar", "--unread", "--untag", "to check", "--unassign")
    assert "has no such mark" in here.run("mark", first, "--unstar", code=2).err
    assert marked(here, first) == {("note", "Call the ministry.", "local")}
    assert {"mark"} == {one["what"] for one in here.lines("audit")}


def test_what_cannot_be_marked_or_asked_for(here: Here) -> None:
    assert "a letter or a digit" in here.run("mark", STORY, "--tag", "!", code=2).err
    assert "no article has this ID" in here.run("mark", "ffffffffffff", "--star", code=2).err
    assert "takes true or false" in here.run("search", "starred:yes", code=2).err
    assert "only searches can use it" in here.run("alerts", "test", "tag:urgent", code=2).err
    assert "expected some of star" in here.run("marks", "list", "--kind", "colour", code=2).err


def test_marks_go_to_another_installation(here: Here, tmp_path: Path) -> None:
    here.run("mark", STORY, "--star", "--tag", "kept", "--note", "Grüße, 台灣", "--as", "ann")
    file, other = tmp_path / "marks.jsonl", ("--data", str(tmp_path / "other"))
    assert f"3 marks written to {file}" in here.run("marks", "export", str(file)).out
    assert here.run("marks", "export").out == file.read_text()
    assert "3 marks taken in; 0 were here already." in here.run("marks", "import", str(file), *other).out
    assert "0 marks taken in; 3 were here already." in here.run("marks", "import", str(file), *other).out
    assert here.run("marks", "export", *other).out == file.read_text()
    with file.open("a") as lines:
        lines.write('{"schema": "wirewatch/mark/1", "kind": "colour"}\n')
    third = ("--data", str(tmp_path / "third"))
    assert "line 4" in here.run("marks", "import", str(file), *third, code=2).err
    assert here.run("marks", "export", *third).out == ""


def test_a_digest_has_topics_and_saved_searches(here: Here, tmp_path: Path) -> None:
    saved = {"schema": "wirewatch/mark/1", "kind": "search", "person": "ann", "time": "2026-01-01T00:00:00Z"}
    addresses = {"Harbour": "/?q=harbour", "Broken": "/?q=a+AND+%28", "Desk": "/desk"}
    marks = tmp_path / "marks.jsonl"
    for name, address in addresses.items():
        with marks.open("a") as lines:
            lines.write(json.dumps({**saved, "name": name, "value": address}) + "\n")
    here.run("marks", "import", str(marks))
    asked = ("digest", "--since", "7300d", "--for", "ann")
    sections = {section["name"]: section for section in here.ask(*asked, "--most", "2")["sections"]}
    assert sections["Harbour"]["kind"] == "search"
    assert not {"Broken", "Desk"} & set(sections)
    told = here.run(*asked)
    assert "The saved search 'Broken' is left out" in told.err
    assert "Harbour: 1 article in 1 story" in told.out
    assert "Harbour:" not in here.run("digest", "--since", "7300d").out
    assert "nothing new" in here.run("digest", "--since", "1h").out
    page = tmp_path / "digest.html"
    here.run(*asked, "--html", str(page))
    assert page.read_text().startswith("<!doctype html>")
    assert "<b>Harbour</b>" in page.read_text()
    assert "there is no channel 'mail'" in here.run("digest", "--send", "mail", code=2).err
    assert "for a file: --html" in here.run("digest", "--send", "stdout", code=2).err
