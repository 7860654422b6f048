"""Operations of the OpenAPI document."""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from results.json_schema import json_schema

Parameter = tuple[str, str, dict[str, Any]]
"""Of the query: name, description, schema."""
JSON = "application/json"
PROBLEM = "#/components/schemas/problem"
_FAULTS = {
    "400": "The request can't be read",
    "401": "Whoever asks is not known",
    "403": "Whoever asks is not allowed to",
    "404": "There is none",
    "422": "A value is wrong: `parameter` and `position` say where",
    "503": "There is no archive yet, or it can't be reached now",
}
_CONFLICT = {"409": "Someone else has changed it meanwhile"}


def operation(
    path: str,
    summary: str,
    answer: type[msgspec.Struct] | Mapping[str, dict[str, Any]] | None,
    *parameters: Parameter,
    body: str = "",
    sent_as: str = JSON,
    if_match: bool = False,
    values: Mapping[str, dict[str, Any]] | None = None,
    description: str = "",
) -> dict[str, Any]:
    """An operation.

    Args:
        path: its address, with its parameters in braces.
        summary: what it does.
        answer: the document that it answers with, or the schemas of what it answers with by media type; None for nothing.
        parameters: of the query.
        body: what its body is; '' where it has none.
        sent_as: the media type of that.
        if_match: whether it asks for the `version` of what it changes.
        values: the schemas of those parameters of the path that are no texts, by name.
        description: more than the summary says.
    """
    said = [_parameter(name, "path", "", (values or {}).get(name), required=True) for name in _names(path)]
    said += [_parameter(name, "query", text, schema) for name, text, schema in parameters]
    if if_match:
        text = (
            "The `version` of what is changed, in quotes: another's change in between is answered with 409."
        )
        said.append(_parameter("If-Match", "header", text, required=True))
    made = {
        "summary": summary,
        "parameters": said,
        "responses": {**_good(summary, answer), **_faults(changes=bool(body or if_match))},
    }
    if description:
        made["description"] = description
    if body:
        kind = "object" if sent_as == JSON else "string"
        content = {sent_as: {"schema": {"type": kind, "description": body}}}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _good(
    summary: str, answer: type[msgspec.Struct] | Mapping[str, dict[str, Any]] | None
) -> dict[str, dict[str, Any]]:
    match answer:
        case None:
            return {"204": {"description": summary}}
        case type():
            schemas: Mapping[str, dict[str, Any]] = {JSON: json_schema(answer)}
        case _:
            schemas = answer
    content = {kind: {"schema": schema} for kind, schema in schemas.items()}
    return {"200": {"description": summary, "content": content}}


def _faults(*, changes: bool) -> dict[str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": {"$ref": PROBLEM}}}
    told = {**_FAULTS, **(_CONFLICT if changes else {})}
    return {code: {"description": text, "content": content} for code, text in sorted(told.items())}


def _parameter(
    name: str, place: str, text: str, schema: dict[str, Any] | None = None, *, required: bool = False
) -> dict[str, Any]:
    described = {"description": text} if text else {}
    return {
        "name": name,
        "in": place,
        "required": required,
        "schema": schema or {"type": "string"},
        **described,
    }


def _names(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)
