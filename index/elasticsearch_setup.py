"""The index template of the store on Elasticsearch, and the check that what lies there was made by the same rules."""

import importlib.resources
import json
from datetime import UTC, datetime
from typing import Any

from index.elasticsearch_cluster import Cluster
from query.tokens import RULES
from wirewatch.errors import ConfigError

MADE_BY = {"made_by": "wirewatch", "mapping": 2, "tokens": RULES}
"""What an index's mapping says of itself (`_meta`). `mapping` counts the changes of elasticsearch_template.json."""


def alias_of(prefix: str) -> str:
    """The name that all months are read under; the template has it too."""
    return f"{prefix}-articles"


def index_of(alias: str, seen: datetime) -> str:
    """The index of the articles that were first seen in the month of `seen` (an aware time; months are those of UTC)."""
    month = seen.astimezone(UTC)
    return f"{alias}-{month.year:04}.{month.month:02}"


def template_of(alias: str) -> dict[str, Any]:
    """The index template: the data file's, with the names and the rules filled in."""
    text = importlib.resources.files("index").joinpath("elasticsearch_template.json").read_text("utf-8")
    template: dict[str, Any] = json.loads(text)
    template["index_patterns"] = [f"{alias}-*"]
    template["template"]["aliases"] = {alias: {}}
    template["template"]["mappings"]["_meta"] = MADE_BY
    return template


def set_up(cluster: Cluster, alias: str, now: datetime) -> None:
    """Make the template and this month's index, if need be; raises ConfigError if what lies there is not ours."""
    check(cluster, alias)
    cluster.put_template(alias, template_of(alias))
    cluster.create_index(index_of(alias, now))


def check(cluster: Cluster, alias: str) -> None:
    """Raises ConfigError if an index under our names was made by something else, or by other rules than today's."""
    for index, mapping in sorted(cluster.mappings(f"{alias},{alias}-*").items()):
        made_by = mapping.get("_meta", {})
        if made_by.get("made_by") != MADE_BY["made_by"]:
            raise ConfigError(
                f"the index {index} in Elasticsearch was not made by wirewatch: choose another elasticsearch.prefix"
            )
        if made_by != MADE_BY:
            raise ConfigError(
                f"the index {index} in Elasticsearch was made by another version of wirewatch ({_rules(made_by)}; this one "
                f"works by {_rules(MADE_BY)}): set elasticsearch.prefix to a new name and run `wirewatch replay`, or go "
                "back to that version"
            )


def _rules(made_by: dict[str, Any]) -> str:
    return f"mapping {made_by.get('mapping')}, tokens {made_by.get('tokens')}"
