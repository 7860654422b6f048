"""From the tree of a query to the two languages of Kibana's search box, KQL and Lucene.

Everything is bracketed and named, so that neither what Kibana puts between bare words (OR) nor its settings change the meaning.
What Elasticsearch's own analysis would read otherwise goes to the fields `terms.*`, which hold words and values as
query/tokens.py and query/values.py make them: names chosen from a list, and words in other letters than ASCII's.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from query.tree import (
    VALUE_FIELDS,
    And,
    Field,
    Marked,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Prefix,
    Range,
    Term,
    TimeField,
    Wildcard,
    WordLeaf,
)

Language = Literal["kuery", "lucene"]
"""As Kibana's state names them."""

_RESERVED = {"and", "or", "not"}
_EVERYTHING = "*:*"
_DATES: Mapping[TimeField, tuple[str, ...]] = {
    "published": ("published", "published_doubt"),
    "edited": ("edited",),
}
"""The fields that hold the times of a time field; there are two for a date that another one contradicts."""

_NEAR = 'Lucene\'s "a b"~n counts how far words must be moved: words in the other order need two more than wirewatch counts'


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A query in a language of Kibana's.

    Attributes:
        language: which.
        text: what to type, or to put into a link.
        differs: where Kibana may find other articles, a sentence each.
    """

    language: Language
    text: str
    differs: tuple[str, ...] = ()


def say(node: Node) -> Said:
    """The query in KQL, which Discover opens with, or in Lucene's language where KQL has no words for it."""
    if (kql := to_kql(node)) is not None:
        return Said(language="kuery", text=kql)
    return to_lucene(node)


def to_lucene(node: Node) -> Said:
    """The query in Lucene's language, which can say all but the exact distance of words."""
    differs = (_NEAR,) if _has_near(node) else ()
    return Said(language="lucene", text=_unbracketed(_lucene(node)), differs=differs)


def to_kql(node: Node) -> str | None:
    """The query in KQL; None if it has words near each other, `?`, or a wildcard in a value of several words."""
    said = _kql(node)
    return None if said is None else _unbracketed(said)


def _has_near(node: Node) -> bool:
    match node:
        case And(parts=parts) | Or(parts=parts):
            return any(map(_has_near, parts))
        case Not(part=part):
            return _has_near(part)
        case _:
            return isinstance(node, Near)


def _lucene(node: Node) -> str:
    match node:
        case And(parts=parts) if any(not isinstance(part, Not) for part in parts):
            said = (f"NOT {_lucene(one.part)}" if isinstance(one, Not) else _lucene(one) for one in parts)
            return f"({' AND '.join(said)})"
        case And(parts=parts):
            return f"({' AND '.join(map(_lucene, parts))})"
        case Or(parts=parts):
            return f"({' OR '.join(map(_lucene, parts))})"
        case Not(part=part):  # alone in brackets, NOT finds nothing in Lucene
            return f"({_EVERYTHING} AND NOT {_lucene(part)})"
        case Range():
            return _lucene_range(node)
        case Marked(ids=ids):
            return _among(ids, ":", " OR ")
        case _:
            return _in_fields(node, ":", _lucene_leaf(node), " OR ")


def _lucene_leaf(leaf: WordLeaf) -> str:
    match leaf:
        case Term(term=term):
            return _quoted(term)
        case Phrase(terms=terms):
            return f'"{" ".join(terms)}"'
        case Near(terms=terms, slop=slop):
            return f'"{" ".join(terms)}"~{slop}'
        case Prefix(prefix=prefix):
            return f"{prefix}*".replace(" ", r"\ ")
        case Wildcard(pattern=pattern):
            return pattern.replace(" ", r"\ ")


def _lucene_range(leaf: Range) -> str:
    if leaf.since is leaf.until is None:
        return f"_exists_:{leaf.field}"
    ends = f"[{_end(leaf.since)} TO {_end(leaf.until)}{'}' if leaf.until else ']'}"
    return _any([f"{field}:{ends}" for field in _DATES[leaf.field]], " OR ")


def _end(time: datetime | None) -> str:
    return f'"{_moment(time)}"' if time else "*"


def _kql(node: Node) -> str | None:
    match node:
        case And(parts=parts):
            return _joined([_kql(part) for part in parts], " and ")
        case Or(parts=parts):
            return _joined([_kql(part) for part in parts], " or ")
        case Not(part=part):
            said = _kql(part)
            return None if said is None else f"not {said}"
        case Range():
            return _kql_range(node)
        case Marked(ids=ids):
            return _among(ids, " : ", " or ")
        case _:
            said = _kql_leaf(node)
            return None if said is None else _in_fields(node, " : ", said, " or ")


def _joined(parts: list[str | None], word: str) -> str | None:
    said = [part for part in parts if part is not None]
    return f"({word.join(said)})" if len(said) == len(parts) else None


def _kql_leaf(leaf: WordLeaf) -> str | None:
    match leaf:
        case Term(term=term):
            return _quoted(term)
        case Phrase(terms=terms):
            return f'"{" ".join(terms)}"'
        case Prefix(prefix=prefix) if " " not in prefix:
            return f"{prefix}*"
        case Wildcard(pattern=pattern) if not {" ", "?"} & set(pattern):
            return pattern
        case _:
            return None


def _kql_range(leaf: Range) -> str:
    ends = [(sign, _moment(time)) for sign, time in ((">=", leaf.since), ("<", leaf.until)) if time]
    if not ends:
        return f"{leaf.field} : *"
    within = [[f'{field} {sign} "{time}"' for sign, time in ends] for field in _DATES[leaf.field]]
    return _any([f"({' and '.join(one)})" for one in within], " or ")


def _moment(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _in_fields(leaf: WordLeaf, colon: str, said: str, either: str) -> str:
    """A leaf in the field where Kibana finds it; without a field, title and text are what Kibana searches by itself."""
    if leaf.field:
        return f"{_field(leaf, leaf.field)}{colon}{said}"
    if said.isascii():
        return said
    return _any([f"terms.{field}{colon}{said}" for field in ("title", "text")], either)


def _field(leaf: WordLeaf, field: Field) -> str:
    """Where Kibana finds what a field of ours holds. `topic` and `entity` have each value's key beside the value
    itself; a `story` is an id."""
    if field == "story":
        return field
    as_written = field in ("topic", "entity") or (field == "lang" and isinstance(leaf, Term))
    if field in VALUE_FIELDS:
        return field if as_written and isinstance(leaf, Term | Phrase) else f"terms.{field}"
    return field if field != "earlier" and _letters(leaf).isascii() else f"terms.{field}"


def _letters(leaf: WordLeaf) -> str:
    match leaf:
        case Term(term=term):
            return term
        case Phrase(terms=terms) | Near(terms=terms):
            return " ".join(terms)
        case Prefix(prefix=prefix):
            return prefix
        case Wildcard(pattern=pattern):
            return pattern


def _among(ids: Collection[str], colon: str, either: str) -> str:
    """The articles of some ids; no article has an empty one."""
    return _any([f'id{colon}"{one}"' for one in sorted(ids) or ("",)], either)


def _any(parts: Sequence[str], either: str) -> str:
    """One part as it is, several in brackets."""
    return parts[0] if len(parts) == 1 else f"({either.join(parts)})"


def _quoted(term: str) -> str:
    return f'"{term}"' if term in _RESERVED else term


def _unbracketed(said: str) -> str:
    """Without brackets around the whole."""
    depth = 0
    for at, char in enumerate(said):
        depth += (char == "(") - (char == ")")
        if depth == 0 and at < len(said) - 1:
            return said
    return said[1:-1] if said.startswith("(") else said
