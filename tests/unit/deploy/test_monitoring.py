"""The dashboard and the alert rules against the metrics that exist."""

import json
import re
from collections.abc import Iterator
from typing import get_args

import promql_parser
import pytest
import yaml
from samples.places import ROOT

from deploy.monitoring.__main__ import files
from deploy.monitoring.dashboard import SECTIONS
from deploy.monitoring.rules import RULES
from results.status import Doing
from wirewatch.composition.metric_row import Timed
from wirewatch.composition.metric_table import TABLE
from wirewatch.composition.page_metrics import PAGE_TABLE
from wirewatch.composition.source_health import SOURCE_STATUSES
from wirewatch.topics import POLL, STAGES

FOREIGN = {"up", "process_cpu_seconds_total", "process_resident_memory_bytes"}
"""Metrics of Prometheus itself and of its client library."""
ADDED = {"instance", "job"}
"""Labels that Prometheus adds."""
METRICS = (*TABLE, *PAGE_TABLE)
LABELS = {row.name: set(row.labels) for row in METRICS if not isinstance(row, Timed)} | {
    f"{row.name}_{part}": {*row.labels, *({"le"} if part == "bucket" else ())}
    for row in METRICS
    if isinstance(row, Timed)
    for part in ("bucket", "sum", "count")
}
VALUES = {
    "stage": {POLL, *STAGES},
    "state": {one.replace(" ", "-") for one in get_args(Doing)},
    "status": set(SOURCE_STATUSES),
    "since": {"seen", "published"},
}
QUERIES = {
    **{rule.name: rule.expression for rule in RULES},
    **{
        f"{panel.title} {legend}": query.replace("$__rate_interval", "1m")
        for section in SECTIONS
        for panel in section.panels
        for legend, query in panel.queries.items()
    },
}


def selectors(expression: str) -> Iterator[promql_parser.VectorSelector]:
    """The metrics that a query selects."""

    def visit(node: object) -> Iterator[promql_parser.VectorSelector]:
        if isinstance(node, promql_parser.VectorSelector):
            yield node
            return
        for name in ("expr", "lhs", "rhs", "args", "vector_selector", "param"):
            inner = getattr(node, name, None)
            for one in inner if isinstance(inner, list) else [inner]:
                if one is not None:
                    yield from visit(one)

    found = list(visit(promql_parser.parse(expression)))
    assert len(found) == len(re.findall(r"\b(?:wirewatch_|process_|up\b)", expression)), "one was overlooked"
    return iter(found)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_every_metric_label_and_value_in_a_query_exists(query: str) -> None:
    for one in selectors(query):
        assert one.name in LABELS or one.name in FOREIGN
        for matcher in one.matchers.matchers:
            assert matcher.name in LABELS.get(one.name, set()) | ADDED
            if matcher.name in VALUES:
                assert set(matcher.value.split("|")) <= VALUES[matcher.name]


def test_every_label_that_a_summary_or_legend_shows_is_one_of_its_query() -> None:
    shown = [(rule.expression, rule.summary) for rule in RULES] + [
        (query, legend)
        for section in SECTIONS
        for panel in section.panels
        for legend, query in panel.queries.items()
    ]
    for query, text in shown:
        for label in re.findall(r"\$labels\.(\w+)|{{(\w+)}}", text):
            name = "".join(label)
            assert name in ADDED or re.search(rf"by \([^)]*\b{name}\b", query), (query, text)


def test_every_metric_is_shown() -> None:
    used = {one.name for query in QUERIES.values() for one in selectors(query)}
    unseen = {row.name for row in METRICS} - {re.sub("_bucket$", "", name) for name in used}
    assert unseen <= {"wirewatch_build_info", "wirewatch_stage_messages_read_total"}


def test_no_rule_is_there_twice_and_each_says_what_to_do() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.advice and rule.summary for rule in RULES)


@pytest.mark.parametrize("name", files())
def test_the_files_are_what_the_code_makes(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text("utf-8")
    assert text == files()[name], "run: python -m deploy.monitoring"
    assert json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
