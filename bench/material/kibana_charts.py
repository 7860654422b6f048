"""The searches that Kibana makes for a dashboard's panels (Lens and Discover, Kibana 9.5), as far as our panels need them.

It supports only what kibana/dashboard.py uses, and fails on anything else.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from bench.material.kibana_search import kql_search
from kibana.objects import Objects

Json = dict[str, Any]

BARS = 48
"""About the number of steps that Kibana divides a period into."""
_LINES = 12
"""Rows of a list that a panel shows at once."""


class ChartSearch(msgspec.Struct, frozen=True):
    """One search of a panel.

    Attributes:
        index: the index to search.
        body: the search.
        metrics: the panel's numbers; number n of them is the aggregation `m<n>`.
        rows: the fields that make up the rows or series; number n of them is the aggregation `b<n>`, each nested in the one
            before.
    """

    index: str
    body: Json
    metrics: Sequence[Json] = ()
    rows: Sequence[Json] = ()


class View(msgspec.Struct, frozen=True):
    """A data view."""

    index: str
    time_field: str


def views_of(objects: Objects) -> dict[str, View]:
    """The data views by id."""
    found = {one["id"]: one["attributes"] for one in objects.saved if one["type"] == "index-pattern"}
    return {key: View(one["title"], one.get("timeFieldName", "")) for key, one in found.items()}


def searches(objects: Objects, panel: Json, now: datetime, chosen: Sequence[Json] = ()) -> list[ChartSearch]:
    """The searches of a dashboard panel at a moment; none for a text panel.

    Args:
        objects: all objects loaded into Kibana.
        panel: a panel of the dashboard.
        now: the end of the dashboard's period.
        chosen: the reader's choices in the controls above the dashboard, as filters.
    """
    config = panel["config"]
    if panel["type"] == "markdown":
        return []
    if panel["type"] == "discover_session":
        return [_session(objects, config, now, chosen)]
    match config["type"]:
        case "metric":
            return [_chart(objects, config, config, (), config["metrics"], now, chosen)]
        case "data_table":
            return [_chart(objects, config, config, config["rows"], config["metrics"], now, chosen)]
        case "xy":
            return [_layer(objects, config, layer, now, chosen) for layer in config["layers"]]
        case other:
            raise ValueError(f"no chart: {other}")


def _layer(objects: Objects, config: Json, layer: Json, now: datetime, chosen: Sequence[Json]) -> ChartSearch:
    rows = [*filter(None, [layer.get("breakdown_by")]), layer["x"]]
    return _chart(objects, config, layer, rows, layer["y"], now, chosen)


def _chart(
    objects: Objects,
    config: Json,
    data: Json,
    rows: Sequence[Json],
    metrics: Sequence[Json],
    now: datetime,
    chosen: Sequence[Json],
) -> ChartSearch:
    view = views_of(objects)[data["data_source"]["ref_id"]]
    period = config.get("time_range", objects.dashboard["time_range"])
    filters = [
        *_times(view, period, now),
        *_asked(config.get("query")),
        *(() if data.get("ignore_global_filters") else (*_asked(objects.dashboard.get("query")), *chosen)),
    ]
    body = {
        "size": 0,
        "query": {"bool": {"filter": filters}},
        "aggs": _aggregations(list(enumerate(rows)), metrics, view, period, now),
    }
    return ChartSearch(view.index, body, metrics, rows)


def _session(objects: Objects, config: Json, now: datetime, chosen: Sequence[Json]) -> ChartSearch:
    session = next(one for one in objects.saved if one["id"] == config["ref_id"])
    source = json.loads(session["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])
    (reference,) = session["references"]
    view = views_of(objects)[reference["id"]]
    filters = [
        *_times(view, objects.dashboard["time_range"], now),
        kql_search(source["query"]["query"]),
        *_asked(objects.dashboard.get("query")),
        *chosen,
    ]
    columns = [*filter(None, [view.time_field]), *session["attributes"]["columns"]]
    body = {
        "size": _LINES,
        "query": {"bool": {"filter": filters}},
        "sort": [{field: {"order": order}} for field, order in session["attributes"]["sort"]],
        "fields": columns,
        "_source": False,
        "track_total_hits": True,
    }
    return ChartSearch(view.index, body, rows=[{"field": column} for column in columns])


def _asked(query: Json | None) -> list[Json]:
    if query is None:
        return []
    if query["language"] != "kql":
        raise ValueError(f"not KQL: {query}")
    return [kql_search(query["expression"])]


def _times(view: View, period: Json, now: datetime) -> list[Json]:
    if not view.time_field:
        return []
    bounds = {"gte": _moment(period["from"], now).isoformat(), "lte": _moment(period["to"], now).isoformat()}
    return [{"range": {view.time_field: bounds}}]


def _moment(relative: str, now: datetime) -> datetime:
    """`now-7d` or `now`."""
    days = relative.removeprefix("now").removeprefix("-").removesuffix("d")
    return now - timedelta(days=int(days or 0))


def _aggregations(
    rows: Sequence[tuple[int, Json]], metrics: Sequence[Json], view: View, period: Json, now: datetime
) -> Json:
    """The nested buckets, and the numbers in each."""
    numbers = {f"m{number}": _metric(one, view, now) for number, one in enumerate(metrics)}
    if not rows:
        return numbers
    (number, row), *inner = rows
    own = numbers if row["operation"] == "terms" else {}
    return {
        f"b{number}": {
            **_bucket(row, period, metrics, now),
            "aggs": {**own, **_aggregations(inner, metrics, view, period, now)},
        }
    }


def _bucket(row: Json, period: Json, metrics: Sequence[Json], now: datetime) -> Json:
    match row:
        case {"operation": "date_histogram", "field": field, "suggested_interval": "auto"}:
            start, end = _moment(period["from"], now), _moment(period["to"], now)
            hours = max(round((end - start).total_seconds() / 3600 / BARS), 1)
            return {"date_histogram": {"field": field, "fixed_interval": f"{hours}h", "min_doc_count": 0}}
        case {
            "operation": "terms",
            "fields": [field],
            "limit": size,
            "rank_by": {"type": "metric", "metric_index": ranked, "direction": direction},
        }:
            return {"terms": {"field": field, "size": size, "order": {_order(metrics, ranked): direction}}}
        case other:
            raise ValueError(f"unknown bucket: {other}")


def _order(metrics: Sequence[Json], ranked: int) -> str:
    """The order of the buckets."""
    one = metrics[ranked]
    if one["operation"] == "count" and "filter" not in one and "reduced_time_range" not in one:
        return "_count"
    return f"m{ranked}.{one['percentile']}" if one["operation"] == "percentile" else f"m{ranked}"


def _metric(operation: Json, view: View, now: datetime) -> Json:
    match operation["operation"]:
        case "count":
            return {"filter": _counted(operation, view, now)}
        case "unique_count":
            return {"cardinality": {"field": operation["field"]}}
        case "sum":
            return {"sum": {"field": operation["field"]}}
        case "percentile":
            return {"percentiles": {"field": operation["field"], "percents": [operation["percentile"]]}}
        case "last_value":
            newest = [{operation["sort_by"]: {"order": "desc"}}]
            return {"top_hits": {"size": 1, "sort": newest, "_source": False, "fields": [operation["field"]]}}
        case other:
            raise ValueError(f"unknown metric: {other}")


def _counted(operation: Json, view: View, now: datetime) -> Json:
    """The filter for the documents of a bucket that are counted."""
    filters = _asked(operation.get("filter"))
    if lately := operation.get("reduced_time_range"):
        filters += _times(view, {"from": f"now-{lately}", "to": "now"}, now)
    return {"bool": {"filter": filters}} if filters else {"match_all": {}}


def value_of(answer: Mapping[str, Any]) -> Any:
    """The value in the result of an aggregation made by `_metric`."""
    if "doc_count" in answer:
        return answer["doc_count"]
    if "values" in answer:
        (value,) = answer["values"].values()
        return value
    if "hits" in answer:
        found = [field for hit in answer["hits"]["hits"] for field in hit.get("fields", {}).values()]
        return found[0][0] if found else None
    return answer["value"]
