"""All objects together: every reference resolves, every field is in the mapping and has a type that suits its use."""

import importlib.resources
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from alerts.channels.elasticsearch import MAPPING as ALERTS
from enrich.topics import load_topics
from kibana.health import QUARANTINE, SOURCES
from kibana.names import Names, Topic
from kibana.objects import export, generate
from kibana.rules import matches_template

NAMES = Names(articles="wirewatch-articles", prefix="wirewatch")
CONFIGURED = load_topics(
    importlib.resources.files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml"
)
TOPICS = tuple(Topic(id=one.id, name=one.name, description=one.description) for one in CONFIGURED)
OBJECTS = generate(NAMES, TOPICS)
SAVED = {(one["type"], one["id"]): one for one in OBJECTS.saved}
MAPPING = json.loads(importlib.resources.files("index.elasticsearch").joinpath("template.json").read_bytes())


def flat(properties: dict[str, Any], above: str = "") -> dict[str, dict[str, Any]]:
    """A mapping's fields by their full names."""
    found = {}
    for name, one in properties.items():
        if "properties" in one:
            found |= flat(one["properties"], f"{above}{name}.")
        else:
            found[above + name] = one
    return found


FIELDS = flat(MAPPING["template"]["mappings"]["properties"])
FIELDS_OF = {
    NAMES.articles: FIELDS,
    NAMES.by_seen: FIELDS,
    NAMES.alerts: flat(ALERTS["properties"]),
    NAMES.sources: flat(SOURCES["properties"]),
    NAMES.quarantine: flat(QUARANTINE["properties"]),
}
"""What is in the index of each data view."""


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a value, including the JSON in strings."""
    if isinstance(value, str) and value[:1] in ("{", "[") and not value.startswith("{{"):
        yield from walk(json.loads(value))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from walk(one)
    elif isinstance(value, dict):
        yield value
        for one in value.values():
            yield from walk(one)


def uses(bodies: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Every field that the objects name, with its use."""
    for one in walk(bodies):
        operation = one.get("operation", "")
        yield from ((field, operation) for field in one.get("fields", ()) if isinstance(one["fields"], list))
        if isinstance(one.get("field"), str):
            yield one["field"], operation
        for key in ("field_name", "timeField", "timeFieldName"):
            if key in one:
                yield one[key], key
        for key in ("columns", "_source"):
            yield from ((field, key) for field in one.get(key, ()))
        yield from ((field, "sort") for field, _ in one.get("sort", ()))
        yield from ((field, "term") for field in one.get("term", ()))
        if isinstance(one.get("query"), str) and one.get("language") == "kuery":  # of a session
            yield from ((field, "kql") for field in _asked(one["query"]))
        if "expression" in one:
            yield from ((field, "kql") for field in _asked(one["expression"]))
        if "sort_by" in one and isinstance(one["sort_by"], str):
            yield one["sort_by"], "sort"
        if "fieldFormatMap" in one:
            yield from ((field, "format") for field in json.loads(one["fieldFormatMap"]))


def _asked(kql: str) -> list[str]:
    return re.findall(r"([\w.@]+) : ", kql)


def by_view() -> Iterator[tuple[str, Any]]:
    """Every part of the objects that is about one data view, with its id."""
    for (kind, key), one in SAVED.items():
        yield (key if kind == "index-pattern" else one["references"][0]["id"]), one
    for one in walk([*OBJECTS.dashboard["panels"], *OBJECTS.dashboard["pinned_panels"]]):
        if "data_source" in one:
            yield one["data_source"]["ref_id"], one
        if "data_view_id" in one:
            yield one["data_view_id"], one
    yield NAMES.articles, OBJECTS.dashboard["query"]
    for rule in OBJECTS.rules:
        yield NAMES.articles, rule.create


USES = sorted({(view, field, use) for view, part in by_view() for field, use in uses([part])})
KINDS = {
    "terms": {"keyword"},
    "unique_count": {"keyword"},
    "field_name": {"keyword"},
    "term": {"keyword"},
    "kql": {"keyword", "boolean"},
    "sum": {"double", "long"},
    "last_value": {"keyword", "date"},
    "date_histogram": {"date"},
    "timeField": {"date"},
    "timeFieldName": {"date"},
    "sort": {"date"},
    "percentile": {"double"},
}


def test_all_kinds_of_uses_were_found() -> None:
    assert {use for _, _, use in USES} == {*KINDS, "columns", "_source", "format"}
    assert {view for view, _, _ in USES} == set(FIELDS_OF)


