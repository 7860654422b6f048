"""How a query is understood, and how it may go on: what `wirewatch query check --json` prints, and the search box asks for."""

from typing import Literal

import msgspec

from results.parts import QueryWarning


class Checked(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/query/1"):
    """How a query is understood, and likely mistakes in it."""

    query: str
    understood: str
    """Fully bracketed."""
    warnings: tuple[QueryWarning, ...]


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """A way on."""

    text: str
    """What to put into the query."""
    label: str
    """The same for a reader."""
    kind: Literal["field", "topic", "source", "language", "entity", "kind of edit"]
    articles: int | None
    """How many have it; null for a field."""


class Completions(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/completions/1"
):
    """How a query may go on at a place. Places count code points."""

    query: str
    start: int
    end: int
    """What a completion takes the place of."""
    completions: tuple[Completion, ...]
    """The most frequent first."""
