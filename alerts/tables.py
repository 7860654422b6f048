"""From a table of alerts.toml to a struct, with errors that name the place, the key and what was expected."""

import re
from typing import Any

import msgspec

from stream.errors import ConfigError, FieldError
from stream.explain import explain, unknown_field
from stream.suggest import did_you_mean

NAME = re.compile(r"[^\W_][\w .-]{0,59}")
"""The pattern of names of alerts and channels."""


def check_name(name: str, where: str) -> None:
    """Raise ConfigError if a name is not allowed for an alert or channel."""
    if not NAME.fullmatch(name):
        raise FieldError(where, "name", "expected a name of up to 60 letters, digits, spaces and . _ -")


def convert(table: object, kind: Any, where: str) -> Any:
    """Convert a table to a struct; `where` begins an error's message."""
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise _in_words(str(error), kind, table, where) from None


def _in_words(error: str, kind: Any, table: object, where: str) -> ConfigError:
    """msgspec's error in plain English: the key, what was expected and what was found."""
    unknown = unknown_field(error)
    if unknown:
        return ConfigError(f"{where}: unknown key {unknown!r}{did_you_mean(unknown, sorted(_keys(kind)))}")
    key, sentence = explain(error, table, kind)
    return FieldError(where, key, sentence) if key else ConfigError(f"{where}: {sentence}")


def _keys(kind: Any) -> set[str]:
    structs = (kind,) if isinstance(kind, type) else kind.__args__
    return {field.name for struct in structs for field in msgspec.structs.fields(struct)}
