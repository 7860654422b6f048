"""All that is loaded into Kibana, put together; and the same as files, for import by hand."""

import json
from pathlib import Path
from typing import Any

import msgspec

from kibana.dashboard import dashboard
from kibana.names import Names, Topic, check_topics
from kibana.rules import connector, connector_update, rule, rule_update
from kibana.saved_objects import (
    SavedObject,
    alerts_view,
    arrivals,
    data_view,
    fired_alerts,
    health_views,
    not_heard,
    seen_view,
    sessions,
    to_ndjson,
)

Body = dict[str, Any]


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """Something that Kibana's API creates with one body and updates with another.

    Attributes:
        id: stable.
        label: what to call it to a person.
        create: the body of the request that creates it.
        update: the body of the request that replaces it.
    """

    id: str
    label: str
    create: Body
    update: Body


class Objects(msgspec.Struct, frozen=True, kw_only=True):
    """Everything, in the order in which it has to be loaded."""

    saved: tuple[SavedObject, ...]
    dashboard_id: str
    dashboard: Body
    connector: Resource
    rules: tuple[Resource, ...]


def generate(names: Names, topics: tuple[Topic, ...]) -> Objects:
    """All objects for some topics; raises ConfigError for topics that can't be used."""
    check_topics(topics)
    return Objects(
        saved=(
            data_view(names),
            *sessions(names, topics),
            seen_view(names),
            arrivals(names),
            alerts_view(names),
            fired_alerts(names),
            *health_views(names),
            not_heard(names),
        ),
        dashboard_id=names.dashboard,
        dashboard=dashboard(names),
        connector=Resource(
            id=names.connector,
            label=names.matches,
            create=connector(names),
            update=connector_update(names),
        ),
        rules=tuple(
            Resource(
                id=names.rule(topic),
                label=topic.name,
                create=rule(names, topic),
                update=rule_update(names, topic),
            )
            for topic in topics
        ),
    )


def export(objects: Objects, folder: Path) -> list[Path]:
    """Write all objects into a folder, which is made if need be; returns the files.

    Each file is named after the endpoint that takes it. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "saved_objects.ndjson": to_ndjson(objects.saved),
        f"dashboard.{objects.dashboard_id}.json": _pretty(objects.dashboard),
        f"connector.{objects.connector.id}.json": _pretty(objects.connector.create),
        **{f"rule.{one.id}.json": _pretty(one.create) for one in objects.rules},
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in files]


def _pretty(body: Body) -> bytes:
    return (json.dumps(body, ensure_ascii=False, indent=2) + "\n").encode()
