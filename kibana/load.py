"""Loads the objects into Kibana. Loading again replaces what was loaded before, and makes nothing twice."""

from typing import Any, Literal

import msgspec

from kibana.client import Kibana
from kibana.objects import Objects, Resource
from kibana.saved_objects import to_ndjson
from stream.errors import ConfigError

_CONNECTORS = "/api/actions/connector"
_RULES = "/api/alerting/rule"


class Loaded(msgspec.Struct, frozen=True):
    """One thing that was loaded."""

    what: str
    name: str
    result: Literal["created", "updated", "loaded"]
    """`loaded` where Kibana does not say whether it was there before."""


async def load(kibana: Kibana, objects: Objects) -> list[Loaded]:
    """Load everything; raises ConfigError at the first thing that Kibana refuses. What was loaded until then stays."""
    await kibana.version()
    done = await _import(kibana, objects)
    done.append(await _put_dashboard(kibana, objects))
    done.append(await _put(kibana, "connector", _CONNECTORS, objects.connector))
    done += [await _put(kibana, "rule", _RULES, rule) for rule in objects.rules]
    return done


async def _import(kibana: Kibana, objects: Objects) -> list[Loaded]:
    """Data view and Discover sessions."""
    content = to_ndjson(objects.saved)
    answer = await kibana.upload("/api/saved_objects/_import?overwrite=true", "wirewatch.ndjson", content)
    if answer.body.get("success") is not True:
        raise ConfigError(f"Kibana refused saved objects: {_import_errors(answer.body)}")
    if answer.body.get("successCount") != len(objects.saved):
        raise ConfigError(
            f"Kibana took {answer.body.get('successCount')} of {len(objects.saved)} saved objects, and did not say why"
        )
    return [Loaded(one["type"], one["id"], "loaded") for one in objects.saved]


def _import_errors(body: dict[str, Any]) -> str:
    errors = [one for one in body.get("errors", []) if isinstance(one, dict)]
    said = [
        f"{one.get('type')} {one.get('id')}: {msgspec.json.encode(one.get('error')).decode()}"
        for one in errors
    ]
    return "; ".join(said[:3])[:1000] or "no reason given"


async def _put_dashboard(kibana: Kibana, objects: Objects) -> Loaded:
    where = f"/api/dashboards/{objects.dashboard_id}"
    answer = await kibana.request("PUT", where, objects.dashboard, expected=(200, 201))
    return Loaded("dashboard", objects.dashboard_id, "created" if answer.status == 201 else "updated")


async def _put(kibana: Kibana, what: str, path: str, resource: Resource) -> Loaded:
    """Create, or update what is there: these endpoints have no call that does either."""
    where = f"{path}/{resource.id}"
    found = await kibana.request("GET", where, expected=(200, 404))
    if found.status == 404:
        await kibana.request("POST", where, resource.create)
        return Loaded(what, resource.label, "created")
    await kibana.request("PUT", where, resource.update)
    return Loaded(what, resource.label, "updated")
