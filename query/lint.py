"""Warns about likely mistakes in a query, with their positions, before they make it miss news for a year.

Pure: the caller passes the values that fields are known to have.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches

from query.attached import attached
from query.foreign import foreign
from query.lex import Lexeme, lex
from query.marks import nobodys
from query.parse import parse
from query.tokens import terms
from query.tree import VALUE_FIELDS, And, Field, Node, Not, Or, Phrase, Term, show
from query.values import value_key
from query.warning import Warning  # noqa: A004 - it is not the exception

SHORT = 3
"""A prefix of fewer letters finds unrelated words."""

_MOST_GUESSES = 8
"""How many unknown values per query get a suggestion; each is compared with all known values."""

_OPERANDS = {"word", "wildcard", "phrase", "range", ")"}
_STARTS = {"word", "wildcard", "phrase", "range", "(", "field", "NOT", "+"}
_LOST = re.compile(r"[#@$%&+=€£]+")
_LANGUAGE = re.compile(r"[a-z]{2}|unknown")
_SINGLE = {"lang", "source"}
"""Fields with one value per article."""


def lint(query: str, known: Mapping[Field, Collection[str]] | None = None) -> tuple[Warning, ...]:
    """The warnings about a query, by position; raises QueryError if it can't be parsed.

    Args:
        query: the query.
        known: all values of some value fields, if they are known, such as the ids of the topics.
    """
    tree = parse(query, nobodys)
    lexemes = lex(query)
    keys = {field: {value_key(terms(value)) for value in values} for field, values in (known or {}).items()}
    of_others = list(foreign(query, lexemes))
    told = {warning.position for warning in of_others}
    found = [
        *of_others,
        *(warning for warning in _words(lexemes) if warning.position not in told),
        *_precedence(lexemes),
        *attached(tree, lexemes),
        *_values(lexemes, keys),
        *_negation(tree, lexemes),
        *_contradictions(tree, lexemes),
    ]
    return tuple(sorted(found, key=lambda warning: warning.position))


def _precedence(lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    """Finds AND and OR side by side, in the same brackets."""
    groups: list[set[str]] = [set()]
    for number, lexeme in enumerate(lexemes):
        joint = _joint(lexemes[number - 1], lexeme)
        if joint and joint not in groups[-1]:
            groups[-1].add(joint)
            if len(groups[-1]) == 2:
                yield Warning("precedence", lexeme.position, _binding(lexemes, number))
        if lexeme.kind == "(":
            groups.append(set())
        elif lexeme.kind == ")":
            groups.pop()


def _binding(lexemes: Sequence[Lexeme], number: int) -> str:
    """What AND and OR side by side mean; `number` is the second of them."""
    following = lexemes[number : number + 2]
    if lexemes[number].kind != "OR" and any(one.kind == "NOT" for one in following):
        return (
            "NOT excludes from the last alternative only, since AND (also implied) binds tighter than OR: "
            "to exclude from all, write (a OR b) AND NOT c"
        )
    return "AND (also implied between words) binds tighter than OR: add brackets to make the meaning clear"


def _joint(before: Lexeme, lexeme: Lexeme) -> str:
    """The operator between a lexeme and the previous one; '' if none."""
    if lexeme.kind in ("AND", "OR"):
        return lexeme.kind
    return "AND" if before.kind in _OPERANDS and lexeme.kind in _STARTS else ""


def _words(lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    for lexeme in lexemes:
        if lexeme.kind in ("word", "wildcard", "phrase"):
            yield from _word(lexeme)


def _word(lexeme: Lexeme) -> Iterator[Warning]:
    text, at = lexeme.text, lexeme.position
    if lexeme.kind == "word" and text.lower() in ("and", "or", "not"):
        yield Warning(
            "lower-case-operator", at, f"{text} is searched for as a word: the operator is {text.upper()}"
        )
    if lexeme.kind == "wildcard" and text.endswith("*") and len(text.rstrip("*")) < SHORT:
        yield Warning("short-prefix", at, f"{text} finds every word that begins with this: add letters")
    if lexeme.kind == "wildcard" and text.endswith("?"):
        yield Warning(
            "wildcard-at-end", at, "here, ? stands for one more character; it doesn't mark a question"
        )
    lost = _LOST.search(text)
    if lost and lexeme.kind == "word":
        understood = " ".join(terms(text))
        yield Warning("punctuation", at, f"{lost[0]} is ignored: {text} is understood as {understood}")
    yield from _mixed_scripts(text, at)


def _mixed_scripts(text: str, at: int) -> Iterator[Warning]:
    """Words with letters of two alphabets that look alike: typed with the wrong keyboard, they are never found."""
    for word in re.findall(r"\w+", text):
        scripts = {unicodedata.name(char, "").split(" ")[0] for char in word if char.isalpha()}
        if len(scripts & {"LATIN", "CYRILLIC", "GREEK"}) > 1:
            yield Warning(
                "mixed-scripts",
                at,
                f"{word} mixes {' and '.join(sorted(map(str.title, scripts)))} letters, so it is never found",
            )


def _values(lexemes: Sequence[Lexeme], known: Mapping[Field, Collection[str]]) -> Iterator[Warning]:
    """Values that a field can't have, including each value in brackets after a field."""
    fields: list[str] = [""]
    guesses = _MOST_GUESSES
    for before, lexeme in zip([lexemes[-1], *lexemes], lexemes, strict=False):
        field = before.text if before.kind == "field" else fields[-1]
        if lexeme.kind == "(":
            fields.append(field)
        elif lexeme.kind == ")":
            fields.pop()
        elif lexeme.kind in ("word", "phrase") and field in VALUE_FIELDS:
            key = value_key(terms(lexeme.text))
            if field == "lang" and not _LANGUAGE.fullmatch(key):
                yield _never(lexeme, f"no article has the language {key}: expected a code such as en")
            elif field in known and key not in known[field]:
                others = f": {_others(key, known[field])}" if guesses > 0 else ""
                guesses -= 1
                yield _never(lexeme, f"no {field} is called {key}{others}")


