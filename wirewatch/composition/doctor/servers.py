"""Kafka and Elasticsearch, where they are configured."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from index.elasticsearch.health import Health
from index.elasticsearch.settings import alias_of
from results.doctor import Remark, Severity
from stream.errors import RetryLater, WirewatchError
from stream.log.base import LogError
from wirewatch.config import Config
from wirewatch.topics import specs

LITTLE_DISK = 0.85
"""The share of a node's disk from which Elasticsearch puts no new shards on it (its low watermark)."""


def judge_kafka(config: Config) -> Iterator[Remark]:
    """Whether Kafka answers, lets us in, and has our topics as configured."""
    from stream.log.kafka.log import KafkaLog  # noqa: PLC0415 - only what is asked for is imported

    where = config.kafka.bootstrap_servers
    try:
        with KafkaLog(config.kafka, specs(config), begins=False) as log:
            made = sorted(log.created)
    except (WirewatchError, LogError) as error:
        advice = (
            "Does it run, and are address, user and certificate right? Topics are made by: wirewatch setup"
        )
        yield Remark("error", "servers", f"Kafka: {error}", where, advice)
        return
    if made:
        advice = (
            "As it should be after an upgrade. Otherwise somebody deleted them, and what was in them is gone."
        )
        yield Remark(
            "warning",
            "servers",
            f"Kafka: topics were missing, and are made now: {', '.join(made)}",
            where,
            advice,
        )
    else:
        yield Remark("ok", "servers", "Kafka answers, and has the topics", where)


def judge_elasticsearch(config: Config, asks: Callable[[], Health]) -> tuple[list[Remark], dict[str, str]]:
    """What is wrong with Elasticsearch, and what its clock says, by host."""
    where = ", ".join(config.elasticsearch.hosts)
    try:
        health = asks()
    except WirewatchError as error:
        advice = "Does it run, and are [elasticsearch] hosts, user and ca_file right?"
        why = error.reason if isinstance(error, RetryLater) else error
        return [Remark("error", "servers", f"Elasticsearch: {why}", where, advice)], {}
    return list(_judged(health, alias_of(config.elasticsearch.prefix), where)), (
        {where: health.date} if health.date else {}
    )


def _judged(health: Health, alias: str, where: str) -> Iterator[Remark]:
    def said(severity: Severity, what: str, advice: str = "") -> Remark:
        return Remark(severity, "servers", f"Elasticsearch: {what}", where, advice)

    if health.major < 9:
        yield said("error", f"version {health.version} is too old", "Use Elasticsearch 9.")
    else:
        yield said("ok", f"version {health.version} answers")
    if health.status == "red":
        yield said(
            "error",
            "its status is red: some shards can't be read",
            "GET _cluster/allocation/explain says why.",
        )
    elif health.status == "yellow" and health.nodes > 1:
        yield said(
            "warning",
            "its status is yellow: some copies are missing",
            "GET _cluster/allocation/explain says why.",
        )
    if health.readonly:
        names = ", ".join(health.readonly[:3])
        advice = "Free disk on its nodes: then it lifts the block. One set by hand: PUT INDEX/_settings."
        yield said("error", f"it takes no articles: {names} can only be read", advice)
    for node, used in health.disks.items():
        if used >= LITTLE_DISK:
            yield said(
                "warning",
                f"the disk of {node} is {used:.0%} full",
                "Make room: at 95 % it takes no articles.",
            )
    if not health.has_template:
        yield said("error", f"there is no index template {alias}", "Make it: wirewatch setup")


def offsets(dates: Mapping[str, str], now: datetime) -> dict[str, timedelta]:
    """How far the clocks of servers are ahead of ours, by what they sent as `Date`; what is no date says nothing."""
    found = {}
    for host, text in dates.items():
        try:
            date = parsedate_to_datetime(text)
            found[host] = date - now
        except (ValueError, TypeError):
            continue
    return found
