"""JSON Schema (draft 2020-12) of a document, made from its struct."""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import msgspec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_name(kind: type[msgspec.Struct]) -> str:
    """The schema that a document names, such as `wirewatch/article/1`."""
    return str(kind.__struct_config__.tag)


def json_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a document; the docstrings of its fields are their descriptions.

    Fields that it does not know are allowed: a later wirewatch may add some.
    """
    (reference,), components = msgspec.json.schema_components([kind])
    structs = {one.__name__: one for one in _structs(msgspec.inspect.type_info(kind))}
    for name, component in components.items():
        component["description"] = " ".join(component["description"].split())
        for field, text in _field_docs(structs[name]).items():
            component["properties"][field] = _described(component["properties"][field], text)
    root = dict(components.pop(kind.__name__))
    parts = {"$defs": dict(sorted(components.items()))} if components else {}
    assert reference["$ref"].endswith(f"/{kind.__name__}")  # noqa: S101 - a document is a struct, never a plain value
    return {"$schema": DIALECT, "$id": f"urn:{schema_name(kind).replace('/', ':')}", **root, **parts}


def _described(schema: Mapping[str, Any], text: str) -> dict[str, Any]:
    return {"description": text, **schema}


def _structs(info: msgspec.inspect.Type) -> Iterator[type[msgspec.Struct]]:
    """The structs in a type, itself first."""
    match info:
        case msgspec.inspect.StructType(cls=kind, fields=fields):
            yield kind
            for field in fields:
                yield from _structs(field.type)
        case msgspec.inspect.UnionType(types=types):
            for one in types:
                yield from _structs(one)
        case msgspec.inspect.VarTupleType(item_type=item) | msgspec.inspect.ListType(item_type=item):
            yield from _structs(item)
        case msgspec.inspect.TupleType(item_types=items):
            for one in items:
                yield from _structs(one)
        case msgspec.inspect.DictType(value_type=value):
            yield from _structs(value)


def _field_docs(kind: type[msgspec.Struct]) -> dict[str, str]:
    """The docstring after each field of a struct that has one, by the field's name."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    (definition,) = tree.body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - it is the source of a class
    found = {}
    for field, after in pairwise(definition.body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found
