"""The index template of the Elasticsearch store, and the check that existing indices were created by the same rules."""

import importlib.resources
import json
import math
from datetime import UTC, datetime
from typing import Any

from index.elasticsearch.cluster import Cluster
from query.tokens import RULES
from stream.errors import ConfigError

_MONTH_DAYS = 31

MADE_BY: dict[str, Any] = {"made_by": "wirewatch", "mapping": 3, "tokens": RULES}
"""The version in an index's mapping (`_meta`). `mapping` counts the changes of template.json that require rewriting stored
articles (a field of another type, a new one to search in); a field that only new articles have is added on the fly."""

COPY_OF = "copy_of"
"""The key in the `_meta` of an index that upgrade.py is still filling; its value is the index that it will replace."""


def lifecycle_of(alias: str) -> str:
    """The name of the lifecycle policy, and of the component template that brings indices under it."""
    return f"{alias}-lifecycle"


def index_of(alias: str, seen: datetime) -> str:
    """The index of the articles that were first seen in the month of `seen` (an aware time; months are those of UTC)."""
    month = seen.astimezone(UTC)
    return f"{alias}-{month.year:04}.{month.month:02}"


def template_of(alias: str) -> dict[str, Any]:
    """The index template: the one in the data file, with names and rules filled in."""
    text = importlib.resources.files("index.elasticsearch").joinpath("template.json").read_text("utf-8")
    template: dict[str, Any] = json.loads(text)
    template["index_patterns"] = [f"{alias}-*"]
    template["composed_of"] = [lifecycle_of(alias)]
    template["ignore_missing_component_templates"] = [lifecycle_of(alias)]
    template["template"]["aliases"] = {alias: {}}
    template["template"]["mappings"]["_meta"] = MADE_BY
    return template


def set_up(cluster: Cluster, alias: str, now: datetime) -> None:
    """Create the template and this month's index if needed, and add missing fields; raises ConfigError if an existing index
    is not ours, or must be upgraded first."""
    held = check(cluster, alias)
    template = template_of(alias)
    cluster.put_template(alias, template)
    wanted = template["template"]["mappings"]
    for index, mapping in held.items():
        if not _has_all(mapping, wanted):
            cluster.put_mapping(index, {"properties": wanted["properties"]})
    cluster.create_index(index_of(alias, now))


def set_lifecycle(cluster: Cluster, alias: str, keep_days: float) -> bool:
    """Have Elasticsearch delete each month's index once all its articles were first seen more than `keep_days` ago; 0: never.

    Stages never call this, so they need no lifecycle privileges. Returns whether the server supports lifecycles.
    """
    if not cluster.has_lifecycles():
        return False
    policy = lifecycle_of(alias)
    if keep_days:
        cluster.put_lifecycle(policy, _deleting_after(keep_days))
    setting = {"index.lifecycle.name": policy if keep_days else None}
    cluster.put_component(policy, {"settings": setting if keep_days else {}})
    cluster.put_settings(f"{alias}-*", setting)
    return True


def _deleting_after(keep_days: float) -> dict[str, Any]:
    """The policy. An index's age counts from its creation, at the beginning of its month at the earliest."""
    hours = math.ceil((keep_days + _MONTH_DAYS) * 24)
    return {"phases": {"delete": {"min_age": f"{hours}h", "actions": {"delete": {}}}}}


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


def _has_all(mapping: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Whether every field of one mapping is in the other; Elasticsearch itself compares their types."""
    fields, asked = mapping.get("properties", {}), wanted.get("properties", {})
    return all(name in fields and _has_all(fields[name], field) for name, field in asked.items())


def _rules(made_by: dict[str, Any]) -> str:
    return f"mapping {made_by.get('mapping')}, tokens {made_by.get('tokens')}"