@pytest.mark.parametrize(("view", "field", "use"), USES)
def test_every_field_is_in_the_mapping_and_suits_its_use(view: str, field: str, use: str) -> None:
    known = FIELDS_OF[view]
    assert field in known
    if use in KINDS:
        assert known[field]["type"] in KINDS[use]
        assert known[field].get("index", True)
        assert known[field].get("doc_values", True)


def test_a_data_view_is_of_the_index_that_is_written() -> None:
    titles = {
        key: one["attributes"]["title"] for (kind, key), one in SAVED.items() if kind == "index-pattern"
    }
    assert titles == {**{view: view for view in FIELDS_OF}, NAMES.by_seen: NAMES.articles}


def test_hidden_fields_of_the_data_view_exist() -> None:
    hidden = json.loads(OBJECTS.saved[0]["attributes"]["sourceFilters"])
    for pattern in (one["value"] for one in hidden):
        assert any(re.fullmatch(pattern.replace(".", r"\.").replace("*", ".*"), field) for field in FIELDS)


def test_every_reference_resolves() -> None:
    referred = [(ref["type"], ref["id"]) for one in OBJECTS.saved for ref in one["references"]]
    for one in walk(OBJECTS.dashboard):
        if one.get("type") == "data_view_reference":
            referred.append(("index-pattern", one["ref_id"]))
        if one.get("type") == "discover_session":
            referred.append(("search", one["config"]["ref_id"]))
        if "data_view_id" in one:
            referred.append(("index-pattern", one["data_view_id"]))
    assert {key for kind, key in referred if kind == "index-pattern"} == set(FIELDS_OF)
    assert set(referred) <= set(SAVED)


def test_a_sessions_search_source_names_a_reference_of_its_object() -> None:
    for (kind, _), one in SAVED.items():
        if kind == "search":
            source = json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
            assert source["indexRefName"] in {ref["name"] for ref in one["references"]}


def test_every_rule_acts_through_the_connector_that_is_loaded() -> None:
    actions = [action for one in OBJECTS.rules for action in one.create["actions"]]
    assert {action["id"] for action in actions} == {OBJECTS.connector.id}
    assert len(actions) == len(TOPICS)


def test_what_rules_write_is_what_the_index_of_matches_knows() -> None:
    template = matches_template(NAMES)
    known = set(template["template"]["mappings"]["properties"])
    config = OBJECTS.connector.create["config"]
    assert template["index_patterns"] == [config["index"]]
    for one in OBJECTS.rules:
        for action in one.create["actions"]:
            for document in action["params"]["documents"]:
                assert set(document) | {config["executionTimeField"]} == known


def test_each_topic_has_a_session_and_a_rule() -> None:
    titles = [one["attributes"]["title"] for (kind, _), one in SAVED.items() if kind == "search"]
    others = ["New arrivals", "Fired alerts", "Sources not heard"]
    assert titles == ["All news", *(topic.name for topic in TOPICS), *others]
    assert [one.label for one in OBJECTS.rules] == [topic.name for topic in TOPICS]


def test_no_id_is_used_twice() -> None:
    ids = [*SAVED, OBJECTS.dashboard_id, OBJECTS.connector.id, *(one.id for one in OBJECTS.rules)]
    assert len(ids) == len(set(ids))
    assert len(SAVED) == len(OBJECTS.saved)


def test_an_update_has_what_may_change_and_nothing_else() -> None:
    for one in (OBJECTS.connector, *OBJECTS.rules):
        assert one.update.items() <= one.create.items()
    assert "enabled" not in OBJECTS.rules[0].update


def test_without_topics_there_are_still_all_news_and_alerts() -> None:
    objects = generate(NAMES, ())
    assert [one["id"] for one in objects.saved] == [key for _, key in SAVED if "-topic-" not in key]
    assert objects.rules == ()


def test_files_hold_what_would_be_sent(tmp_path: Path) -> None:
    files = export(OBJECTS, tmp_path / "objects")
    assert sorted(files) == sorted((tmp_path / "objects").iterdir())
    lines = (tmp_path / "objects" / "saved_objects.ndjson").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == list(OBJECTS.saved)
    dashboard = tmp_path / "objects" / f"dashboard.{OBJECTS.dashboard_id}.json"
    assert json.loads(dashboard.read_bytes()) == OBJECTS.dashboard
    rule = tmp_path / "objects" / f"rule.{OBJECTS.rules[0].id}.json"
    assert json.loads(rule.read_bytes()) == OBJECTS.rules[0].create
    assert export(OBJECTS, tmp_path / "objects") == files
