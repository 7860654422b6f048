"""Loads the objects into Kibana. Loading again updates them, duplicates nothing, and keeps what people have changed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Literal

import msgspec

from kibana.changes import Marks, mark_of, may_replace
from kibana.client import Kibana
from kibana.objects import Objects, Resource
from kibana.saved_objects import SavedObject, to_ndjson
from stream.errors import ConfigError

_CONNECTORS = "/api/actions/connector"
_RULES = "/api/alerting/rule"
_IMPORT = "/api/saved_objects/_import?overwrite=true"
_EXPORT = "/api/saved_objects/_export"


class Loaded(msgspec.Struct, frozen=True):
    """One thing that was loaded."""

    what: str
    name: str
    result: Literal["created", "updated", "kept"]
    """`kept`: a person has changed it, so it was left as it is."""


class Loader:
    """Loads into one space.

    Args:
        kibana: the connection.
        marks: what Kibana held after the last loading.
        force: replace what a person has changed, too.
    """

    def __init__(self, kibana: Kibana, marks: Marks, *, force: bool) -> None:
        self._kibana = kibana
        self._marks = marks
        self._force = force

    async def load(self, objects: Objects) -> list[Loaded]:
        """Load everything; raises ConfigError for the first object that Kibana refuses. Those loaded before stay."""
        await self._kibana.version()
        done = await self._saved(objects.saved)
        done.append(await self._dashboard(objects))
        done.append(await self._resource("connector", _CONNECTORS, objects.connector))
        done += [await self._resource("rule", _RULES, rule) for rule in objects.rules]
        return done

    async def role(self, name: str, body: dict[str, Any]) -> Loaded:
        """Load a role."""
        where = f"/api/security/role/{name}"

        async def read() -> Any:
            found = await self._kibana.request("GET", where, expected=(200, 404))
            return _parts(found.body, body) if found.status == 200 else None

        async def write(_there: object) -> None:
            await self._kibana.request("PUT", where, body, expected=(204,))

        return await self._renew("role", name, name, body, read, write)

    async def _saved(self, wanted: Sequence[SavedObject]) -> list[Loaded]:
        """Data views and Discover sessions."""
        before = await self._export(wanted)
        results = [Loaded(one["type"], one["id"], self._fate(one, before)) for one in wanted]
        renewed = [one for one, fate in zip(wanted, results, strict=True) if fate.result != "kept"]
        if renewed:
            await self._import(renewed)
            for key, content in (await self._export(renewed)).items():
                self._marks.put(self._key(*key), mark_of(content))
        return results

    def _fate(
        self, wanted: SavedObject, before: dict[tuple[str, str], Any]
    ) -> Literal["created", "updated", "kept"]:
        there = before.get((wanted["type"], wanted["id"]))
        mark = self._marks.get(self._key(wanted["type"], wanted["id"]))
        if not self._force and not may_replace(there, _content(wanted), mark):
            return "kept"
        return "created" if there is None else "updated"

    async def _import(self, wanted: Sequence[SavedObject]) -> None:
        answer = await self._kibana.upload(_IMPORT, "wirewatch.ndjson", to_ndjson(wanted))
        if answer.body.get("success") is not True:
            raise ConfigError(f"Kibana refused saved objects: {_import_errors(answer.body)}")
        if answer.body.get("successCount") != len(wanted):
            raise ConfigError(
                f"Kibana took {answer.body.get('successCount')} of {len(wanted)} saved objects, and did not say why"
            )

    async def _export(self, wanted: Sequence[SavedObject]) -> dict[tuple[str, str], Any]:
        """Objects as Kibana holds them, by kind and id, without those that do not exist."""
        asked = [{"type": one["type"], "id": one["id"]} for one in wanted]
        body = {"objects": asked, "excludeExportDetails": True, "includeReferencesDeep": False}
        answer = await self._kibana.download(_EXPORT, body, expected=(200, 400))
        if answer.status == 200:
            return {(one["type"], one["id"]): _content(one) for one in answer.lines}
        missing = _missing(answer.lines)
        there = [one for one in wanted if (one["type"], one["id"]) not in missing]
        if len(there) == len(wanted):
            raise ConfigError(f"Kibana could not export saved objects: {_reason(answer.lines)}")
        return await self._export(there) if there else {}

    async def _dashboard(self, objects: Objects) -> Loaded:
        where = f"/api/dashboards/{objects.dashboard_id}"

        async def read() -> Any:
            found = await self._kibana.request("GET", where, expected=(200, 404))
            return found.body.get("data") if found.status == 200 else None

        async def write(_there: object) -> None:
            await self._kibana.request("PUT", where, objects.dashboard, expected=(200, 201))

        key = objects.dashboard_id
        return await self._renew("dashboard", key, key, objects.dashboard, read, write)

    async def _resource(self, what: str, path: str, resource: Resource) -> Loaded:
        """Create the object, or update it if it exists: these endpoints have no call that does both."""
        where = f"{path}/{resource.id}"

        async def read() -> Any:
            found = await self._kibana.request("GET", where, expected=(200, 404))
            return _parts(found.body, resource.update) if found.status == 200 else None

        async def write(there: object) -> None:
            if there is None:
                await self._kibana.request("POST", where, resource.create)
            else:
                await self._kibana.request("PUT", where, resource.update)

        wanted = _parts(resource.update, resource.update)
        return await self._renew(what, resource.id, resource.label, wanted, read, write)

    async def _renew(
        self,
        what: str,
        object_id: str,
        name: str,
        wanted: Any,
        read: Callable[[], Awaitable[Any]],
        write: Callable[[Any], Awaitable[None]],
    ) -> Loaded:
        """Load one object unless a person has changed it, and remember what Kibana holds then."""
        there, key = await read(), self._key(what, object_id)
        if not self._force and not may_replace(there, wanted, self._marks.get(key)):
            return Loaded(what, name, "kept")
        await write(there)
        self._marks.put(key, mark_of(await read()))
        return Loaded(what, name, "created" if there is None else "updated")

    def _key(self, what: str, object_id: str) -> str:
        return f"{self._kibana.space or 'default'}|{what}|{object_id}"


def _content(saved: SavedObject) -> dict[str, Any]:
    """What a person can change of a saved object."""
    return {"attributes": saved["attributes"], "references": saved["references"]}


def _parts(body: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """The part of an object that we load; Kibana returns more, such as when it last ran, but never secrets."""
    return {key: body[key] for key in wanted if key in body and key != "secrets"}


def _missing(lines: Sequence[dict[str, Any]]) -> set[tuple[str, str]]:
    """The objects that Kibana could not export because they do not exist."""
    failed = [one for line in lines for one in (line.get("attributes") or {}).get("objects", ())]
    return {(one["type"], one["id"]) for one in failed if one.get("error", {}).get("statusCode") == 404}


def _reason(lines: Sequence[dict[str, Any]]) -> str:
    return str(lines[0].get("message", "no reason given"))[:500] if lines else "no reason given"


def _import_errors(body: dict[str, Any]) -> str:
    errors = [one for one in body.get("errors", []) if isinstance(one, dict)]
    said = [
        f"{one.get('type')} {one.get('id')}: {msgspec.json.encode(one.get('error')).decode()}"
        for one in errors
    ]
    return "; ".join(said[:3])[:1000] or "no reason given"
