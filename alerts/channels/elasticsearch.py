"""Delivery to an index, for Kibana: one document per alert, under the alert's key.

It is the document that webhooks get (`wirewatch schema alert`), plus the fields that Kibana searches and counts by.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from alerts.deliver import Send
from alerts.message import Alert, body, headline
from alerts.results import alert_document
from stream.display import without_secrets

_KEPT = {"type": "object", "enabled": False}
"""Mapping of fields that are shown, but not searched."""

MAPPING: Mapping[str, Any] = {
    "dynamic": "strict",
    "properties": {
        "@timestamp": {"type": "date"},
        "schema": {"type": "keyword"},
        "key": {"type": "keyword", "ignore_above": 1000},
        "alert": {"type": "keyword"},
        "severity": {"type": "keyword"},
        "channel": {"type": "keyword"},
        "fired": {"type": "date"},
        "reason": {"type": "keyword", "ignore_above": 1000},
        "query": {"type": "keyword", "index": False, "doc_values": False},
        "hits": _KEPT,
        "source_news": _KEPT,
        "edits": _KEPT,
        "coverage": {
            "properties": {
                "sources": {"type": "integer"},
                "heard": {"type": "integer"},
                "dark": _KEPT,
                "dark_more": {"type": "integer"},
            }
        },
        "headline": {"type": "text"},
        "message": {"type": "text"},
        "kibana": {"type": "keyword", "index": False, "doc_values": False},
        "articles": {"type": "keyword"},
        "stories": {"type": "keyword"},
        "sources": {"type": "keyword", "ignore_above": 1000},
        "urls": {"type": "keyword", "ignore_above": 4000},
        "more": {"type": "integer"},
        "seen_to_fired": {"type": "double"},
    },
}
"""The mapping of the index of alerts."""


def elasticsearch(put: Callable[[str, Mapping[str, Any]], Awaitable[None]]) -> Send:
    """Makes a function that delivers to the index that `put` writes to."""

    async def send(alert: Alert) -> None:
        await put(alert.key, document(alert))

    return send


def document(alert: Alert) -> dict[str, Any]:
    """An alert as a document with the fields of `MAPPING`."""
    mentions = alert.mentions
    return {
        **msgspec.to_builtins(alert_document(alert)),
        "@timestamp": msgspec.to_builtins(alert.fired),
        "headline": headline(alert),
        "message": body(alert),
        "articles": [mention.article for mention in mentions if mention.article],
        "stories": sorted({mention.story for mention in mentions if mention.article}),
        "sources": sorted({mention.source for mention in mentions}),
        "urls": [without_secrets(mention.url) for mention in mentions],
        "seen_to_fired": (alert.fired - mentions[0].noticed).total_seconds(),
    }
