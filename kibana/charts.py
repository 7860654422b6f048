"""The parts that the dashboard's charts are made of, in the shapes of Kibana's API of dashboards."""

from typing import Any

Config = dict[str, Any]

STORIES: Config = {"operation": "unique_count", "field": "story", "label": "Stories"}
"""However many outlets carry one. Up to some thousands it is exact, beyond that within a few per cent."""
ARTICLES: Config = {"operation": "count", "label": "Articles"}

MANY = 10
"""Colours of a chart."""


def number(view: str, title: str, metric: Config, about: str = "") -> Config:
    """One number."""
    return {
        "type": "metric",
        "title": title,
        "description": about,
        "data_source": source(view),
        "metrics": [{"type": "primary", **metric, "label": title}],
    }


def over_time(view: str, title: str, metric: Config, time_field: str, field: str) -> Config:
    """Something counted over time, a colour for each of a field's most frequent values."""
    layer = {
        "type": "bar_stacked",
        "data_source": source(view),
        "x": time_axis(time_field),
        "y": [metric],
        "breakdown_by": top(field, MANY),
    }
    return {"type": "xy", "title": title, "layers": [layer]}


def lines(view: str, title: str, time_field: str, metrics: list[Config]) -> Config:
    """Several numbers over time."""
    layer = {"type": "line", "data_source": source(view), "x": time_axis(time_field), "y": metrics}
    return {"type": "xy", "title": title, "layers": [layer]}


def table(view: str, title: str, rows: list[Config], metrics: list[Config]) -> Config:
    """A table, ordered by the first of its numbers."""
    return {
        "type": "data_table",
        "title": title,
        "data_source": source(view),
        "rows": rows,
        "metrics": metrics,
    }


def apart(chart: Config) -> Config:
    """A chart of something other than articles: the dashboard's controls do not filter it."""
    return {**chart, "ignore_global_filters": True}


def source(view: str) -> Config:
    """A data view."""
    return {"type": "data_view_reference", "ref_id": view}


def time_axis(field: str) -> Config:
    """Time, in steps that fit the period."""
    return {"operation": "date_histogram", "field": field, "suggested_interval": "auto"}


def unique(field: str) -> Config:
    """How many values a field has."""
    return {"operation": "unique_count", "field": field}


def seconds(field: str, percentile: int, label: str) -> Config:
    """A percentile of a duration."""
    shown = {"type": "number", "decimals": 1, "suffix": " s"}
    return {
        "operation": "percentile",
        "field": field,
        "percentile": percentile,
        "label": label,
        "format": shown,
    }


def top(field: str, limit: int, label: str = "") -> Config:
    """The values of a field that have most of what the chart counts first."""
    rank = {"type": "metric", "metric_index": 0, "direction": "desc"}
    named = {"label": label} if label else {}
    return {"operation": "terms", "fields": [field], "limit": limit, "rank_by": rank, **named}
