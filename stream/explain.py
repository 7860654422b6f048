"""Explains what is wrong with a value in a TOML file: msgspec's messages in plain English."""

import re
from typing import Any, Literal, get_args, get_origin

import msgspec

_TYPES = {
    "float": "a number",
    "int": "a whole number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
    "datetime": "a date with a time",
    "date": "a date",
    "time": "a time",
}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}
_SECRET = re.compile(r"password|secret|key|token", re.IGNORECASE)
_SHOWN = 100
_UNKNOWN = object()


def explain(error: str, content: Any, kind: Any) -> tuple[str, str]:
    """A msgspec ValidationError in plain English: the key, what was expected there, and what was found.

    Args:
        error: the error's text, such as "Expected `float`, got `str` - at `$.fetch.gap_seconds`".
        content: the converted data; the value found is taken from it, unless the key may hold a secret.
        kind: the struct, or union of structs, that it was converted to.

    Returns the path of the key without `$.` and list indices ('' for the whole), and a sentence without a capital.
    """
    message, _, path = error.partition(" - at `$")
    path = path.rstrip("`")
    key = re.sub(r"\[[^\]]*\]", "", path).lstrip(".")
    value = _UNKNOWN if _SECRET.search(key) else _value_at(content, path)
    if message.startswith("Invalid enum value"):
        return key, _choice(kind, key, value)
    return key, _sentence(message, value)


def unknown_field(error: str) -> str:
    """The name of an unknown key, if that is the error; else ''."""
    found = re.match(r"Object contains unknown field `(.*?)`", error)
    return found[1] if found else ""


def _value_at(content: Any, path: str) -> Any:
    for name, index in re.findall(r"\.([^.\[\]]+)|\[([^\]]*)\]", path):
        try:
            content = content[name] if name else content[int(index)]
        except (KeyError, IndexError, TypeError, ValueError):
            return _UNKNOWN
    return content


def _sentence(message: str, value: Any) -> str:
    missing = re.match(r"Object missing required field `(.*)`", message)
    if missing:
        return f"expected a key {missing[1]!r}"
    found = "" if value is _UNKNOWN else f", found {_shown(value)}"
    wanted = re.match(r"Expected `([^`]*)`( of length)?(?: (>=|<=|>|<) ([^,\s]+))?", message)
    if not wanted:
        return message[:1].lower() + message[1:].replace("`", "")
    kinds = " or ".join(_TYPES.get(kind.strip(), kind.strip()) for kind in wanted[1].split("|"))
    if not wanted[3]:
        return f"expected {kinds}{found}"
    length = f" {'character' if wanted[4] == '1' else 'characters'}" if wanted[2] else ""
    return f"expected {kinds} of {_BOUNDS[wanted[3]]} {wanted[4].removesuffix('.0')}{length}{found}"


def _choice(kind: Any, key: str, value: Any) -> str:
    """The sentence on a value that is not one of those allowed."""
    choices = ", ".join(repr(one) for one in _allowed(kind, key.split(".")))
    return f"expected one of {choices}{'' if value is _UNKNOWN else f', found {value!r}'}"


def _allowed(kind: Any, path: list[str]) -> tuple[Any, ...]:
    """The values of a Literal that a path leads to, in a struct or a union of structs."""
    if not path:
        return get_args(kind) if get_origin(kind) is Literal else ()
    for struct in get_args(kind) or (kind,):
        for field in msgspec.structs.fields(struct) if isinstance(struct, type) else ():
            if field.encode_name == path[0]:
                return _allowed(field.type, path[1:])
    return ()


def _shown(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"the text {value[:_SHOWN]!r}"
        case list() | dict():
            return "a list" if isinstance(value, list) else "a table"
        case _:
            return str(value)[:_SHOWN]
