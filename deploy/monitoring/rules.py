"""Prometheus' alert rules: what people who run wirewatch should be woken by, or look at in the morning."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from deploy.monitoring.scraping import JOB


@dataclass(frozen=True)
class Rule:
    """One alert rule.

    Attributes:
        name: without the prefix.
        expression: in PromQL; each series that it returns fires.
        lasting: for how long, before it fires.
        severity: `critical` if news or alerts are being lost or late now.
        summary: one line; `{{ $labels.x }}` and `{{ $value }}` are filled in.
        advice: what to do.
    """

    name: str
    expression: str
    lasting: str
    severity: Literal["critical", "warning"]
    summary: str
    advice: str


def _late(metric: str) -> str:
    return f'histogram_quantile(0.95, sum by (le) (rate({metric}_bucket{{since="seen"}}[15m])))'


HEARD = (
    'sum(max by (status) (wirewatch_sources{status=~"well|silent"}))'
    ' / sum(max by (status) (wirewatch_sources{status!="paused"}))'
)
"""The share of the sources that are heard."""

RULES: Sequence[Rule] = (
    Rule(
        "Down",
        f'up{{job="{JOB}"}} == 0',
        "5m",
        "critical",
        "{{ $labels.instance }} does not answer",
        "See why the process ended, or hangs: its log, and: wirewatch doctor",
    ),
    Rule(
        "LogDown",
        "wirewatch_log_up == 0",
        "2m",
        "critical",
        "{{ $labels.instance }} does not reach its log",
        "Nothing is processed until the log (Kafka, or the disk) answers again. See: wirewatch doctor",
    ),
    Rule(
        "StageInTrouble",
        'max by (stage) (wirewatch_stage_state{state="in-trouble"}) == 1',
        "5m",
        "warning",
        "{{ $labels.stage }} is in trouble",
        "`wirewatch status` says why.",
    ),
    Rule(
        "AlertsRest",
        'max by (stage) (wirewatch_stage_state{stage=~"alert|deliver", state="resting"}) == 1',
        "10m",
        "critical",
        "{{ $labels.stage }} rests: no alerts are sent",
        "Most likely alerts.toml can't be read; `wirewatch status` says why. Messages wait, and are handled once it is mended.",
    ),
    Rule(
        "StageBehind",
        'max by (stage) (wirewatch_stage_oldest_message_age_seconds{stage!~"backfill|reread"}) > 900',
        "10m",
        "warning",
        "The oldest message of {{ $labels.stage }} is {{ $value | humanizeDuration }} old",
        "Is the stage running, and does it have what it writes to? Start more copies of it, or see: wirewatch status",
    ),
    Rule(
        "NewsLate",
        f"{_late('wirewatch_article_indexed_seconds')} > 300",
        "15m",
        "warning",
        "New articles are found after {{ $value | humanizeDuration }} (95 %)",
        "See which stage is behind: wirewatch status",
    ),
    Rule(
        "AlertsLate",
        f"{_late('wirewatch_article_alerted_seconds')} > 300",
        "15m",
        "critical",
        "Alerts reach their channels after {{ $value | humanizeDuration }} (95 %)",
        "See which stage is behind, or whether a channel is slow: wirewatch status, wirewatch quarantine list",
    ),
    Rule(
        "DeliveryFails",
        'sum by (kind) (increase(wirewatch_stage_messages_retried_total{stage="deliver"}[15m])) > 0',
        "15m",
        "critical",
        "Alerts can't be delivered: {{ $labels.kind }}",
        "A channel is down or refuses. It is tried again for a day and a half. See: wirewatch status",
    ),
    Rule(
        "AlertsLost",
        'sum by (kind) (increase(wirewatch_stage_messages_quarantined_total{stage="deliver"}[1h])) > 0',
        "0m",
        "critical",
        "Alerts were given up: {{ $labels.kind }}",
        "See them with `wirewatch quarantine list`, mend the channel, then: wirewatch quarantine retry",
    ),
    Rule(
        "NoNews",
        'sum(rate(wirewatch_polls_total{result=~"read|unchanged"}[15m])) == 0',
        "15m",
        "critical",
        "No feed has answered for half an hour",
        "Is the network there, and DNS, and the proxy? See: wirewatch doctor",
    ),
    Rule(
        "PollsFail",
        'sum(rate(wirewatch_polls_total{result=~"failed|not-stored"}[15m])) / sum(rate(wirewatch_polls_total[15m])) > 0.5',
        "15m",
        "warning",
        "{{ $value | humanizePercentage }} of all polls fail",
        "`wirewatch sources` names them, with the reasons.",
    ),
    Rule(
        "SourcesDark",
        f"{HEARD} < 0.8",
        "30m",
        "warning",
        "Only {{ $value | humanizePercentage }} of the sources are heard",
        "A search that finds nothing proves little now. `wirewatch sources` names those that are dark.",
    ),
    Rule(
        "Bugs",
        'sum by (stage) (increase(wirewatch_stage_messages_quarantined_total{kind="bug"}[1h])) > 0',
        "0m",
        "warning",
        "{{ $labels.stage }} failed on messages because of a fault of its own",
        "See `wirewatch quarantine list --kind bug`, and report it. Once it is mended: wirewatch quarantine retry --kind bug",
    ),
    Rule(
        "QuarantineGrows",
        "sum by (stage) (increase(wirewatch_stage_messages_quarantined_total[1h]))"
        " > 0.3 * sum by (stage) (increase(wirewatch_stage_messages_read_total[1h]))",
        "1h",
        "warning",
        "{{ $labels.stage }} puts almost a third or more of its messages into quarantine",
        "`wirewatch status` counts the reasons.",
    ),
    Rule(
        "PageFails",
        'sum(rate(wirewatch_page_requests_total{code=~"5.."}[15m])) / sum(rate(wirewatch_page_requests_total[15m])) > 0.05',
        "15m",
        "warning",
        "The page fails on {{ $value | humanizePercentage }} of what it is asked",
        "Does the archive answer? See its log, and: wirewatch doctor",
    ),
    Rule(
        "WorkersCrash",
        'sum by (reason) (increase(wirewatch_worker_restarts_total{reason=~"crashed|broken-pool|too-much-memory"}[1h])) > 10',
        "0m",
        "warning",
        "Worker processes end again and again: {{ $labels.reason }}",
        "Does the system have too little memory ([extract] memory_bytes for each of [extract] workers)?",
    ),
    Rule(
        "DiskFills",
        "predict_linear(wirewatch_data_free_bytes[6h], 2 * 86400) < 0",
        "1h",
        "warning",
        "The disk of {{ $labels.instance }} is full in less than two days, if it goes on like this",
        "Make room, or keep less: [log] keep_days and keep_bytes.",
    ),
    Rule(
        "DiskFull",
        "wirewatch_data_free_bytes < 1e9",
        "5m",
        "critical",
        "The disk of {{ $labels.instance }} has {{ $value | humanize1024 }}B left",
        "Make room: once it is full everything waits, and nothing is lost.",
    ),
)


def rules() -> dict[str, Any]:
    """The file of rules."""
    return {"groups": [{"name": JOB, "rules": [_rule(one) for one in RULES]}]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "alert": f"Wirewatch{rule.name}",
        "expr": rule.expression,
        "for": rule.lasting,
        "labels": {"severity": rule.severity},
        "annotations": {"summary": rule.summary, "description": rule.advice},
    }
