"""How a query may continue where the caret is. Pure: the caller gives the values that fields are known to have."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from query.changes import ANY_CHANGE
from query.tree import FIELDS
from results.query import Completion

MOST = 8
LEAST = 2
"""Letters before a word without a field is completed."""

Kind = Literal["topic", "source", "language", "entity", "kind of edit"]
KINDS: Mapping[str, Kind] = {
    "topic": "topic",
    "source": "source",
    "lang": "language",
    "entity": "entity",
    "changed": "kind of edit",
}
"""The fields whose values are completed."""
_OPEN = re.compile(r'(?:(?P<field>[a-z]+):)?"(?P<part>[^"]*)$')
_WORD = re.compile(r'(?:(?P<field>[a-z]+):)?(?P<part>[^\s"():]*)$')
_NEEDS_NO_QUOTES = re.compile(r"[\w-]+")
_SIGNS = "+-!"


class Value(msgspec.Struct, frozen=True):
    """A value of a field; `name` is what a reader knows it by."""

    value: str
    articles: int
    name: str = ""

    @property
    def label(self) -> str:
        """For a reader."""
        return f"{self.name} ({self.value})" if self.name and self.name != self.value else self.value


class Typed(msgspec.Struct, frozen=True):
    """What stands before the caret: a part of a word or of a phrase, after a field or not."""

    start: int
    end: int
    field: str
    part: str


def typed(query: str, at: int) -> Typed:
    """The word that is being typed; `at` is the place of the caret, in code points."""
    before = query[:at]
    is_open = before.count('"') % 2 == 1
    found = (_OPEN if is_open else _WORD).search(before)
    if found is None:
        return Typed(at, at, "", "")
    end = at + (is_open and query[at : at + 1] == '"')
    part = found["part"]
    signs = 0 if found["field"] or is_open else len(part) - len(part.lstrip(_SIGNS))
    return Typed(found.start() + signs, end, found["field"] or "", part[signs:])


def completions(now: Typed, known: Mapping[Kind, Sequence[Value]]) -> tuple[Completion, ...]:
    """The ways on, at most MOST."""
    if now.field:
        kind = KINDS.get(now.field)
        return tuple(_values(now.part, kind, known.get(kind, ()))) if kind else ()
    if len(now.part) < LEAST:
        return ()
    fields = (name for name in FIELDS if name.startswith(now.part.casefold()))
    found = [Completion(text=f"{name}:", label=f"{name}:", kind="field", articles=None) for name in fields]
    values = [
        one for kind in ("topic", "source", "entity") for one in _values(now.part, kind, known.get(kind, ()))
    ]
    values.sort(key=lambda one: -(one.articles or 0))
    return tuple([*found, *values][:MOST])


def kinds_of_edits(kinds: Iterable[str]) -> list[Value]:
    """The values of `changed:`."""
    return [Value(kind, 0) for kind in (ANY_CHANGE, *kinds)]


def _values(part: str, kind: Kind, values: Sequence[Value]) -> Iterator[Completion]:
    """The values that begin so, or have a word that does; the most frequent first, as they come."""
    start, number = part.casefold(), 0
    field = next(name for name, one in KINDS.items() if one == kind)
    for one in values:
        if number < MOST and _begins(one, start):
            number += 1
            plain = _NEEDS_NO_QUOTES.fullmatch(one.value)
            value = one.value if plain else f'"{one.value.replace(chr(34), " ").strip()}"'
            yield Completion(
                text=f"{field}:{value} ", label=one.label, kind=kind, articles=one.articles or None
            )


def _begins(value: Value, start: str) -> bool:
    folded = f" {value.value} {value.name}".casefold()
    return f" {start}" in folded or f"-{start}" in folded
