"""An index of small documents beside the archive, such as the alerts that were fired: for Kibana, not searched by wirewatch."""

from collections.abc import Mapping
from typing import Any

import msgspec

from index.elasticsearch.bulk import Operation
from index.elasticsearch.cluster import Cluster
from index.elasticsearch.settings import Elasticsearch
from stream.errors import Reject, RetryLater


class Notes:
    """Writes to one index; creates template and index before the first document, and adds new fields to an existing one.

    Args:
        settings: how Elasticsearch is reached.
        name: of the index, and of its template.
        mapping: of its documents.
    """

    def __init__(self, settings: Elasticsearch, name: str, mapping: Mapping[str, Any]) -> None:
        self._cluster = Cluster(settings)
        self._name = name
        self._mapping = mapping
        self._ready = False

    def put(self, key: str, document: Mapping[str, Any]) -> None:
        """Store a document under its key, in place of an older one. Raises RetryLater or Reject."""
        if not self._ready:
            self.set_up()
        action = {"index": {"_index": self._name, "_id": key}}
        lines = (msgspec.json.encode(action), msgspec.json.encode(document))
        answer = self._cluster.bulk([Operation(key, self._name, lines)]).answers[0]
        if answer.status in (429, 503):
            raise RetryLater(
                f"elasticsearch-{answer.status}", f"Elasticsearch can't store now: {answer.reason}"
            )
        if answer.status >= 300:
            raise Reject(
                "refused-by-store", f"Elasticsearch refused the document ({answer.status}): {answer.reason}"
            )

    def set_up(self) -> None:
        """Make the template and the index, if need be; an index that an older wirewatch made gets the fields that it lacks."""
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
