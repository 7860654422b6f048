"""The desk in the API."""

import asyncio
from typing import Any, get_args

from aiohttp import web

from results.desk import MarkKind, Marks
from web.access.person import person
from web.api.answer import answer
from web.api.operations import operation
from web.archive import Archive
from web.desk.changes import DEEDS, change_of
from web.desk.marking import make
from web.errors import BadRequest
from web.forms import json_object
from web.search.asked import number
from web.services import Services

_MARKS = "/api/v1/desk"
_MOST = 10_000
_KINDS: tuple[MarkKind, ...] = get_args(MarkKind)


class DeskApi:
    """The handlers.

    Args:
        services: what the API is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._desk = services.desk
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get(_MARKS, self.listed), web.post(_MARKS, self.mark)]

    async def listed(self, request: web.Request) -> web.Response:
        """Marks, as the person who asks sees them: `wirewatch/marks`."""
        asked = [one.strip() for one in request.query.get("kind", "").split(",") if one.strip()]
        if unknown := sorted(set(asked) - set(_KINDS)):
            raise BadRequest("kind", f"kind: expected some of {', '.join(_KINDS)}, found {unknown[0][:40]!r}")
        kinds = [one for one in _KINDS if one in asked or not asked]
        limit = number("limit", request.query.get("limit", "100"), _MOST)
        article = request.query.get("article", "")
        found = await asyncio.to_thread(self._desk.listed, kinds, person().name, article, limit)
        return answer(request, Marks(tuple(found)))

    async def mark(self, request: web.Request) -> web.Response:
        """Change a mark; answers with the marks of its article: `wirewatch/marks`."""
        sent = await json_object(request)
        for key, value in sent.items():
            if key not in ("article", "do", "value", "name") or not isinstance(value, str):
                raise BadRequest(key[:40], f"{key[:40]}: expected the texts article, do, value and name")
        change = change_of(sent)
        await make(request, change, self._desk, self._archive)
        found = await asyncio.to_thread(self._desk.listed, list(_KINDS), person().name, change.article, _MOST)
        return answer(request, Marks(tuple(found)))


def paths() -> dict[str, Any]:
    """What the OpenAPI document says of these addresses."""
    kinds = ("kind", f"Kinds, separated by commas: {', '.join(_KINDS)}; none is all.", {"type": "string"})
    article = ("article", "Only the marks of this article.", {"type": "string"})
    limit = ("limit", "Marks.", {"type": "integer", "minimum": 1, "maximum": _MOST, "default": 100})
    body = f"`article` (its id), `do` ({', '.join(DEEDS)}), and `value` where that needs one; `name` is a note's id, for unnote"
    return {
        _MARKS: {
            "get": operation(_MARKS, "Marks, the newest first", Marks, kinds, article, limit),
            "post": operation(_MARKS, "Mark an article", Marks, body=body),
        }
    }
