"""Grafana's dashboard: whether news comes in, how late it is, and where it waits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from deploy.monitoring.rules import HEARD

WIDTH = 24
"""Columns of Grafana's grid."""
HEIGHT = 8
SOURCE = {"type": "prometheus", "uid": "${datasource}"}


@dataclass(frozen=True)
class Panel:
    """One chart or figure.

    Attributes:
        title: above it.
        queries: in PromQL, by legend; `{{label}}` is filled in.
        unit: as Grafana calls it.
        kind: a line over time, or the last value.
        text: what it tells, where the title doesn't say enough.
    """

    title: str
    queries: dict[str, str]
    unit: str = "short"
    kind: Literal["timeseries", "stat"] = "timeseries"
    text: str = ""


@dataclass(frozen=True)
class Section:
    """A row of the dashboard, with what stands in it side by side."""

    title: str
    panels: Sequence[Panel] = field(default_factory=tuple)


def _of(metric: str, by: str, **labels: str) -> str:
    """The rate of a counter a second, by a label."""
    chosen = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    return (
        f"sum by ({by}) (rate({metric}{{{chosen}}}[$__rate_interval]))"
        if chosen
        else (f"sum by ({by}) (rate({metric}[$__rate_interval]))")
    )


def _quantiles(metric: str, since: str) -> dict[str, str]:
    counted = f'sum by (le) (rate({metric}_bucket{{since="{since}"}}[$__rate_interval]))'
    return {
        name: f"histogram_quantile({share}, {counted})" for name, share in (("median", 0.5), ("95 %", 0.95))
    }


SECTIONS = (
    Section(
        "Does news come in?",
        (
            Panel("Sources heard", {"": HEARD}, "percentunit", "stat"),
            Panel(
                "Articles indexed a minute",
                {"": '60 * sum(rate(wirewatch_stage_messages_done_total{stage="index"}[$__rate_interval]))'},
                kind="stat",
            ),
            Panel(
                "Late by (95 %)",
                {"": _quantiles("wirewatch_article_indexed_seconds", "seen")["95 %"]},
                "s",
                "stat",
                "From when wirewatch first saw an article in a feed until it can be found.",
            ),
            Panel("Waiting to be tried again", {"": "max(wirewatch_retries_waiting)"}, kind="stat"),
        ),
    ),
    Section(
        "Sources",
        (
            Panel("Sources by status", {"{{status}}": "max by (status) (wirewatch_sources)"}),
            Panel("Polls a second, by result", {"{{result}}": _of("wirewatch_polls_total", "result")}),
            Panel("Polls that fail, by kind", {"{{kind}}": _of("wirewatch_poll_failures_total", "kind")}),
            Panel(
                "Entries found a second",
                {"entries": "sum(rate(wirewatch_poll_entries_total[$__rate_interval]))"},
            ),
        ),
    ),
    Section(
        "How late",
        (
            Panel("Seen to found", _quantiles("wirewatch_article_indexed_seconds", "seen"), "s"),
            Panel("Published to found", _quantiles("wirewatch_article_indexed_seconds", "published"), "s"),
            Panel("Seen to alerted", _quantiles("wirewatch_article_alerted_seconds", "seen"), "s"),
            Panel(
                "Duration of a poll",
                {
                    "95 %": "histogram_quantile(0.95, sum by (le)"
                    " (rate(wirewatch_poll_duration_seconds_bucket[$__rate_interval])))"
                },
                "s",
            ),
        ),
    ),
    Section(
        "Stages",
        (
            Panel("Messages waiting", {"{{stage}}": "max by (stage) (wirewatch_stage_lag_messages)"}),
            Panel(
                "Age of the oldest message",
                {"{{stage}}": "max by (stage) (wirewatch_stage_oldest_message_age_seconds)"},
                "s",
            ),
            Panel("Done a second", {"{{stage}}": _of("wirewatch_stage_messages_done_total", "stage")}),
            Panel("Written a second", {"{{stage}}": _of("wirewatch_stage_messages_written_total", "stage")}),
        ),
    ),
    Section(
        "What goes wrong",
        (
            Panel("Fetches a second, by result", {"{{result}}": _of("wirewatch_fetches_total", "result")}),
            Panel(
                "Quarantined a second",
                {"{{stage}} {{kind}}": _of("wirewatch_stage_messages_quarantined_total", "stage, kind")},
            ),
            Panel(
                "Put off a second",
                {"{{stage}} {{kind}}": _of("wirewatch_stage_messages_retried_total", "stage, kind")},
            ),
            Panel(
                "Resting or in trouble",
                {
                    "{{stage}} {{state}}": 'max by (stage, state) (wirewatch_stage_state{state=~"resting|in-trouble"})'
                },
            ),
        ),
    ),
    Section(
        "The page",
        (
            Panel("Requests a second, by status", {"{{code}}": _of("wirewatch_page_requests_total", "code")}),
            Panel(
                "Answered within (95 %)",
                {
                    "{{route}}": "histogram_quantile(0.95, sum by (le, route)"
                    " (rate(wirewatch_page_request_duration_seconds_bucket[$__rate_interval])))"
                },
                "s",
            ),
            Panel(
                "Searches a second, by result", {"{{result}}": _of("wirewatch_page_searches_total", "result")}
            ),
            Panel(
                "Under way",
                {"{{route}}": "sum by (route) (wirewatch_page_requests_under_way)"},
                text="`/api/v1/events` are people and programs that listen.",
            ),
        ),
    ),
    Section(
        "Processes and disk",
        (
            Panel(
                "Disk",
                {
                    "log": "max(wirewatch_log_size_bytes)",
                    "archive": "max(wirewatch_archive_size_bytes)",
                    "free": "min(wirewatch_data_free_bytes)",
                },
                "bytes",
            ),
            Panel(
                "Processor",
                {"{{instance}}": "rate(process_cpu_seconds_total[$__rate_interval])"},
                "percentunit",
            ),
            Panel(
                "Memory",
                {"{{instance}}": "process_resident_memory_bytes"},
                "bytes",
                text="Without its workers.",
            ),
            Panel(
                "Workers that ended early", {"{{reason}}": _of("wirewatch_worker_restarts_total", "reason")}
            ),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it (11 and newer)."""
    return {
        "uid": "wirewatch",
        "title": "wirewatch",
        "tags": ["wirewatch"],
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": list(_panels()),
    }


def _panels() -> Iterator[dict[str, Any]]:
    number, top = 0, 0
    for section in SECTIONS:
        number += 1
        place = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        yield {"id": number, "type": "row", "title": section.title, "collapsed": False, "gridPos": place}
        wide = WIDTH // len(section.panels)
        for column, panel in enumerate(section.panels):
            number += 1
            place = {"x": column * wide, "y": top + 1, "w": wide, "h": HEIGHT}
            yield {"id": number, **_panel(panel), "gridPos": place}
        top += HEIGHT + 1


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": panel.text,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + number), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for number, (legend, query) in enumerate(panel.queries.items())
        ],
    }
