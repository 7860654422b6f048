"""The index template of the Elasticsearch store, and the check that existing indices were created by the same rules."""

import importlib.resources
import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from index.elasticsearch.cluster import Cluster
from index.elasticsearch.settings import Elasticsearch, Period, alias_of
from query.tokens import RULES
from stream.errors import ConfigError

_PERIOD_DAYS: Mapping[Period, int] = {"month": 31, "week": 7, "day": 1}
_CODECS = {"fast": "default", "best": "best_compression"}

MADE_BY: dict[str, Any] = {"made_by": "wirewatch", "mapping": 3, "tokens": RULES}
"""The version in an index's mapping (`_meta`). `mapping` counts the changes of template.json that require rewriting stored
articles (a field of another type, a new one to search in); a field that only new articles have is added on the fly."""

COPY_OF = "copy_of"
"""The key in the `_meta` of an index that upgrade.py is still filling; its value is the index that it will replace."""


def lifecycle_of(alias: str) -> str:
    """The name of the lifecycle policy, and of the component template that brings indices under it."""
    return f"{alias}-lifecycle"


def index_of(alias: str, seen: datetime, period: Period = "month") -> str:
    """The index of the articles that were first seen in the period of `seen` (an aware time; periods are those of UTC)."""
    moment = seen.astimezone(UTC)
    if period == "week":
        year, week, _ = moment.isocalendar()
        return f"{alias}-{year:04}.w{week:02}"
    month = f"{alias}-{moment.year:04}.{moment.month:02}"
    return month if period == "month" else f"{month}.{moment.day:02}"


def template_of(settings: Elasticsearch) -> dict[str, Any]:
    """The index template: the data file's, with the names, the rules and what is configured filled in."""
    alias = alias_of(settings.prefix)
    text = importlib.resources.files("index.elasticsearch").joinpath("template.json").read_text("utf-8")
    template: dict[str, Any] = json.loads(text)
    template["index_patterns"] = [f"{alias}-*"]
    template["composed_of"] = [lifecycle_of(alias)]
    template["ignore_missing_component_templates"] = [lifecycle_of(alias)]
    template["template"]["aliases"] = {alias: {}}
    template["template"]["mappings"]["_meta"] = MADE_BY
    index = template["template"]["settings"]["index"]
    index |= {"number_of_shards": settings.shards, "codec": _CODECS[settings.compression]}
    index |= _copies(settings.replicas)
    return template


def _copies(replicas: int) -> dict[str, Any]:
    return {"auto_expand_replicas": "0-1"} if replicas < 0 else {"number_of_replicas": replicas}


def set_up(cluster: Cluster, settings: Elasticsearch, now: datetime) -> None:
    """Create the template and this period's index if needed, and add missing fields; raises ConfigError if an existing index
    is not ours, or must be upgraded first."""
    alias = alias_of(settings.prefix)
    held = check(cluster, alias)
    template = template_of(settings)
    cluster.put_template(alias, template)
    wanted = template["template"]["mappings"]
    for index, mapping in held.items():
        if missing := _missing(mapping, wanted):
            cluster.put_mapping(index, {"properties": missing})
    cluster.create_index(index_of(alias, now, settings.period))


def set_replicas(cluster: Cluster, settings: Elasticsearch) -> None:
    """Give the indices that exist as many copies as are configured."""
    expands = {} if settings.replicas < 0 else {"index.auto_expand_replicas": "false"}
    copies = {f"index.{name}": value for name, value in _copies(settings.replicas).items()}
    cluster.put_settings(f"{alias_of(settings.prefix)}-*", {**expands, **copies})


def set_lifecycle(cluster: Cluster, settings: Elasticsearch) -> bool:
    """Have Elasticsearch delete each index once all its articles were first seen more than `keep_days` ago; 0: never.

    Stages never call this, so they need no lifecycle privileges. Returns whether the server supports lifecycles.
    """
    if not cluster.has_lifecycles():
        return False
    alias, keep_days = alias_of(settings.prefix), settings.keep_days
    policy = lifecycle_of(alias)
    if keep_days:
        cluster.put_lifecycle(policy, _deleting_after(keep_days + _PERIOD_DAYS[settings.period]))
    setting = {"index.lifecycle.name": policy if keep_days else None}
    cluster.put_component(policy, {"settings": setting if keep_days else {}})
    cluster.put_settings(f"{alias}-*", setting)
    return True


def _deleting_after(days: float) -> dict[str, Any]:
    """The policy. An index's age counts from when it was made, at the beginning of its period at the earliest."""
    return {"phases": {"delete": {"min_age": f"{math.ceil(days * 24)}h", "actions": {"delete": {}}}}}


def check(cluster: Cluster, alias: str) -> dict[str, dict[str, Any]]:
    """The mappings of our indices, by name; raises ConfigError if one was made by something else, or by rules other than the
    current ones."""
    held = dict(sorted(cluster.mappings(f"{alias},{alias}-*").items()))
    for index, mapping in held.items():
        made_by = _made_by(index, mapping)
        if made_by != MADE_BY:
            raise ConfigError(
                f"the index {index} in Elasticsearch was made by an older version of wirewatch ({_rules(made_by)}; this one "
                f"works by {_rules(MADE_BY)}): stop the stages and run `wirewatch setup`, which brings it up to date"
            )
    return held


def outdated(cluster: Cluster, alias: str) -> list[str]:
    """The indices made by an older version; raises ConfigError if one is not ours, or was made by a newer version."""
    held = sorted(cluster.mappings(f"{alias},{alias}-*").items())
    return [index for index, mapping in held if _made_by(index, mapping) != MADE_BY]


def copies(cluster: Cluster, alias: str) -> dict[str, str]:
    """The indices that an upgrade was still filling when it ended, with the index that each was to replace."""
    held = cluster.mappings(f"{alias},{alias}-*")
    made_by = {index: _made_by(index, mapping) for index, mapping in held.items()}
    return {index: one[COPY_OF] for index, one in made_by.items() if COPY_OF in one}


def _made_by(index: str, mapping: dict[str, Any]) -> dict[str, Any]:
    made_by: dict[str, Any] = mapping.get("_meta", {})
    if made_by.get("made_by") != MADE_BY["made_by"]:
        raise ConfigError(
            f"the index {index} in Elasticsearch was not made by wirewatch: choose another elasticsearch.prefix"
        )
    if made_by.get("mapping", 0) > MADE_BY["mapping"]:
        raise ConfigError(
            f"the index {index} in Elasticsearch was made by a newer version of wirewatch ({_rules(made_by)}; this one "
            f"works by {_rules(MADE_BY)}): install that version here too"
        )
    return made_by


def _missing(mapping: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The fields of `wanted` that a mapping lacks; what a field is can't be changed in place, so the others are left out."""
    held, missing = mapping.get("properties", {}), dict[str, Any]()
    for name, field in wanted.get("properties", {}).items():
        if name not in held:
            missing[name] = field
        elif inner := _missing(held[name], field):
            missing[name] = {"properties": inner}
    return missing


def _rules(made_by: dict[str, Any]) -> str:
    return f"mapping {made_by.get('mapping')}, tokens {made_by.get('tokens')}"