def _never(lexeme: Lexeme, message: str) -> Warning:
    return Warning("never", lexeme.position, message)


def _others(key: str, known: Collection[str]) -> str:
    """A likely intended value, or else some of the known values."""
    close = get_close_matches(key, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known)[:8])} ..."


def _negation(tree: Node, lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    if not _is_open(tree):
        return
    place = next(lexeme.position for lexeme in lexemes if lexeme.kind == "NOT")
    yield Warning(
        "only-negation",
        place,
        "this finds nearly everything: an article matches as soon as it lacks something",
    )


def _is_open(node: Node) -> bool:
    """Whether an article may match only because it lacks something."""
    match node:
        case Not(part=part):
            return not _is_open(part)
        case And(parts=parts):
            return all(map(_is_open, parts))
        case Or(parts=parts):
            return any(map(_is_open, parts))
        case _:
            return False


def _contradictions(tree: Node, lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    """Two required parts that can't both match."""
    match tree:
        case And(parts=parts):
            yield from _contradiction(parts, lexemes)
            for part in parts:
                yield from _contradictions(part, lexemes)
        case Or(parts=parts):
            for part in parts:
                yield from _contradictions(part, lexemes)


def _contradiction(parts: Sequence[Node], lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    wanted = set(parts)
    excluded = [part.part for part in parts if isinstance(part, Not) and part.part in wanted]
    place = _place(lexemes, "NOT") if excluded else 0
    for part in excluded:
        yield Warning("never", place, f"{show(part)} is both required and excluded: no article can match")
    for field in sorted(_SINGLE):
        values = {part for part in parts if _is_value(part, field)}
        if len(values) > 1:
            message = (
                f"an article has one {field}: {' and '.join(sorted(map(show, values)))} can't both match"
            )
            yield Warning("never", _place(lexemes, "field", field), message)


def _is_value(node: Node, field: str) -> bool:
    return isinstance(node, Term | Phrase) and node.field == field


def _place(lexemes: Sequence[Lexeme], kind: str, text: str | None = None) -> int:
    """The place of the last lexeme of a kind."""
    return max(one.position for one in lexemes if one.kind == kind and text in (None, one.text))
