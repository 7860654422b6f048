"""The data view and the Discover sessions, as saved objects: what `_import` takes, a line of JSON each."""

import json
from collections.abc import Sequence
from typing import Any

from kibana.names import Names, Topic

SavedObject = dict[str, Any]

TIME_FIELD = "@timestamp"
"""When an article was published, else first seen."""

_INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
_COLUMNS = ("title", "source", "language", "topics.name", "url")
_HIDDEN = ("terms.*", "source_key", "timeline_us", "v", "article_v")
"""What is there for wirewatch's own queries, and says nothing to a reader."""

_CORE_VERSION = "8.8.0"
_DATA_VIEW_VERSION = "8.0.0"
_SESSION_VERSION = "10.5.0"
"""Versions of the shapes below. Kibana lifts older ones to its own on import, and refuses newer ones."""


def data_view(names: Names) -> SavedObject:
    """The data view of all articles."""
    attributes = {
        "title": names.articles,
        "name": f"Articles ({names.articles})",
        "timeFieldName": TIME_FIELD,
        "sourceFilters": _json([{"value": field} for field in _HIDDEN]),
        "fieldFormatMap": _json(_formats()),
        "fieldAttrs": "{}",
        "fields": "[]",
        "runtimeFieldMap": "{}",
        "typeMeta": "{}",
    }
    return _saved_object("index-pattern", names.articles, attributes, [], _DATA_VIEW_VERSION)


def sessions(names: Names, topics: Sequence[Topic]) -> list[SavedObject]:
    """The Discover sessions: all news, and one for each topic, newest first."""
    everything = _session(names, names.all_news, "All news", "Every article, newest first.", "")
    return [everything, *(_topic_session(names, topic) for topic in topics)]


def topic_filter(topic: Topic) -> str:
    """The articles of a topic, in KQL."""
    return f'topics.topic : "{topic.id}"'


def to_ndjson(objects: Sequence[SavedObject]) -> bytes:
    """What `POST /api/saved_objects/_import` takes as a file."""
    return "".join(f"{_json(one)}\n" for one in objects).encode()


def _topic_session(names: Names, topic: Topic) -> SavedObject:
    about = topic.description or f"Articles about {topic.name}."
    return _session(names, names.session(topic), topic.name, about, topic_filter(topic))


def _session(names: Names, session_id: str, title: str, description: str, kql: str) -> SavedObject:
    source = {
        "query": {"query": kql, "language": "kuery"},
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": _INDEX_REFERENCE,
    }
    attributes = {
        "title": title,
        "description": description,
        "columns": list(_COLUMNS),
        "sort": [[TIME_FIELD, "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
    }
    references = [{"type": "index-pattern", "id": names.articles, "name": _INDEX_REFERENCE}]
    return _saved_object("search", session_id, attributes, references, _SESSION_VERSION)


def _formats() -> dict[str, Any]:
    """How values are shown: addresses as links, latencies as durations."""
    seconds = {"id": "duration", "params": {"inputFormat": "seconds", "outputFormat": "humanizePrecise"}}
    return {
        "url": {"id": "url", "params": {"type": "a", "openLinkInCurrentTab": False}},
        "latency.published_to_indexed": seconds,
        "latency.seen_to_indexed": seconds,
    }


def _saved_object(
    kind: str, object_id: str, attributes: dict[str, Any], references: list[dict[str, str]], version: str
) -> SavedObject:
    return {
        "type": kind,
        "id": object_id,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": _CORE_VERSION,
        "typeMigrationVersion": version,
        "managed": False,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
