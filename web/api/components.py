"""The schemas of an OpenAPI document, each once. Pure.

Documents bring their JSON Schema with parts of its own (`$defs`). Programs that read OpenAPI look references up in
`#/components/schemas` alone, so schemas and their parts are moved there.
"""

from collections.abc import Mapping
from typing import Any

_OWN_PART = "#/$defs/"
_TOLD_APART = ("$schema", "$id", "$defs")


def with_components(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same document, with each schema under the name by which `wirewatch schema` knows it, and references to that."""
    schemas: dict[str, Any] = {}
    moved = _moved(document, schemas)
    known = moved.get("components", {})
    all_schemas = {**known.get("schemas", {}), **schemas}
    return {**moved, "components": {**known, "schemas": dict(sorted(all_schemas.items()))}}


def _moved(part: Any, schemas: dict[str, Any]) -> Any:
    match part:
        case {"$id": str(identity)}:
            name = identity.split(":")[-2]  # urn:wirewatch:search:1
            for own, schema in part.get("$defs", {}).items():
                schemas[f"{name}.{own}"] = _renamed(schema, name)
            root = {key: value for key, value in part.items() if key not in _TOLD_APART}
            schemas[name] = _renamed(root, name)
            return {"$ref": f"#/components/schemas/{name}"}
        case dict():
            return {key: _moved(value, schemas) for key, value in part.items()}
        case list() | tuple():
            return [_moved(value, schemas) for value in part]
        case _:
            return part


def _renamed(part: Any, name: str) -> Any:
    """A part of a schema whose references lead to the document's components."""
    match part:
        case dict():
            return {key: _renamed(value, name) for key, value in part.items()}
        case list() | tuple():
            return [_renamed(value, name) for value in part]
        case str() if part.startswith(_OWN_PART):
            return f"#/components/schemas/{name}.{part.removeprefix(_OWN_PART)}"
        case _:
            return part
