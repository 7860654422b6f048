"""Alerts in an index of a real Elasticsearch, for Kibana."""

from contextlib import closing
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch
from samples.documents import checked
from servers.elasticsearch import new_prefix

from alerts.channels.elasticsearch import MAPPING, document
from alerts.message import Alert, Mention
from index.elasticsearch.notes import Notes
from index.elasticsearch.settings import Elasticsearch as Settings
from stream.errors import Reject, RetryLater

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def alert(key: str, title: str = "Talks open") -> Alert:
    mention = Mention(
        article="a1", story="s1", title=title, source="Herald", url="http://herald.example/1", language="en",
        published=None, seen=NOW, sentence="Talks open.", marks=((0, 5),), clause="talks", places=(),
    )  # fmt: skip
    return Alert(
        key=key, alert="talks", severity="warning", channel="kibana", query="talks", reason="r", mentions=(mention,),
        fired=NOW,
    )  # fmt: skip


def test_an_alert_is_stored_once_and_can_be_searched(elasticsearch: str) -> None:
    name = f"{new_prefix()}-alerts"
    with (
        closing(Notes(Settings(hosts=(elasticsearch,)), name, MAPPING)) as notes,
        Elasticsearch(elasticsearch) as client,
    ):
        for title in ("first try", "second try"):
            notes.put("talks|s1|kibana", document(alert("talks|s1|kibana", title)))
        notes.put("talks|s2|kibana", document(alert("talks|s2|kibana")))
        client.indices.refresh(index=name)
        kept = client.get(index=name, id="talks|s2|kibana")["_source"]
        assert checked(kept)["hits"][0]["article"]["source"] == "Herald"
        found = client.search(index=name, query={"match": {"headline": "second"}})["hits"]["hits"]
        assert [hit["_id"] for hit in found] == ["talks|s1|kibana"]
        assert client.count(index=name)["count"] == 2
        with pytest.raises(Reject, match="refused"):
            notes.put("x", {"no_such_field": 1})


def test_an_index_of_an_older_wirewatch_gets_the_new_fields(elasticsearch: str) -> None:
    name = f"{new_prefix()}-alerts"
    older = ("@timestamp", "key", "alert", "headline", "sources")
    mapping = {**MAPPING, "properties": {field: MAPPING["properties"][field] for field in older}}
    with Elasticsearch(elasticsearch) as client:
        client.indices.create(index=name, mappings=mapping)
        client.index(index=name, id="old", document={"key": "old", "alert": "talks", "sources": ["Herald"]})
        with closing(Notes(Settings(hosts=(elasticsearch,)), name, MAPPING)) as notes:
            notes.put("new", document(alert("new")))
        client.indices.refresh(index=name)
        found = client.search(index=name, query={"term": {"sources": "Herald"}})["hits"]["hits"]
    assert {hit["_id"] for hit in found} == {"old", "new"}


def test_a_server_that_is_away_is_tried_later() -> None:
    with (
        closing(Notes(Settings(hosts=("http://127.0.0.1:9",)), "wwtest-alerts", MAPPING)) as notes,
        pytest.raises(RetryLater),
    ):
        notes.put("x", document(alert("x")))
