"""From a table of alerts.toml to a struct, with errors that name the place, the key and what was expected."""

import difflib
import re
from collections.abc import Collection
from typing import Any

import msgspec

from stream.errors import ConfigError

NAME = re.compile(r"[^\W_][\w .-]{0,59}")
"""Names of alerts and channels."""


def check_name(name: str, where: str) -> None:
    """Raise ConfigError if it can't be the name of an alert or channel."""
    if not NAME.fullmatch(name):
        raise ConfigError(f"{where}: expected a name of up to 60 letters, digits, spaces and . _ -")


def convert(table: object, kind: Any, where: str) -> Any:
    """A table as a struct of a kind; `where` begins the message of an error."""
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}{_explain(str(error), kind)}") from None


def _explain(error: str, kind: Any) -> str:
    """msgspec's words in ours: the key, and what was expected."""
    message, _, path = error.partition(" - at `$")
    key = path.strip("`.").split("[")[0]
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message)
    if unknown:
        known = sorted(_keys(kind))
        return f": unknown key {unknown[1]!r}{did_you_mean(unknown[1], known)}"
    plain = f"{message[:1].lower()}{message[1:].replace('`', '')}"
    return f", key {key!r}: {plain}" if key else f": {plain}"


def _keys(kind: Any) -> set[str]:
    structs = (kind,) if isinstance(kind, type) else kind.__args__
    return {field.name for struct in structs for field in msgspec.structs.fields(struct)}


def did_you_mean(name: str, known: Collection[str]) -> str:
    """What ends the message about an unknown name."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; expected one of {', '.join(known)}"
