"""Finds the conditions for a query to match an article, as far as single look-ups can decide them.

A query becomes conjunctions of conditions: an article can match only if all conditions of at least one conjunction hold. A
condition is a key that must be present, or one that must be absent. If a conjunction has a *residue*, that must match as well;
otherwise its conditions are sufficient. So look-ups decide most articles, and little is left for `query.match.matches`. The
idea is that of the presearcher of Luwak, now Lucene Monitor, with more kinds of keys.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import msgspec

from query.tree import (
    VALUE_FIELDS,
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
)
from query.values import value_key
from query.wildcards import literal_end, literal_start

MAX_ALTERNATIVES = 32
"""The most conjunctions that brackets are multiplied out to; beyond that, a part of the query is left to the exact test."""

MAX_CONDITIONS = 8
"""The most conditions of a conjunction; the rest is left to the exact test."""

MAX_AFFIX = 16
"""Characters of the longest prefix or suffix used as a key: each length costs a look-up for every new term."""

PATTERN_START = 2
"""The fewest characters before the first wildcard of a pattern used as a key: each new term is compared with all patterns that
share its beginning."""


class Key(msgspec.Struct, frozen=True, gc=False):
    """A feature of an article that one look-up can find.

    Attributes:
        kind: a word (or whole value); two words next to each other; the beginning of a word (or value); its ending; a pattern
            with wildcards that it matches.
        field: the field to search; None is title and text.
        value: a pair is two words.
    """

    kind: Literal["word", "pair", "prefix", "suffix", "pattern"]
    field: Field | None
    value: str | tuple[str, str]


class Condition(NamedTuple):
    """A key that must be present, or absent."""

    key: Key
    there: bool


class Conjunction(NamedTuple):
    """Conditions that must all hold, and a residue that must match as well and that look-ups can't decide."""

    conditions: frozenset[Condition]
    residue: frozenset[Node] = frozenset()


Rate = Callable[[Key], float]
"""The share of articles that have a key, as far as it is known."""


def conjunctions(tree: Node, rate: Rate) -> list[Conjunction]:
    """The conjunctions of a query; none if it can never match. A conjunction without a required key rules out nothing."""
    return [
        _shortened(each, tree, rate)
        for each in _of(tree, rate, negated=False)
        if not _contradicts_itself(each)
    ]


def rarest_first(conditions: Iterable[Condition], rate: Rate) -> list[Condition]:
    """The best order for testing conditions; a key that must be absent rules out little, so it comes last."""
    return sorted(conditions, key=lambda condition: (not condition.there, rate(condition.key)))


def _contradicts_itself(conjunction: Conjunction) -> bool:
    return len({condition.key for condition in conjunction.conditions}) < len(conjunction.conditions)


def _shortened(conjunction: Conjunction, tree: Node, rate: Rate) -> Conjunction:
    if len(conjunction.conditions) <= MAX_CONDITIONS:
        return conjunction
    kept = rarest_first(conjunction.conditions, rate)[:MAX_CONDITIONS]
    return Conjunction(frozenset(kept), frozenset((tree,)))


def _of(node: Node, rate: Rate, *, negated: bool) -> Sequence[Conjunction]:
    """The conjunctions of a node, or of its negation."""
    match node:
        case Not(part=part):
            return _of(part, rate, negated=not negated)
        case And(parts=parts) | Or(parts=parts):
            each = [_of(part, rate, negated=negated) for part in parts]
            if isinstance(node, And) is negated:
                return _any_of(each)
            return _all_of(each, Not(node) if negated else node, rate)
        case _ if negated:
            return _without(node)
        case _:
            return _of_leaf(node)


def _any_of(parts: Iterable[Iterable[Conjunction]]) -> Sequence[Conjunction]:
    return tuple(dict.fromkeys(conjunction for part in parts for conjunction in part))


