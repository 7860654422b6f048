"""Addresses of Discover, parsed and compared with what Discover's locator writes (data/discover-routes.json)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from jsonschema import Draft202012Validator, ValidationError
from servers.rison_reader import read_rison

from bench.material.kibana_search import kql_search
from kibana.links import Discover, discover
from kibana.names import Names
from kibana.settings import Kibana as Settings
from query.parse import parse

ROUTES = json.loads((Path(__file__).parent / "data/discover-routes.json").read_bytes())
NAMES = Names(articles="desk-articles", prefix="desk")
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def at(url: str = "https://kibana.example:5601", space: str = "") -> Discover:
    found = discover(Settings(url=url, space=space), NAMES)
    assert found is not None
    return found


def opened(address: str, base: str = "https://kibana.example:5601") -> tuple[dict[str, Any], dict[str, Any]]:
    """The global and the app state in an address, checked."""
    start, route = urlsplit(address), ROUTES["x-route"]
    assert f"{start.scheme}://{start.netloc}{start.path}" == base + ROUTES["x-path"]
    assert start.query == ""
    assert f"#{start.fragment}".startswith(f"{route}?")
    parameters = parse_qsl(start.fragment.removeprefix(f"{route[1:]}?"), strict_parsing=True)
    assert [name for name, _ in parameters] == ROUTES["x-parameters"]
    states = {name: read_rison(value) for name, value in parameters}
    for name, state in states.items():
        Draft202012Validator({**ROUTES, "$ref": f"#/$defs/{name}"}).validate(state)
    return states["_g"], states["_a"]


def test_an_article() -> None:
    period, state = opened(at().article("3f9a", NOON))
    assert period == {"time": {"from": "2026-03-13T12:00:00.000Z", "to": "2026-03-15T12:00:00.000Z"}}
    assert state["query"] == {"language": "kuery", "query": 'id : "3f9a"'}
    assert state["dataSource"] == {"type": "dataView", "dataViewId": "desk-articles"}


def test_a_story_is_all_its_articles_whenever_they_came() -> None:
    period, state = opened(at().story("3f9a"))
    assert period == {"time": {"from": "1970-01-01T00:00:00.000Z", "to": "now+1d"}}
    assert state["query"]["query"] == 'story : "3f9a" or id : "3f9a"'
    assert kql_search(state["query"]["query"])


@pytest.mark.parametrize(
    ("query", "language", "text"),
    [
        ('syria "peace talks"', "kuery", 'syria and "peace talks"'),
        ('"a b"~5 title:o\'neill', "lucene", '"a b"~5 AND title:"o neill"'),
        ("café #50% +x", "kuery", "cafe and 50 and x"),
    ],
)
def test_a_query(query: str, language: str, text: str) -> None:
    period, state = opened(at().query(parse(query), since=NOON))
    assert period["time"] == {"from": "2026-03-14T12:00:00.000Z", "to": "now+1d"}
    assert state["query"] == {"language": language, "query": text}


def test_everything_of_a_period() -> None:
    period, state = opened(at().everything(until=NOON))
    assert period["time"]["to"] == "2026-03-14T12:00:00.000Z"
    assert state["query"]["query"] == ""


def test_the_address_begins_with_the_base_path_and_the_space() -> None:
    address = at("https://kibana.example/tools/", "desk").story("a")
    assert opened(address, "https://kibana.example/tools/s/desk")


def test_without_a_kibana_there_are_no_addresses() -> None:
    assert discover(Settings(), NAMES) is None


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("_g", {"time": {"from": "2026-03-14", "to": "now"}}),
        ("_g", {"time": {"from": "now-1d"}}),
        (
            "_a",
            {
                "query": {"language": "kql", "query": ""},
                "dataSource": {"type": "dataView", "dataViewId": "a"},
            },
        ),
        ("_a", {"query": {"language": "kuery", "query": ""}, "index": "a"}),
        (
            "_a",
            {
                "query": {"language": "kuery", "query": ""},
                "dataSource": {"type": "dataView", "dataViewId": ""},
            },
        ),
    ],
)
def test_planted_errors_are_caught(name: str, state: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Draft202012Validator({**ROUTES, "$ref": f"#/$defs/{name}"}).validate(state)
