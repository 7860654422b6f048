"""Forms of other query languages (Factiva's, Nexis', Google's ...) that this one reads as words, and what to write instead."""

import re
from collections.abc import Iterator, Sequence

from query.elsewhere import FIELDS
from query.lex import Lexeme
from query.near import MAX_SLOP
from query.warning import Warning  # noqa: A004 - it is not the exception

_DISTANCE = re.compile(
    r"(?:near|onear|w|within|pre|adj|n|p)/(\d{1,4})|(?:near|adj|pre)(\d{1,3})", re.IGNORECASE
)
_BARE = frozenset(("NEAR", "ONEAR", "ADJ", "SAME", "WITHIN", "AROUND", "PRE"))
_ORDERED = ("pre", "adj", "onear")
_UNIT = re.compile(r"w/(?:s|p|sent|para|seg)", re.IGNORECASE)
_COUNTED = re.compile(r"atleast\d*", re.IGNORECASE)
_FIRST_WORDS = re.compile(r"\w+/[FN]\d+/\w*", re.IGNORECASE)
_ASSIGNED = re.compile(r"(\w{2,12})[=]+(\w*)")
_TRUNCATED = re.compile(r"(\w{3,})(?:!+|\$\d?|#|%)")
_ALTERNATIVES = re.compile(r"\w+(?:\|\w+)+")
_COMMANDS = frozenset(("CAPS", "ALLCAPS", "NOCAPS", "SINGULAR", "PLURAL"))
_OPENING, _CLOSING = "'‘‚", "'’‘"
_LONGEST_QUOTED = 10
"""The most words between single quotes; two that are further apart are apostrophes."""
_NEAR_BY_DEFAULT = 5

Neighbours = tuple[Lexeme | None, Lexeme, Lexeme]


def foreign(query: str, lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    """The warnings, in any order."""
    befores = [None, *lexemes]
    for before, lexeme, after in zip(befores, lexemes, lexemes[1:], strict=False):
        if lexeme.kind in ("word", "wildcard"):
            message = _message((before, lexeme, after))
            if message:
                yield Warning("other-language", lexeme.position, message)
    yield from _single_quotes(query, lexemes)


def _message(at: Neighbours) -> str:
    """What is wrong with a word, and how to write it; '' if nothing is."""
    return _proximity(at) or _command(at) or _in_one_word(at[1].text)


def _proximity(at: Neighbours) -> str:
    before, lexeme, after = at
    text = lexeme.text
    distance = _DISTANCE.fullmatch(text)
    if distance:
        return _near(at, int(distance[1] or distance[2]))
    if text in _BARE and before and _is_operand(before) and _is_operand(after):
        if text == "AROUND" and after.kind != "(":
            return ""
        return _near(at, _NEAR_BY_DEFAULT)
    if _UNIT.fullmatch(text):
        return f"{text} is read as words: sentences and paragraphs aren't supported here; write {_example(at, 20)}"
    return ""


def _is_operand(lexeme: Lexeme) -> bool:
    return lexeme.kind in ("word", "phrase", "wildcard", "(", ")")


def _near(at: Neighbours, distance: int) -> str:
    text = at[1].text
    ordered = "; the order of the words can't be required" if text.lower().startswith(_ORDERED) else ""
    shown = _example(at, min(max(distance, 1), MAX_SLOP))
    return f"{text} is read as words: write {shown}, with at most as many words between{ordered}"


def _example(at: Neighbours, distance: int) -> str:
    """An example of a proximity, with the query's own words if they are plain."""
    before, _, after = at
    words = [one.text for one in (before, after) if one and one.kind in ("word", "phrase")]
    return f'"{" ".join(words)}"~{distance}' if len(words) == 2 else f'"a b"~{distance}'


def _command(at: Neighbours) -> str:
    """Words that other languages take as commands."""
    _, lexeme, after = at
    text = lexeme.text
    if _COUNTED.fullmatch(text):
        return f"{text} is read as a word: how often a word occurs doesn't matter here"
    if after.kind != "(" or after.position != lexeme.end:
        return ""
    if text.isupper() and text.lower() in FIELDS:
        return f"{text} is read as a word: write {FIELDS[text.lower()]}:(...)"
    if text in _COMMANDS:
        return f"{text} is read as a word: capitals don't matter here, and each form of a word is written out or as a prefix*"
    return ""


def _in_one_word(text: str) -> str:
    """Operators inside a single word."""
    if assigned := _ASSIGNED.fullmatch(text):
        field = FIELDS.get(assigned[1].lower())
        return f"{assigned[1]}= is read as a word: write {field}:{assigned[2] or '...'}" if field else ""
    if truncated := _TRUNCATED.fullmatch(text):
        return f"{text[len(truncated[1]) :]} is ignored: for all words with this beginning, write {truncated[1]}*"
    if _ALTERNATIVES.fullmatch(text):
        return f"| is ignored, and {text} read as a phrase: write {' OR '.join(text.split('|'))}"
    if _FIRST_WORDS.fullmatch(text):
        return f"{text} is read as a phrase: positions in a text aren't supported, but title: is"
    return ""


def _single_quotes(query: str, lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    """Words between single quotes, which don't make a phrase. Takes linear time: the closing quote is sought within a few words
    only."""
    number = 0
    while number < len(lexemes):
        last = _closing(query, lexemes, number) if _opens(query, lexemes[number]) else number
        if last > number:
            words = " ".join(one.text for one in lexemes[number : last + 1]).strip(
                "".join((_OPENING, _CLOSING))
            )
            yield Warning(
                "other-language",
                lexemes[number].position,
                f'single quotes are ignored, and the words may stand anywhere: write "{words}"',
            )
        number = last + 1


def _opens(query: str, lexeme: Lexeme) -> bool:
    """Whether a quote begins with a word, and does not end with it as in `'n'`."""
    return (
        lexeme.kind == "word" and query[lexeme.position] in _OPENING and query[lexeme.end - 1] not in _CLOSING
    )


def _closing(query: str, lexemes: Sequence[Lexeme], first: int) -> int:
    """The number of the word with the closing quote; `first` if there is none."""
    for number in range(first + 1, min(first + _LONGEST_QUOTED, len(lexemes))):
        if lexemes[number].kind != "word":
            return first
        if query[lexemes[number].end - 1] in _CLOSING:
            return number
    return first
