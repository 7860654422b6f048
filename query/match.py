"""Decides whether an article matches a query, and where. This defines the language; every store must agree with it."""

import dataclasses
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain

from query.near import is_near, meeting
from query.tokens import Token, cut, folded, placed, terms
from query.tree import (
    VALUE_FIELDS,
    WORD_FIELDS,
    And,
    Field,
    Leaf,
    Marked,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    Wildcard,
    WordLeaf,
)
from query.values import value_key
from query.wildcards import compiled, literal_start
from stream.messages import Field as SpanField
from stream.messages import Span

_LAST = chr(0x10FFFF)
"""Sorts after every character of a term."""

_SPAN_FIELDS: tuple[SpanField, ...] = ("title", "text")


@dataclass(frozen=True)
class Words:
    """A piece of text, tokenised once, and only when needed."""

    text: str

    @cached_property
    def _pieces(self) -> list[str]:
        return cut(self.text)

    @cached_property
    def terms(self) -> list[str]:
        """The terms, in order; the index of a term is its position."""
        return folded(self._pieces)

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """The positions of each term, ascending."""
        positions: defaultdict[str, list[int]] = defaultdict(list)
        for position, term in enumerate(self.terms):
            positions[term].append(position)
        return dict(positions)

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.positions)

    def starting(self, prefix: str) -> Sequence[str]:
        """The different terms that start with a prefix, in order."""
        terms = self._sorted
        start = bisect_left(terms, prefix)
        return terms[start : bisect_left(terms, prefix + _LAST, start)]

    @cached_property
    def tokens(self) -> list[Token]:
        """The terms with their places in the text."""
        return placed(self._pieces, self.terms)

    @cached_property
    def stretches(self) -> dict[Leaf, tuple[tuple[int, int], ...]]:
        """Cached positions of leaves, as offsets into the text, because many queries share leaves."""
        return {}


@dataclass(frozen=True)
class Prepared:
    """An article made ready for many queries.

    Attributes:
        words: the passages of each word field; no phrase spans two of them.
        values: the values of each value field, as `value_key` has them.
        published: when it was published, aware; empty if unknown, several if in doubt.
        edited: when its last edit was found; empty if there was none.
        article: its id.
        named: where the names and ids in `entity` are in title and text, by their `value_key`; empty if unknown.
    """

    words: Mapping[Field, tuple[Words, ...]]
    values: Mapping[Field, frozenset[str]]
    published: tuple[datetime, ...] = ()
    edited: tuple[datetime, ...] = ()
    article: str = ""
    named: Mapping[str, tuple[Span, ...]] = dataclasses.field(default_factory=dict)

    @property
    def title(self) -> Words:
        """The title's words."""
        return self.words["title"][0]

    @property
    def text(self) -> Words:
        """The text's words."""
        return self.words["text"][0]


def prepare(
    title: str,
    text: str,
    values: Mapping[str, Sequence[str]],
    published: Sequence[datetime] = (),
    edited: Sequence[datetime] = (),
    article: str = "",
) -> Prepared:
    """Prepare an article for matching.

    Args:
        title: its title.
        text: its text.
        values: what the fields author, url, earlier, source, lang, topic, entity and changed hold; empty where they are
            missing.
        published: when it was published, aware; empty if unknown, several if in doubt: each is found.
        edited: when its last edit was found; empty if there was none.
        article: its id; '' if unknown.
    """
    word_values = {"title": (title,), "text": (text,), **values}
    return Prepared(
        words={name: tuple(Words(value) for value in word_values.get(name, ())) for name in WORD_FIELDS},
        values={
            name: frozenset(value_key(terms(value)) for value in values.get(name, ()))
            for name in VALUE_FIELDS
        },
        published=tuple(published),
        edited=tuple(edited),
        article=article,
    )


def match(node: Node, prepared: Prepared) -> tuple[Span, ...] | None:
    """Where an article matches a query; None if it does not.

    The spans are those of the words, phrases and entities in title and text that made it match, excluding anything under NOT
    and alternatives that failed. They are ordered by field (title first) and start, and merged if adjacent. A match by other
    fields or by NOT alone has none.
    """
    leaves = _matched_leaves(node, prepared)
    return None if leaves is None else _merged(prepared, leaves)


def matches(node: Node, prepared: Prepared) -> bool:
    """Whether an article matches a query."""
    match node:
        case And(parts=parts):
            return all(matches(part, prepared) for part in parts)
        case Or(parts=parts):
            return any(matches(part, prepared) for part in parts)
        case Not(part=part):
            return not matches(part, prepared)
        case _:
            return _leaf_matches(node, prepared)


def _leaf_matches(leaf: Leaf, prepared: Prepared) -> bool:
    if isinstance(leaf, Marked):
        return prepared.article in leaf.ids
    if isinstance(leaf, Range):
        return any(
            _in_range(leaf, time)
            for time in (prepared.edited if leaf.field == "edited" else prepared.published)
        )
    if leaf.field in VALUE_FIELDS:
        return value_matches(leaf, prepared.values[leaf.field])
    fields: tuple[Field, ...] = (leaf.field,) if leaf.field else _SPAN_FIELDS
    return any(occurs(leaf, words) for field in fields for words in prepared.words[field])


def _in_range(leaf: Range, time: datetime) -> bool:
    return (leaf.since is None or time >= leaf.since) and (leaf.until is None or time < leaf.until)


