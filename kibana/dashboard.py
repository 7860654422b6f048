"""The dashboard, as the body of `PUT /api/dashboards/{id}` (Kibana 9.5).

Its charts aggregate fields of the articles' index, so they show only what is there: what failed on the way is in the
quarantine, and which feeds are silent is in the poller's state. A panel of text says how to see those.
"""

from typing import Any

from kibana.names import Names
from kibana.saved_objects import TIME_FIELD

Panel = dict[str, Any]
Config = dict[str, Any]

DAYS = 7
"""What the dashboard shows when it is opened."""

_WIDTH = 48
_SERIES = 10
_NAMES = 20
_SOURCES = 100

_NOT_HERE = """\
**Not in this dashboard**, since the index holds only articles that arrived:

- what could not be handled, and why: `wirewatch status`, `wirewatch quarantine list`
- feeds that fail or were never polled: `wirewatch status`

The table beside this counts, for each source seen in the last 30 days, the articles of the last day: a 0 there means silence.
"""


def dashboard(names: Names) -> dict[str, Any]:
    """The dashboard's whole state; the time range is set by the person who looks at it."""
    return {
        "title": "News",
        "description": f"What {names.articles} holds: how much, about what, from whom, how fast.",
        "time_range": {"from": f"now-{DAYS}d", "to": "now"},
        "refresh_interval": {"pause": False, "value": 60_000},
        "pinned_panels": [
            _control(names, "Topic", "topics.name"),
            _control(names, "Source", "source_name"),
            _control(names, "Language", "language"),
        ],
        "panels": [*_head(names), *_over_time(names), *_who_and_where(names), *_health(names)],
    }


def _head(names: Names) -> list[Panel]:
    return [
        _panel("articles", (0, 0, 12, 6), _number(names, "Articles", {"operation": "count"})),
        _panel("sources", (12, 0, 12, 6), _number(names, "Sources", _unique("source_name"))),
        _panel("languages", (24, 0, 12, 6), _number(names, "Languages", _unique("language"))),
        _panel("topics", (36, 0, 12, 6), _number(names, "Topics", _unique("topics.name"))),
    ]


def _over_time(names: Names) -> list[Panel]:
    return [
        _panel("by-topic", (0, 6, _WIDTH, 12), _stacked(names, "Articles over time by topic", "topics.name")),
        _panel("by-source", (0, 18, 24, 12), _stacked(names, "Articles over time by source", "source_name")),
        _panel(
            "by-language", (24, 18, 24, 12), _stacked(names, "Articles over time by language", "language")
        ),
    ]


def _who_and_where(names: Names) -> list[Panel]:
    return [
        _panel("people", (0, 30, 16, 14), _top(names, "People", "people")),
        _panel("organisations", (16, 30, 16, 14), _top(names, "Organisations", "organisations")),
        _panel("places", (32, 30, 16, 14), _top(names, "Places", "places")),
    ]


def _health(names: Names) -> list[Panel]:
    return [
        _panel("latency", (0, 44, 24, 12), _latency(names)),
        _panel("sources-now", (24, 44, 24, 12), _sources(names)),
        {
            "id": "not-here",
            "type": "markdown",
            "grid": _grid((0, 56, 24, 8)),
            "config": {"content": _NOT_HERE, "settings": {"open_links_in_new_tab": True}},
        },
        _session(names, (24, 56, 24, 16)),
    ]


def _panel(panel_id: str, place: tuple[int, int, int, int], config: Config) -> Panel:
    return {"id": panel_id, "type": "vis", "grid": _grid(place), "config": config}


def _grid(place: tuple[int, int, int, int]) -> dict[str, int]:
    return dict(zip(("x", "y", "w", "h"), place, strict=True))


def _session(names: Names, place: tuple[int, int, int, int]) -> Panel:
    """The newest articles: the Discover session over all news."""
    config = {"ref_id": names.all_news, "title": "Newest articles", "overrides": {}}
    return {"id": "newest", "type": "discover_session", "grid": _grid(place), "config": config}


def _control(names: Names, title: str, field: str) -> dict[str, Any]:
    config = {"title": title, "data_view_id": names.articles, "field_name": field}
    return {"type": "options_list_control", "width": "medium", "grow": True, "config": config}


def _number(names: Names, title: str, metric: Config) -> Config:
    return {
        "type": "metric",
        "title": title,
        "data_source": _source(names),
        "metrics": [{"type": "primary", "label": title, **metric}],
    }


def _stacked(names: Names, title: str, field: str) -> Config:
    """Articles over time, a colour for each of a field's most frequent values."""
    layer = {
        "type": "bar_stacked",
        "data_source": _source(names),
        "x": _time_axis(),
        "y": [{"operation": "count", "label": "Articles"}],
        "breakdown_by": _terms(field, _SERIES),
    }
    return {"type": "xy", "title": title, "layers": [layer]}


def _top(names: Names, title: str, field: str) -> Config:
    return {
        "type": "data_table",
        "title": title,
        "data_source": _source(names),
        "rows": [{**_terms(field, _NAMES), "label": title}],
        "metrics": [{"operation": "count", "label": "Articles"}],
    }


def _latency(names: Names) -> Config:
    """From published, and from first seen, to searchable: seconds, over the time published."""
    y = [
        _percentile("latency.published_to_indexed", 50, "published to searchable, median"),
        _percentile("latency.published_to_indexed", 95, "published to searchable, 95th percentile"),
        _percentile("latency.seen_to_indexed", 95, "seen in the feed to searchable, 95th percentile"),
    ]
    layer = {"type": "line", "data_source": _source(names), "x": _time_axis(), "y": y}
    return {"type": "xy", "title": "Seconds until an article can be found", "layers": [layer]}


def _sources(names: Names) -> Config:
    """How much each source brought lately, the most silent first."""
    return {
        "type": "data_table",
        "title": "Silent sources: articles of the last 30 days and of the last day",
        "time_range": {"from": "now-30d", "to": "now"},
        "data_source": _source(names),
        "rows": [{**_terms("source_name", _SOURCES), "label": "Source"}],
        "metrics": [
            {"operation": "count", "label": "30 days"},
            {"operation": "count", "label": "last day", "reduced_time_range": "1d", "empty_as_null": False},
        ],
        "styling": {"sort_by": {"column_type": "metric", "index": 1, "direction": "asc"}},
    }


def _source(names: Names) -> Config:
    return {"type": "data_view_reference", "ref_id": names.articles}


def _time_axis() -> Config:
    return {"operation": "date_histogram", "field": TIME_FIELD, "suggested_interval": "auto"}


def _unique(field: str) -> Config:
    return {"operation": "unique_count", "field": field}


def _percentile(field: str, percentile: int, label: str) -> Config:
    seconds = {"type": "number", "decimals": 1, "suffix": " s"}
    return {
        "operation": "percentile",
        "field": field,
        "percentile": percentile,
        "label": label,
        "format": seconds,
    }


def _terms(field: str, limit: int) -> Config:
    """The most frequent values of a field."""
    rank = {"type": "metric", "metric_index": 0, "direction": "desc"}
    return {"operation": "terms", "fields": [field], "limit": limit, "rank_by": rank}
