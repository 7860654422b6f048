"""The page of operations, and the same in the API."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from results.status import Quarantine, Status
from stream.errors import ConfigError
from web.access.gate import ABOUT
from web.api.answer import answer
from web.api.operations import JSON, operation
from web.errors import BadRequest
from web.forms import json_object, posted
from web.search.asked import Asked
from web.services import Services
from web.templating import Templates

AREA = "/status"
SHOWN = 100
"""Messages of the quarantine that are listed."""
_STATUS, _QUARANTINE = "/api/v1/status", "/api/v1/quarantine"
_RETRY, _DISCARD = f"{_QUARANTINE}/retry", f"{_QUARANTINE}/discard"
_SAID = {"retried": "Put back: a running wirewatch tries them at once.", "discarded": "Discarded."}


class StatusPage:
    """The handlers.

    Args:
        services: what the page is made over.
        templates: what it is written with.
    """

    def __init__(self, services: Services, templates: Templates) -> None:
        self._status = services.status
        self._coverage = services.coverage
        self._now = services.now
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/status", self.glance),
            web.post("/quarantine/retry", self.retry),
            web.post("/quarantine/discard", self.discard),
            web.get(_STATUS, self.status),
            web.get(_QUARANTINE, self.quarantine),
            web.post(_RETRY, self.api_retry),
            web.post(_DISCARD, self.api_discard),
        ]

    async def glance(self, request: web.Request) -> web.Response:
        """All of it on one page."""
        try:
            status, dead, coverage = await asyncio.gather(
                asyncio.to_thread(self._status.status),
                asyncio.to_thread(self._status.quarantine),
                asyncio.to_thread(self._coverage),
            )
        except ConfigError as error:
            return self._templates.page("empty.html", asked=Asked(), area=AREA, reason=str(error))
        return self._templates.page(
            "status.html",
            asked=Asked(),
            area=AREA,
            status=status,
            coverage=coverage,
            dead=tuple(reversed(dead.messages))[:SHOWN],
            many=len(dead.messages),
            trouble=_in_trouble(status),
            disk_is_short=status.storage is not None and status.storage.is_short(self._now()),
            said=_SAID.get(request.query.get("said", ""), ""),
        )

    async def retry(self, request: web.Request) -> web.Response:
        """Try messages again: those that are named, or all of a kind."""
        await asyncio.to_thread(self._status.retry, await self._chosen(request))
        raise web.HTTPSeeOther("/status?said=retried#quarantine")

    async def discard(self, request: web.Request) -> web.Response:
        """Give messages up."""
        await asyncio.to_thread(self._status.discard, await self._chosen(request))
        raise web.HTTPSeeOther("/status?said=discarded#quarantine")

    async def _chosen(self, request: web.Request) -> list[str]:
        sent = await posted(request)
        request[ABOUT] = {name: sent.get(name, "")[:60] for name in ("stage", "kind") if name in sent}
        if named := sent.getall("id", []):
            request[ABOUT] = {"messages": " ".join(named)[:300]}
            return named
        return _of(
            await asyncio.to_thread(self._status.quarantine), sent.get("stage", ""), sent.get("kind", "")
        )

    async def status(self, request: web.Request) -> web.Response:
        """What `wirewatch status --json` prints: `wirewatch/status`."""
        return answer(request, await asyncio.to_thread(self._status.status))

    async def quarantine(self, request: web.Request) -> web.Response:
        """What could not be handled: `wirewatch/quarantine`."""
        return answer(request, await asyncio.to_thread(self._status.quarantine))

    async def api_retry(self, request: web.Request) -> web.Response:
        """Try messages again."""
        ids = await _named(request)
        return answer(request, {"messages": await asyncio.to_thread(self._status.retry, ids)})

    async def api_discard(self, request: web.Request) -> web.Response:
        """Give messages up."""
        ids = await _named(request)
        return answer(request, {"messages": await asyncio.to_thread(self._status.discard, ids)})


def _of(found: Quarantine, stage: str, kind: str) -> list[str]:
    """The messages that failed in one way; none where no way is named."""
    return [one.id for one in found.messages if (one.stage, one.kind) == (stage, kind)]


async def _named(request: web.Request) -> list[str]:
    """The ids of messages that a program sends."""
    ids = (await json_object(request)).get("ids")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise BadRequest("ids", "ids: expected a list of the ids of messages")
    request[ABOUT] = {"messages": " ".join(ids)[:300]}
    return list(ids)


def _in_trouble(status: Status) -> Sequence[str]:
    """The stages that don't get on, in sentences."""
    return [
        f"{stage.stage} is {stage.doing}: {stage.why}"
        for process in status.processes
        for stage in process.stages
        if stage.doing not in ("working", "idle")
    ]


def paths() -> dict[str, Any]:
    """The part of the OpenAPI document."""
    body = "`ids`: the ids of the messages"
    number = {"type": "integer", "description": "How many there were."}
    done = {JSON: {"type": "object", "properties": {"messages": number}}}
    return {
        _STATUS: {"get": operation(_STATUS, "What runs, what waits and what failed", Status)},
        _QUARANTINE: {"get": operation(_QUARANTINE, "What could not be handled", Quarantine)},
        _RETRY: {"post": operation(_RETRY, "Try messages again", done, body=body)},
        _DISCARD: {"post": operation(_DISCARD, "Give messages up", done, body=body)},
    }
