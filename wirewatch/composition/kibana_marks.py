"""Remembers in Elasticsearch what Kibana held after objects were loaded, so that what people change is recognised."""

import hashlib
from typing import Any

import msgspec

from index.elasticsearch.notes import Notes
from stream.clock import utc_now

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "properties": {"object": {"type": "keyword"}, "mark": {"type": "keyword"}, "loaded": {"type": "date"}},
}


class StoredMarks:
    """See `kibana.changes.Marks`."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def get(self, key: str) -> str:
        """The mark; '' if there is none."""
        stored = _id(key)
        return str(self._notes.get_all([stored]).get(stored, {}).get("mark", ""))

    def put(self, key: str, mark: str) -> None:
        """Remember a mark in place of an older one."""
        document = {"object": key, "mark": mark, "loaded": msgspec.to_builtins(utc_now())}
        self._notes.put(_id(key), document)


def _id(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
