"""`wirewatch query check` and `translate`, as people and programs call it."""

from pathlib import Path

import pytest
from acceptance.command import Wirewatch


@pytest.fixture
def wirewatch(tmp_path: Path) -> Wirewatch:
    config = tmp_path / "wirewatch.toml"
    config.touch()
    return Wirewatch(data=tmp_path, config=config, feeds=tmp_path / "feeds.opml")


def test_a_query_is_shown_as_understood_with_warnings(wirewatch: Wirewatch) -> None:
    done = wirewatch.run("query", "check", 'syria OR truce AND "peace talks"~5')
    assert 'Understood as: (syria OR (truce AND "peace talks"~5))' in done.stdout
    assert "\n" + " " * (2 + len("syria OR truce ")) + "^" in done.stdout


def test_as_json(wirewatch: Wirewatch) -> None:
    found = wirewatch.ask("query", "check", "topic:Siria sy*")
    assert found["understood"] == "(topic:siria AND sy*)"
    assert [(one["kind"], one["position"]) for one in found["warnings"]] == [
        ("never", 6),
        ("short-prefix", 12),
    ]
    bad = wirewatch.ask("query", "check", "a (b", code=2)
    assert (bad["schema"], bad["kind"], bad["position"]) == ("wirewatch/error/1", "query", 2)


def test_an_alert_on_an_unknown_topic_gets_a_warning(wirewatch: Wirewatch) -> None:
    done = wirewatch.run("alerts", "add", "Siria", "topic:siria AND truce", "--to", "json://alerts.example/")
    assert "warning: no topic is called siria: did you mean syria?" in done.stdout


def test_a_fault_is_shown_at_its_place(wirewatch: Wirewatch) -> None:
    done = wirewatch.run("query", "check", "oil~1 prices", code=2)
    assert done.stderr.startswith("wirewatch: query: fuzzy search (~) is not supported")
    assert done.stderr.endswith("  oil~1 prices\n     ^\n")


def test_a_query_of_another_language_is_translated(wirewatch: Wirewatch) -> None:
    done = wirewatch.run("query", "translate", "--from", "factiva", "hd=syria and peace near5 talks")
    assert (done.stdout, done.stderr) == ('title:syria AND "peace talks"~4\n', "")
    understood = wirewatch.ask("query", "check", done.stdout.strip())
    assert understood["understood"] == '(title:syria AND "peace talks"~4)'


def test_what_a_translation_leaves_out_is_named_and_fails(wirewatch: Wirewatch) -> None:
    done = wirewatch.run("query", "translate", "--from", "factiva", "rst=SFWSJ and syria", code=1)
    assert done.stdout == "syria\n"
    assert done.stderr.startswith("left-out: rst= takes Factiva's codes")
    assert done.stderr.endswith("  rst=SFWSJ and syria\n  ^\n")
    told = wirewatch.ask("query", "translate", "--from", "factiva", "rst=SFWSJ and syria", code=1)
    assert (told["query"], told["complete"]) == ("syria", False)
    assert [(note["kind"], note["position"]) for note in told["notes"]] == [("left-out", 0)]
    nothing = wirewatch.run("query", "translate", "--from", "kql", "foo: x", code=1)
    assert (nothing.stdout, "nothing of this query" in nothing.stderr) == ("", True)
    bad = wirewatch.ask("query", "translate", "--from", "nexis", "(syria", code=2)
    assert (bad["kind"], bad["position"]) == ("query", 0)
