"""The data views and the Discover sessions, as saved objects: what `_import` takes, a line of JSON each."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from kibana.health import CHECKED
from kibana.names import Names, Topic

SavedObject = dict[str, Any]

TIME_FIELD = "@timestamp"
"""When an article was published, else first seen."""
SEEN_FIELD = "seen"
"""When wirewatch first saw an article."""

NOT_HEARD = 'status : ("silent" or "failing" or "gone")'
"""The sources that are not heard, in KQL."""

_INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
_COLUMNS = ("title", "source_name", "language", "topics.name", "url")
_ARRIVAL_COLUMNS = ("title", "source_name", "topics.name", TIME_FIELD)
_SOURCE_COLUMNS = ("name", "status", "since", "reason", "last_item", "per_day", "url", CHECKED)
_ALERT_COLUMNS = ("headline", "sources", "reason", "urls")
"""The headline begins with the severity and the alert's name."""

_HIDDEN = ("terms.*", "source_key", "source", "topic", "entity", "timeline_us", "v", "article_v")
"""Fields for wirewatch's own queries, which tell a reader nothing."""

_LINK = {"id": "url", "params": {"type": "a", "openLinkInCurrentTab": False}}

_CORE_VERSION = "8.8.0"
_DATA_VIEW_VERSION = "8.0.0"
_SESSION_VERSION = "10.5.0"
"""Versions of the shapes below. On import, Kibana upgrades older ones to its own and refuses newer ones."""


def data_view(names: Names) -> SavedObject:
    """The data view of all articles."""
    return _data_view(names.articles, f"Articles ({names.articles})", _HIDDEN, _formats())


def seen_view(names: Names) -> SavedObject:
    """The data view of all articles by the time they were first seen: what is new to the reader."""
    name = f"Articles by first seen ({names.articles})"
    return _data_view(names.by_seen, name, _HIDDEN, _formats(), index=names.articles, time_field=SEEN_FIELD)


def health_views(names: Names) -> list[SavedObject]:
    """The data views of the sources and of what failed; without a time, so each shows its snapshot whatever the period."""
    sources = _data_view(names.sources, f"Sources ({names.sources})", (), {"url": _LINK}, time_field="")
    failed = _data_view(names.quarantine, f"Quarantine ({names.quarantine})", (), {}, time_field="")
    return [sources, failed]


def not_heard(names: Names) -> SavedObject:
    """The Discover session of the sources that are silent, failing or gone."""
    about = "The sources that are silent, failing or gone, as of the time `checked`."
    return _session(
        names.not_heard, "Sources not heard", about, names.sources, _SOURCE_COLUMNS, NOT_HEARD, sort="since"
    )


def arrivals(names: Names) -> SavedObject:
    """The Discover session of the articles by the time they were first seen, without what was there before."""
    about = "Every article that is news, by the time it was first seen, newest first."
    kql = "not backfill : true"
    return _session(
        names.arrivals, "New arrivals", about, names.by_seen, _ARRIVAL_COLUMNS, kql, sort=SEEN_FIELD
    )


def alerts_view(names: Names) -> SavedObject:
    """The data view of the alerts that were fired."""
    return _data_view(names.alerts, f"Alerts ({names.alerts})", (), {"urls": _LINK})


def fired_alerts(names: Names) -> SavedObject:
    """The Discover session of the alerts, newest first."""
    about = "Every alert that was fired to a channel of the kind elasticsearch, newest first."
    return _session(names.fired, "Fired alerts", about, names.alerts, _ALERT_COLUMNS)


def sessions(names: Names, topics: Sequence[Topic]) -> list[SavedObject]:
    """The Discover sessions: all news, and one for each topic, newest first."""
    about = "Every article, newest first."
    everything = _session(names.all_news, "All news", about, names.articles, _COLUMNS)
    return [everything, *(_topic_session(names, topic) for topic in topics)]


def topic_filter(topic: Topic) -> str:
    """The articles of a topic, in KQL."""
    return f'topics.topic : "{topic.id}"'


def to_ndjson(objects: Sequence[SavedObject]) -> bytes:
    """What `POST /api/saved_objects/_import` takes as a file."""
    return "".join(f"{_json(one)}\n" for one in objects).encode()


def _topic_session(names: Names, topic: Topic) -> SavedObject:
    about = topic.description or f"Articles about {topic.name}."
    kql = topic_filter(topic)
    return _session(names.session(topic), topic.name, about, names.articles, _COLUMNS, kql)


def _data_view(
    view: str,
    name: str,
    hidden: Sequence[str],
    formats: Mapping[str, Any],
    *,
    index: str = "",
    time_field: str = TIME_FIELD,
) -> SavedObject:
    """A data view over the index of the same name, or over another; '' for one without a time."""
    attributes = {
        "title": index or view,
        "name": name,
        **({"timeFieldName": time_field} if time_field else {}),
        "sourceFilters": _json([{"value": field} for field in hidden]),
        "fieldFormatMap": _json(formats),
        "fieldAttrs": "{}",
        "fields": "[]",
        "runtimeFieldMap": "{}",
        "typeMeta": "{}",
    }
    return _saved_object("index-pattern", view, attributes, [], _DATA_VIEW_VERSION)


def _session(
    session_id: str,
    title: str,
    description: str,
    view: str,
    columns: Sequence[str],
    kql: str = "",
    *,
    sort: str = TIME_FIELD,
) -> SavedObject:
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
        "columns": list(columns),
        "sort": [[sort, "desc"]],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
    }
    references = [{"type": "index-pattern", "id": view, "name": _INDEX_REFERENCE}]
    return _saved_object("search", session_id, attributes, references, _SESSION_VERSION)


def _formats() -> dict[str, Any]:
    """How values are shown: addresses as links, latencies as durations."""
    seconds = {"id": "duration", "params": {"inputFormat": "seconds", "outputFormat": "humanizePrecise"}}
    return {
        "url": _LINK,
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
