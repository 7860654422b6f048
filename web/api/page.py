"""The page that tells programmers of the API: its OpenAPI document, to be read by people."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from aiohttp import web

from web.api.openapi import openapi
from web.links import origin
from web.search.asked import Asked
from web.templating import Templates

_SCHEMAS = "#/components/schemas/"


class Named(msgspec.Struct, frozen=True):
    """A parameter of an operation, or a field of a document: what it is called, its type, and what it is."""

    name: str
    kind: str
    text: str
    required: bool = False


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """What an address does when it is asked in one way.

    Attributes:
        body: what is sent; '' for nothing.
        answer: the name of the document that it answers with (`wirewatch schema NAME`), or its media types; '' for nothing.
        fields: of that document.
        link: its address, where a browser can ask it as it is; '' elsewhere.
    """

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Named, ...]
    body: str
    answer: str
    fields: tuple[Named, ...]
    link: str


class ApiPage:
    """The handler.

    Args:
        templates: what it is written with.
        encrypted: whether browsers reach the page by https alone.
    """

    def __init__(self, templates: Templates, *, encrypted: bool) -> None:
        self._templates = templates
        self._encrypted = encrypted

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [web.get("/api", self.page)]

    async def page(self, request: web.Request) -> web.Response:
        """All operations of the API."""
        areas = await asyncio.to_thread(described)
        host = origin(request, encrypted=self._encrypted)
        return self._templates.page("api.html", asked=Asked(), operations=areas, host=host)


@cache
def described() -> Mapping[str, Sequence[Operation]]:
    """The operations by area, which is the first part of their address."""
    document, areas = openapi(), dict[str, list[Operation]]()
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        area = path.removeprefix("/api/v1/").split("/")[0].split(".")[0]
        areas.setdefault(area, []).extend(_operations(path, methods, schemas))
    return areas


def _operations(path: str, methods: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Operation]:
    for method, said in methods.items():
        answer, fields = _answer(said["responses"].get("200", {}), schemas)
        needs_none = method == "get" and not any(one["required"] for one in said["parameters"])
        yield Operation(
            method=method.upper(),
            path=path,
            summary=said["summary"],
            description=said.get("description", ""),
            parameters=tuple(
                Named(one["name"], _kind(one["schema"]), one.get("description", ""), one["required"])
                for one in said["parameters"]
            ),
            body=_body(said.get("requestBody")),
            answer=answer,
            fields=fields,
            link=path if needs_none else "",
        )


def _answer(good: Mapping[str, Any], schemas: Mapping[str, Any]) -> tuple[str, tuple[Named, ...]]:
    content = good.get("content", {})
    if len(content) != 1:
        return ", ".join(content), ()
    ((kind, said),) = content.items()
    name = said["schema"].get("$ref", "").removeprefix(_SCHEMAS)
    schema = schemas[name] if name else said["schema"]
    fields = tuple(
        Named(field, _kind(one), one.get("description", ""))
        for field, one in schema.get("properties", {}).items()
    )
    return (f"wirewatch/{name}" if name else kind), fields


def _body(sent: Mapping[str, Any] | None) -> str:
    if sent is None:
        return ""
    ((kind, said),) = sent["content"].items()
    return f"{kind}: {said['schema']['description']}"


def _kind(schema: Mapping[str, Any]) -> str:
    """A type in words, such as `integer or null`, `list of Hit`."""
    match schema:
        case {"$ref": str(reference)}:
            return reference.removeprefix(_SCHEMAS).split(".")[-1]
        case {"enum": values}:
            return " | ".join(map(str, values))
        case {"anyOf": some}:
            return " or ".join(_kind(one) for one in some)
        case {"type": "array", "items": items}:
            return f"list of {_kind(items)}"
        case {"type": str(kind)}:
            return kind
        case _:
            return ""