def value_matches(leaf: WordLeaf, values: frozenset[str]) -> bool:
    """Whether a leaf finds one of some names, given as `value_key` has them."""
    match leaf:
        case Term(term=term):
            return term in values
        case Phrase(terms=words):
            return value_key(words) in values
        case Prefix(prefix=prefix):
            return any(value.startswith(prefix) for value in values)
        case Wildcard(pattern=pattern):
            return any(map(compiled(pattern).fullmatch, values))
        case Near():
            return False


def occurs(leaf: WordLeaf, words: Words) -> bool:
    """Whether a leaf occurs in a text."""
    match leaf:
        case Phrase(terms=phrase):
            return next(_phrase_starts(phrase, words), None) is not None
        case Near(terms=near, slop=slop):
            return is_near(near, slop, words.positions)
        case _:
            return any(True for _ in _met(leaf, words))


def _phrase_starts(phrase: tuple[str, ...], words: Words) -> Iterator[int]:
    """The positions where a phrase begins."""
    if any(term not in words.positions for term in phrase):
        return
    sought, size = list(phrase), len(phrase)
    rarest = min(range(size), key=lambda index: len(words.positions[phrase[index]]))
    for position in words.positions[phrase[rarest]]:
        start = position - rarest
        if start >= 0 and words.terms[start : start + size] == sought:
            yield start


def _matched_leaves(node: Node, prepared: Prepared) -> list[Leaf] | None:
    """The leaves that make a tree match; None if it does not."""
    match node:
        case And(parts=parts):
            return _leaves_of_all(parts, prepared)
        case Or(parts=parts):
            met = [leaves for part in parts if (leaves := _matched_leaves(part, prepared)) is not None]
            return list(chain.from_iterable(met)) if met else None
        case Not(part=part):
            return None if matches(part, prepared) else []
        case _:
            return [node] if _is_found(node, prepared) else None


def _leaves_of_all(parts: Iterable[Node], prepared: Prepared) -> list[Leaf] | None:
    all_leaves: list[Leaf] = []
    for part in parts:
        leaves = _matched_leaves(part, prepared)
        if leaves is None:
            return None
        all_leaves += leaves
    return all_leaves


def _is_found(leaf: Leaf, prepared: Prepared) -> bool:
    """Whether a leaf matches; its places in title and text are remembered."""
    if isinstance(leaf, Marked):
        return _leaf_matches(leaf, prepared)
    if leaf.field is None:
        return bool(_stretches(leaf, prepared.title) or _stretches(leaf, prepared.text))
    if leaf.field == "title" or leaf.field == "text":
        return bool(_stretches(leaf, prepared.words[leaf.field][0]))
    return _leaf_matches(leaf, prepared)


def _merged(prepared: Prepared, leaves: Iterable[Leaf]) -> tuple[Span, ...]:
    found = {leaf for leaf in leaves if not isinstance(leaf, Marked)}
    named = list(_where_named(found, prepared)) if prepared.named else []
    spans: list[Span] = []
    for field in _SPAN_FIELDS:
        words = prepared.words[field][0]
        stretches = [s for leaf in found if leaf.field in (None, field) for s in _stretches(leaf, words)]
        stretches += [(span.start, span.end) for span in named if span.field == field]
        spans.extend(Span(field, start, end) for start, end in _joined(stretches))
    return tuple(spans)


def _where_named(leaves: Iterable[Leaf], prepared: Prepared) -> Iterator[Span]:
    """Where the entities stand that some leaves ask for."""
    for leaf in leaves:
        if isinstance(leaf, WordLeaf) and leaf.field == "entity":
            for value, spans in prepared.named.items():
                if value_matches(leaf, frozenset((value,))):
                    yield from spans


def _stretches(leaf: Leaf, words: Words) -> tuple[tuple[int, int], ...]:
    """Where a leaf occurs, as offsets into the text."""
    if not words.terms:
        return ()
    found = words.stretches.get(leaf)
    if found is None:
        found = tuple(
            (words.tokens[first].start, words.tokens[last].end) for first, last in _places(leaf, words)
        )
        words.stretches[leaf] = found
    return found


def _places(leaf: Leaf, words: Words) -> Iterator[tuple[int, int]]:
    """Where a leaf occurs: the positions of the first and the last word of each match. In a Near, each word is a match of its
    own."""
    match leaf:
        case Phrase(terms=phrase):
            yield from ((start, start + len(phrase) - 1) for start in _phrase_starts(phrase, words))
        case Near(terms=near, slop=slop):
            yield from ((at, at) for at in meeting(near, slop, words.positions))
        case _:
            yield from ((at, at) for term in _met(leaf, words) for at in words.positions[term])


def _met(leaf: Leaf, words: Words) -> Iterable[str]:
    """The terms of a text that match a leaf of one word."""
    match leaf:
        case Term(term=term):
            return (term,) if term in words.positions else ()
        case Prefix(prefix=prefix):
            return words.starting(prefix)
        case Wildcard(pattern=pattern):
            likely = words.starting(literal_start(pattern))
            return filter(compiled(pattern).fullmatch, likely) if likely else ()
        case _:
            return ()


def _joined(stretches: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches in order, with those that overlap or touch merged."""
    current: tuple[int, int] | None = None
    for start, end in sorted(stretches):
        if current and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current:
            yield current
        current = (start, end)
    if current:
        yield current
