"""The indices of sources and failures, which the dashboard shows beside the articles.

Each is a snapshot: it has one document a source, or one a kind of failure, as of its time `checked`.
"""

from collections.abc import Mapping
from typing import Any

_KEYWORD = {"type": "keyword", "ignore_above": 1000}

CHECKED = "checked"
"""When the snapshot was made."""

SOURCES: Mapping[str, Any] = {
    "dynamic": "strict",
    "properties": {
        CHECKED: {"type": "date"},
        "url": {"type": "keyword", "ignore_above": 4000},
        "name": _KEYWORD,
        "folder": _KEYWORD,
        "status": _KEYWORD,
        "since": {"type": "date"},
        "reason": _KEYWORD,
        "last_item": {"type": "date"},
        "per_day": {"type": "double"},
    },
}
"""The mapping of the index of sources; `wirewatch sources` tells the same."""

QUARANTINE: Mapping[str, Any] = {
    "dynamic": "strict",
    "properties": {
        CHECKED: {"type": "date"},
        "shelf": _KEYWORD,
        "stage": _KEYWORD,
        "kind": _KEYWORD,
        "messages": {"type": "long"},
        "example": _KEYWORD,
    },
}
"""The mapping of the index of failures; `shelf` is `quarantine`, or `retries` for what will be tried again."""
