"""A rule for each topic that writes what is new on it to an index: bodies of the alerting and connector APIs (Kibana 9.5).

Only what is in the free tier: the rule type `.es-query` and the connector `.index`. A rule looks at what was indexed since its
last run (`first_indexed`, which a replay does not change), not at what was published since: news come late.
"""

import json
from typing import Any

from kibana.names import Names, Topic

TIME_FIELD = "first_indexed"
EVERY = "1m"
WINDOW_MINUTES = 15
"""Longer than the time between two runs, so that a late run misses nothing; hits of the previous run are left out."""

_MOST_HITS = 100
"""Of one run; the count in the written document is of all."""

_RULE_TYPE = ".es-query"
_CONNECTOR_TYPE = ".index"
_GROUP = "query matched"
_HITS = "{{#context.hits}}{{{_source.title}}} {{{_source.url}}}\n{{/context.hits}}"


def connector(names: Names) -> dict[str, Any]:
    """The body of `POST /api/actions/connector/{id}`: writes documents to the index of matches."""
    return {"connector_type_id": _CONNECTOR_TYPE, **connector_update(names)}


def connector_update(names: Names) -> dict[str, Any]:
    """The body of `PUT /api/actions/connector/{id}`."""
    config = {"index": names.matches, "refresh": False, "executionTimeField": "written"}
    return {"name": f"wirewatch: matches to {names.matches}", "config": config, "secrets": {}}


def rule(names: Names, topic: Topic) -> dict[str, Any]:
    """The body of `POST /api/alerting/rule/{id}`."""
    return {
        "rule_type_id": _RULE_TYPE,
        "consumer": "stackAlerts",
        "enabled": True,
        **rule_update(names, topic),
    }


def rule_update(names: Names, topic: Topic) -> dict[str, Any]:
    """The body of `PUT /api/alerting/rule/{id}`: only what an update may change, so not whether the rule is enabled."""
    return {
        "name": f"New on: {topic.name}",
        "tags": ["wirewatch"],
        "schedule": {"interval": EVERY},
        "params": _params(names, topic),
        "actions": [_action(names, topic)],
    }


def matches_template(names: Names) -> dict[str, Any]:
    """The index template of what the rules write."""
    keyword = {"type": "keyword", "ignore_above": 1000}
    properties = {
        "@timestamp": {"type": "date"},
        "written": {"type": "date"},
        "topic": keyword,
        "rule": keyword,
        "rule_id": keyword,
        "count": {"type": "long"},
        "articles": {"type": "text"},
        "link": {"type": "keyword", "index": False, "doc_values": False},
    }
    return {
        "index_patterns": [names.matches],
        "priority": 500,
        "template": {
            "settings": {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}},
            "mappings": {"dynamic": "strict", "properties": properties},
        },
    }


def _params(names: Names, topic: Topic) -> dict[str, Any]:
    query = {"query": {"term": {"topics.topic": topic.id}}, "_source": ["title", "url", "source"]}
    return {
        "searchType": "esQuery",
        "index": [names.articles],
        "timeField": TIME_FIELD,
        "esQuery": json.dumps(query, sort_keys=True),
        "size": _MOST_HITS,
        "timeWindowSize": WINDOW_MINUTES,
        "timeWindowUnit": "m",
        "thresholdComparator": ">",
        "threshold": [0],
        "aggType": "count",
        "groupBy": "all",
        "excludeHitsFromPreviousRun": True,
    }


def _action(names: Names, topic: Topic) -> dict[str, Any]:
    document = {
        "@timestamp": "{{date}}",
        "topic": topic.id,
        "rule": "{{rule.name}}",
        "rule_id": "{{rule.id}}",
        "count": "{{context.value}}",
        "articles": _HITS,
        "link": "{{{context.link}}}",
    }
    return {
        "id": names.connector,
        "group": _GROUP,
        "params": {"documents": [document]},
        "frequency": {"summary": False, "notify_when": "onActiveAlert", "throttle": None},
    }