def _all_of(parts: Sequence[Sequence[Conjunction]], node: Node, rate: Rate) -> Sequence[Conjunction]:
    """The conjunctions of `node`, which matches if all of the parts match."""
    met: Sequence[Conjunction] = (_joined([one for part in parts if len(part) == 1 for one in part]),)
    for part in sorted((part for part in parts if len(part) != 1), key=len):
        if len(met) * len(part) <= MAX_ALTERNATIVES:
            met = _any_of([[_joined((first, second)) for first in met for second in part]])
        else:
            kept = min(met, part, key=lambda alternatives: _expected(alternatives, rate))
            met = _any_of([[Conjunction(each.conditions, frozenset((node,))) for each in kept]])
    return met


def _joined(parts: Iterable[Conjunction]) -> Conjunction:
    return Conjunction(
        frozenset[Condition]().union(*(part.conditions for part in parts)),
        frozenset[Node]().union(*(part.residue for part in parts)),
    )


def _expected(alternatives: Sequence[Conjunction], rate: Rate) -> float:
    """The expected number of conjunctions that an article is tested for, if each is filed under its rarest key."""
    return sum(
        min((rate(condition.key) for condition in each.conditions if condition.there), default=1.0)
        for each in alternatives
    )


def _without(leaf: Leaf) -> Sequence[Conjunction]:
    """The conjunctions for a leaf that must not match."""
    match _of_leaf(leaf):
        case ():
            return (Conjunction(frozenset()),)
        case [Conjunction(conditions=conditions, residue=residue)] if len(conditions) == 1 and not residue:
            (condition,) = conditions
            return (Conjunction(frozenset((condition._replace(there=False),))),)
        case _:
            return (Conjunction(frozenset(), frozenset((Not(leaf),))),)


def _of_leaf(leaf: Leaf) -> Sequence[Conjunction]:
    if isinstance(leaf, Range | Marked):
        return (Conjunction(frozenset(), frozenset((leaf,))),)
    found = _of_value(leaf) if leaf.field in VALUE_FIELDS else _of_words(leaf)
    if found is None:
        return ()
    keys, exact = found
    conditions = frozenset(Condition(key, there=True) for key in keys)
    return (Conjunction(conditions, frozenset(() if exact else (leaf,))),)


def _of_value(leaf: Term | Prefix | Phrase | Near | Wildcard) -> tuple[list[Key], bool] | None:
    """The keys of a leaf in a value field, and whether they suffice; None if it can never match."""
    match leaf:
        case Phrase(terms=terms):
            return [Key("word", leaf.field, value_key(terms))], True
        case Near():
            return None
        case _:
            return _of_word(leaf)


def _of_words(leaf: Term | Prefix | Phrase | Near | Wildcard) -> tuple[list[Key], bool]:
    """The keys of a leaf in a word field, and whether they suffice."""
    match leaf:
        case Phrase(terms=terms):
            pairs = [Key("pair", leaf.field, pair) for pair in pairwise(terms)]
            return pairs, len(terms) == 2
        case Near(terms=terms):
            return [Key("word", leaf.field, term) for term in terms], False
        case _:
            return _of_word(leaf)


def _of_word(leaf: Term | Prefix | Wildcard) -> tuple[list[Key], bool]:
    match leaf:
        case Term(term=term):
            return [Key("word", leaf.field, term)], True
        case Prefix(prefix=prefix):
            return [Key("prefix", leaf.field, prefix[:MAX_AFFIX])], len(prefix) <= MAX_AFFIX
        case Wildcard(pattern=pattern) if len(literal_start(pattern)) >= PATTERN_START:
            return [Key("pattern", leaf.field, pattern)], True
        case Wildcard(pattern=pattern):
            return _of_affixes(leaf.field, pattern), False


def _of_affixes(field: Field | None, pattern: str) -> list[Key]:
    start, end = literal_start(pattern)[:MAX_AFFIX], literal_end(pattern)[-MAX_AFFIX:]
    prefix = [Key("prefix", field, start)] if start else []
    return prefix + ([Key("suffix", field, end)] if end else [])
