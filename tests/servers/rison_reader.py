"""Reads Rison, by its grammar alone, as an independent check of kibana/rison.py."""

import re
from typing import Any

_BARE = re.compile(r"[^-0-9 '!:(),*@$][^ '!:(),*@$]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e-?[0-9]+)?")
_CONSTANTS = {"!t": True, "!f": False, "!n": None}


def read_rison(text: str) -> Any:
    """The value; raises ValueError if it is not Rison."""
    value, at = _value(text, 0)
    if at != len(text):
        raise ValueError(f"{text[at:]!r} is left")
    return value


def _value(text: str, at: int) -> tuple[Any, int]:
    if text[at : at + 2] in _CONSTANTS:
        return _CONSTANTS[text[at : at + 2]], at + 2
    if text.startswith("!(", at):
        return _items(text, at + 2, _value, list)
    if text.startswith("(", at):
        return _items(text, at + 1, _pair, dict)
    if text.startswith("'", at):
        return _quoted(text, at + 1)
    if found := _NUMBER.match(text, at):
        return (float if set(".e") & set(found[0]) else int)(found[0]), found.end()
    if found := _BARE.match(text, at):
        return found[0], found.end()
    raise ValueError(f"no value at {at}: {text[at:]!r}")


def _items(text: str, at: int, read: Any, make: Any) -> tuple[Any, int]:
    found: list[Any] = []
    while not text.startswith(")", at):
        if found:
            if not text.startswith(",", at):
                raise ValueError(f"expected a comma or a bracket at {at}: {text[at:]!r}")
            at += 1
        one, at = read(text, at)
        found.append(one)
    return make(found), at + 1


def _pair(text: str, at: int) -> tuple[tuple[str, Any], int]:
    key, at = _value(text, at)
    if not isinstance(key, str) or not text.startswith(":", at):
        raise ValueError(f"expected a name and a colon before {at}: {text[at:]!r}")
    value, at = _value(text, at + 1)
    return (key, value), at


def _quoted(text: str, at: int) -> tuple[str, int]:
    found = re.compile(r"((?:[^!']|![!'])*)'").match(text, at)
    if not found:
        raise ValueError(f"a string begins at {at} and does not end: {text[at:]!r}")
    return re.sub("!(.)", r"\1", found[1]), found.end()
