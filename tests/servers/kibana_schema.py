"""Checks a body against Kibana's schema (tests/unit/kibana/data), key by key: unknown keys are rejected."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMA = json.loads((Path(__file__).parents[1] / "unit/kibana/data/kibana-9.5.json").read_bytes())

_DISCRIMINATORS = (["type"], ["operation"], ["column_type"])


def fault(shape: str, body: Any) -> str:
    """What is wrong with a body, and where; '' if nothing is.

    Args:
        shape: a name under `$defs` of the schema.
        body: decoded JSON.
    """
    validator = Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{shape}"})
    errors = [leaf for error in validator.iter_errors(body) for leaf in _leaves(error)]
    return "; ".join(f"[{'.'.join(map(str, one.absolute_path))}]: {one.message}" for one in errors)


def _leaves(error: ValidationError) -> list[ValidationError]:
    """The underlying errors: for a union, those of the branch that was meant."""
    if not error.context:
        return [error]
    branches: dict[Any, list[ValidationError]] = defaultdict(list)
    for one in error.context:
        branches[one.schema_path[0]].append(one)
    meant = min(branches.values(), key=lambda errors: (any(map(_other_kind, errors)), len(errors)))
    return [leaf for one in meant for leaf in _leaves(one)]


def _other_kind(error: ValidationError) -> bool:
    """Whether an error says that the value belongs to another branch."""
    return error.validator in ("const", "enum") and list(error.relative_path) in _DISCRIMINATORS
