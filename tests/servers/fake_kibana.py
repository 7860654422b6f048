"""A small Kibana: it has the endpoints that wirewatch uses, and refuses bodies that violate the schema of Kibana's API."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from servers.kibana_schema import fault

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[14][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass
class FakeKibana:
    """Its objects and its behaviour."""

    version: str = "9.5.3"
    level: str = "available"
    authorization: str = ""
    """What requests must bear; '' lets everyone in."""
    space: str = ""
    refuse_import: dict[str, Any] | None = None
    held: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """By type and id."""
    spaces: set[str] = field(default_factory=set)
    denied: str = ""
    """The start of the paths that this user may not call."""
    writes: list[str] = field(default_factory=list)
    """Methods and paths of what changed something, in order."""

    def app(self) -> web.Application:
        """The server."""
        app = web.Application(middlewares=[self._guard], client_max_size=10_000_000)
        base = f"/s/{self.space}" if self.space else ""
        app.router.add_get(f"{base}/api/status", self._status)
        app.router.add_post(f"{base}/api/saved_objects/_import", self._import)
        app.router.add_post(f"{base}/api/saved_objects/_export", self._export)
        app.router.add_put(f"{base}/api/dashboards/{{id}}", self._dashboard)
        app.router.add_get(f"{base}/api/dashboards/{{id}}", self._shown_dashboard)
        app.router.add_get("/api/spaces/space/{id}", self._get_space)
        app.router.add_post("/api/spaces/space", self._post_space)
        app.router.add_get(f"{base}/api/security/role/{{id}}", self._of("role", self._get))
        app.router.add_put(f"{base}/api/security/role/{{id}}", self._role)
        for kind, path in (("connector", "actions/connector"), ("rule", "alerting/rule")):
            for method, answer in (("GET", self._get), ("POST", self._post), ("PUT", self._put)):
                app.router.add_route(method, f"{base}/api/{path}/{{id}}", self._of(kind, answer))
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if self.authorization and request.headers.get("Authorization") != self.authorization:
            return refusal(401, "Unauthorized")
        path = request.path.removeprefix(f"/s/{self.space}")
        if self.denied and path.startswith(self.denied):
            return refusal(403, f"API [{request.method} {path}] is unauthorized for user")
        if self.space and request.path.startswith("/s/") and self.space not in self.spaces:
            return refusal(404, "Not Found")
        if request.method == "GET":
            return await handler(request)  # type: ignore[no-any-return]
        if "kbn-xsrf" not in request.headers:
            return refusal(400, "Request must contain a kbn-xsrf header.")
        if not path.endswith("_export"):
            self.writes.append(f"{request.method} {request.path_qs}")
        return await handler(request)  # type: ignore[no-any-return]

    async def _status(self, request: web.Request) -> web.Response:
        body = {"version": {"number": self.version}, "status": {"overall": {"level": self.level}}}
        return web.json_response(body, status=200 if self.level == "available" else 503)

    async def _import(self, request: web.Request) -> web.Response:
        if self.refuse_import:
            return web.json_response(self.refuse_import)
        if request.query.get("overwrite") != "true":
            return refusal(409, "conflict")
        part = (await request.post())["file"]
        assert isinstance(part, web.FileField)
        assert part.filename.endswith(".ndjson")
        objects = [json.loads(line) for line in part.file.read().splitlines()]
        for one in objects:
            if wrong := fault("saved_object", one):
                return refusal(400, wrong)
        known = {(one["type"], one["id"]) for one in objects} | set(self.held)
        for one in objects:
            missing = [ref for ref in one["references"] if (ref["type"], ref["id"]) not in known]
            if missing:
                return web.json_response(
                    {"success": False, "errors": [{**one, "error": {"type": "missing_references"}}]}
                )
            self.held[one["type"], one["id"]] = {
                **one,
                "typeMigrationVersion": "10.9.0",
                "updated_at": self._stamp(),
            }
        return web.json_response({"success": True, "successCount": len(objects)})

    async def _export(self, request: web.Request) -> web.Response:
        body = await request.json()
        if wrong := fault("export", body):
            return refusal(400, wrong)
        keys = [(one["type"], one["id"]) for one in body["objects"]]
        missing = [key for key in keys if key not in self.held]
        if missing:
            errors = [{"type": kind, "id": key, "error": {"statusCode": 404}} for kind, key in missing]
            return refusal(400, "Error fetching objects to export", attributes={"objects": errors})
        lines = "\n".join(json.dumps(self.held[key]) for key in keys)
        return web.Response(text=lines, content_type="application/ndjson")

    async def _get_space(self, request: web.Request) -> web.Response:
        space = request.match_info["id"]
        return web.json_response({"id": space}) if space in self.spaces else refusal(404, "Not Found")

    async def _post_space(self, request: web.Request) -> web.Response:
        body = await request.json()
        if wrong := fault("space", body):
            return refusal(400, wrong)
        self.spaces.add(body["id"])
        return web.json_response(body)

    async def _role(self, request: web.Request) -> web.Response:
        body = await request.json()
        if wrong := fault("role", body):
            return refusal(400, wrong)
        self.held["role", request.match_info["id"]] = body
        return web.Response(status=204)

    async def _shown_dashboard(self, request: web.Request) -> web.Response:
        """A dashboard with the defaults and the metadata that Kibana adds."""
        found = self.held.get(("dashboard", request.match_info["id"]))
        if found is None:
            return refusal(404, "Not Found")
        data = {"options": {"hide_panel_titles": False}, **found}
        return web.json_response(
            {"id": request.match_info["id"], "data": data, "meta": {"updated_at": self._stamp()}}
        )

    def _stamp(self) -> str:
        return f"change {len(self.writes)}"

    async def _dashboard(self, request: web.Request) -> web.Response:
        body = await request.json()
        if wrong := fault("dashboard", body):
            return refusal(400, wrong)
        status = 200 if ("dashboard", request.match_info["id"]) in self.held else 201
        self.held["dashboard", request.match_info["id"]] = body
        return web.json_response({"id": request.match_info["id"], "data": body}, status=status)

    def _of(self, kind: str, answer: Any) -> Any:
        async def handler(request: web.Request) -> web.Response:
            return await answer(kind, request)  # type: ignore[no-any-return]

        return handler

    async def _get(self, kind: str, request: web.Request) -> web.Response:
        found = self.held.get((kind, request.match_info["id"]))
        if found is None:
            return refusal(404, "Not Found")
        extra = {} if kind == "role" else {"updated_at": self._stamp(), "execution_status": {"status": "ok"}}
        return web.json_response({**found, **extra})

    async def _post(self, kind: str, request: web.Request) -> web.Response:
        body, key = await request.json(), request.match_info["id"]
        if not UUID.fullmatch(key):
            return refusal(400, f"expected a UUID, got {key}")
        if wrong := fault(f"{kind}_create", body):
            return refusal(400, wrong)
        if (kind, key) in self.held:
            return refusal(409, "conflict")
        if any(("connector", one["id"]) not in self.held for one in body.get("actions", ())):
            return refusal(400, "no such connector")
        self.held[kind, key] = body
        return web.json_response(body)

    async def _put(self, kind: str, request: web.Request) -> web.Response:
        body, key = await request.json(), request.match_info["id"]
        if wrong := fault(f"{kind}_update", body):
            return refusal(400, wrong)
        if (kind, key) not in self.held:
            return refusal(404, "Not Found")
        self.held[kind, key] |= body
        return web.json_response(self.held[kind, key])


def refusal(status: int, message: str, **more: Any) -> web.Response:
    """An error in Kibana's wording."""
    return web.json_response({"statusCode": status, "error": "", "message": message, **more}, status=status)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The URL of a server, while it runs."""
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()
