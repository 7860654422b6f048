"""Operations of the OpenAPI document that change something, or take parameters in their path."""

import re
from typing import Any

import msgspec

from results.json_schema import json_schema

Parameter = tuple[str, str, dict[str, Any]]
"""Of the query: name, description, schema."""
_FAULTS = {
    "400": "The request can't be read",
    "404": "There is none",
    "409": "Someone else has changed it meanwhile",
    "422": "A value is wrong: `parameter` and `position` say where",
}


def operation(
    path: str,
    summary: str,
    answer: type[msgspec.Struct] | None,
    *parameters: Parameter,
    body: str = "",
    if_match: bool = False,
) -> dict[str, Any]:
    """An operation.

    Args:
        path: its address, with its parameters in braces.
        summary: what it does.
        answer: the document that it answers with; None for none.
        parameters: of the query.
        body: what the object of its JSON body is; '' where it has none.
        if_match: whether it asks for the `version` of what it changes.
    """
    said: list[dict[str, Any]] = [_parameter(name, "path", "", required=True) for name in _names(path)]
    said += [_parameter(name, "query", text, schema) for name, text, schema in parameters]
    if if_match:
        text = (
            "The `version` of what is changed, in quotes: another's change in between is answered with 409."
        )
        said.append(_parameter("If-Match", "header", text, required=True))
    good: dict[str, Any] = {"description": summary}
    if answer:
        good["content"] = {"application/json": {"schema": json_schema(answer)}}
    faults = {
        code: {"description": text, "content": {"application/problem+json": {}}}
        for code, text in _FAULTS.items()
    }
    made = {
        "summary": summary,
        "parameters": said,
        "responses": {("200" if answer else "204"): good, **faults},
    }
    if body:
        content = {"application/json": {"schema": {"type": "object", "description": body}}}
        made["requestBody"] = {"required": True, "content": content}
    return made


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
