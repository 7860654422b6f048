import json
from collections.abc import Callable
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.fixture
def kibana(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WIREWATCH_KIBANA_URL", "https://kibana.example")
    monkeypatch.setenv("WIREWATCH_ELASTICSEARCH_HOSTS", '["http://127.0.0.1:9"]')


@pytest.mark.usefixtures("kibana")
def test_a_query_in_both_languages_with_its_url(call: Call) -> None:
    said = call("query kibana", 'syria "peace talks"', "--since", "2026-03-14")
    assert said.code == 0, said.err
    kql, lucene, url = said.out.splitlines()
    assert kql == 'KQL:     syria and "peace talks"'
    assert lucene == 'Lucene:  syria AND "peace talks"'
    assert url.startswith("URL:     https://kibana.example/app/discover#/?_g=(time:(from:'2026-03-14T")


def test_limits_of_kql_and_differences_in_lucene(call: Call) -> None:
    said = call("query kibana", '"a b"~5')
    assert "KQL cannot express this" in said.out
    assert "warning: Lucene's" in said.out
    assert "URL" not in said.out


@pytest.mark.usefixtures("kibana")
def test_as_json(call: Call) -> None:
    told = json.loads(call("query kibana", "wom?n", "--json").out)
    assert told.pop("url").startswith("https://kibana.example/")
    assert told == {
        "schema": "wirewatch/kibana-query/1",
        "query": "wom?n",
        "kql": None,
        "lucene": "wom?n",
        "differs": [],
    }


def test_a_query_that_is_not_understood(call: Call) -> None:
    assert call("query kibana", "a AND").code == 2
