"""An index of small documents beside the archive, such as fired alerts: for Kibana, not searched by wirewatch."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from index.elasticsearch.bulk import MOST_DOCUMENTS, Answer, Operation, batches, removal
from index.elasticsearch.cluster import Cluster
from index.elasticsearch.settings import Elasticsearch
from stream.errors import Reject, RetryLater


class Notes:
    """Writes to one index; creates template and index before the first document, and adds new fields to an existing one.

    Args:
        settings: how Elasticsearch is reached.
        name: the name of the index and of its template.
        mapping: the mapping of its documents.
    """

    def __init__(self, settings: Elasticsearch, name: str, mapping: Mapping[str, Any]) -> None:
        self._cluster = Cluster(settings)
        self._name = name
        self._mapping = mapping
        self._ready = False

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        """Store a document under its key, replacing an older one. Raises RetryLater or Reject."""
        if not self._ready:
            self.set_up()
        self._send([self._operation(key, document)])

    def put_all(self, documents: Mapping[str, Mapping[str, Any]], time_field: str, now: str) -> None:
        """Replace the documents in the index by these, by key; in each, `time_field` is `now`. Raises RetryLater or Reject."""
        if not self._ready:
            self.set_up()
        self._send([self._operation(*one) for one in documents.items()])
        old = {"query": {"range": {time_field: {"lt": now}}}, "size": MOST_DOCUMENTS, "_source": False}
        while hits := self._found(old):
            self._send([removal(hit["_id"], self._name) for hit in hits])

    def get_all(self, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """The documents in the index, by key. Raises RetryLater."""
        if not self._ready:
            self.set_up()
        body = {"query": {"ids": {"values": list(keys)}}, "size": max(len(keys), 1)}
        return {hit["_id"]: hit["_source"] for hit in self._found(body)}

    def _found(self, body: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        self._cluster.refresh(self._name)
        hits: Sequence[Mapping[str, Any]] = self._cluster.search(body, self._name)["hits"]["hits"]
        return hits

    def _send(self, operations: Sequence[Operation]) -> None:
        for batch in batches(operations, MOST_DOCUMENTS):
            _check(self._cluster.bulk(batch).answers)

    def _operation(self, key: str, document: Mapping[str, Any]) -> Operation:
        action = {"index": {"_index": self._name, "_id": key}}
        return Operation(key, self._name, (msgspec.json.encode(action), msgspec.json.encode(document)))

    def set_up(self) -> None:
        """Create the template and the index if needed; an index made by an older wirewatch gets the fields that it lacks."""
        settings = {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}}
        body = {"index_patterns": [self._name], "priority": 500}
        template = {**body, "template": {"settings": settings, "mappings": dict(self._mapping)}}
        self._cluster.put_template(self._name, template)
        self._cluster.create_index(self._name)
        self._cluster.put_mapping(self._name, self._mapping)
        self._ready = True

    def close(self) -> None:
        """Release the connections."""
        self._cluster.close()


def _check(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if answer.status in (429, 503):
            raise RetryLater(
                f"elasticsearch-{answer.status}", f"Elasticsearch can't store now: {answer.reason}"
            )
        if answer.status >= 300 and answer.status != 404:  # another process has deleted it
            raise Reject(
                "refused-by-store", f"Elasticsearch refused the document ({answer.status}): {answer.reason}"
            )
