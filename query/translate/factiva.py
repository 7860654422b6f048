"""Factiva's language. Words side by side are a phrase; proximity binds tightest, then NOT, then AND, then OR.

Operators may be in any case. `adjN` and `w/N` are in order, `nearN` and `/NN/` in any; N counts up to the second word.
"""

import re
from collections.abc import Iterator

from query.elsewhere import FIELDS
from query.translate.dates import compared, span
from query.translate.grammar import Grammar, Operator, Read, Token, operator_token, read
from query.translate.nodes import Note

PARAGRAPH = 60
"""Words in an assumed paragraph."""

_GRAMMAR = Grammar(levels=("or", "and", "not", "near"), implied="side by side")
_OPERATORS: dict[str, Operator] = {"and": "and", "or": "or", "not": "not"}
_PIECE = re.compile(
    r"""(?P<space>[\s']+)
    | "(?P<quoted>[^"]*)" | (?P<quote>")
    | (?P<open>[(\[]) | (?P<close>[)\]])
    | /(?P<within>[NF])(?P<count>\d+)/
    | (?P<length>wc\s*[<>=]+\s*\d+)
    | date\s+(?P<date>(?:from|after|before|on)\s+\S+(?:\s+to\s+\S+)?|\d{8})(?=[\s)\]]|$)
    | (?P<field>[a-z]{2,4})=
    | (?P<proximity>(?:near|adj|w/)\d*|same)(?=[\s(\["]|$)
    | (?P<often>atleast\d*)(?=[\s(\["]|$)
    | (?P<word>[^\s()\[\]"=/]+(?:/(?![NF]\d+/)[^\s()\[\]"=/]*)*|.)""",
    re.IGNORECASE | re.VERBOSE,
)
_ORDERED = ("adj", "w/")
_CODED = ("rst", "sc", "fds", "co", "ns", "pd")


def read_query(query: str) -> Read:
    """The tree of a query; raises QueryError if it can't be read."""
    notes: list[Note] = []
    tokens = [token for piece in _PIECE.finditer(query) for token in _tokens(piece, notes)]
    return Read(read(query, tokens, _GRAMMAR), tuple(notes))


def _tokens(piece: re.Match[str], notes: list[Note]) -> Iterator[Token]:
    at = piece.start()
    match piece.lastgroup:
        case "quoted":
            yield Token("words", at, words=tuple(piece["quoted"].split()))
        case "open" | "close":
            yield Token("(" if piece["open"] else ")", at)
        case "count" if piece["within"].upper() == "N":
            yield Token("near", at, distance=max(int(piece["count"]), 1))
        case "count" | "often":
            notes.append(_note_on(piece))
        case "length":
            notes.append(Note("left-out", at, "an article's length can't be searched"))
            yield Token("lost", at)
        case "date":
            yield _date(piece, notes)
        case "field":
            yield from _field(piece["field"].lower(), at, notes)
        case "proximity":
            yield _proximity(piece["proximity"].lower(), at, notes)
        case "word":
            yield _word(piece["word"], at, notes)


def _note_on(piece: re.Match[str]) -> Note:
    if piece["often"]:
        return Note(
            "differs", piece.start(), "a minimum number of occurrences isn't supported: once is enough"
        )
    return Note(
        "differs", piece.start(), "an article's first words can't be searched alone: all of it is searched"
    )


def _date(piece: re.Match[str], notes: list[Note]) -> Token:
    at, (kind, *days) = piece.start(), piece["date"].lower().split()
    match kind:
        case "from" if "to" in days:
            text = span(days[0], days[-1])
        case "after" | "from":
            text = compared(">" if kind == "after" else ">=", days[0])
        case "before":
            text = compared("<", days[0])
        case _:
            text = compared("", days[0] if days else kind)
    if text:
        return Token("range", at, text=text)
    notes.append(
        Note("left-out", at, "this date wasn't understood: write published:[2016-01-01 TO 2016-03-14]")
    )
    return Token("lost", at)


def _field(name: str, at: int, notes: list[Note]) -> Iterator[Token]:
    if name in ("hlp", "lp"):
        notes.append(
            Note("differs", at, f"there is no first paragraph here, so {name}= searches title and text")
        )
        return
    field = None if name in _CODED else FIELDS.get(name)
    if field is None:
        notes.append(Note("left-out", at, f"{name}= takes Factiva's codes{_instead(name)}"))
    yield Token("field", at, field=field)


def _instead(name: str) -> str:
    match FIELDS.get(name):
        case "source":
            return ": write source: with the outlet's name"
        case "entity":
            return ": write entity: with the name"
        case "topic":
            return ": write topic: with one of your topics"
        case "published":
            return ": write published:"
        case _:
            return ""


def _proximity(text: str, at: int, notes: list[Note]) -> Token:
    if text == "same":
        notes.append(Note("differs", at, f"paragraphs aren't supported here: within {PARAGRAPH} words"))
        return Token("near", at, distance=PARAGRAPH)
    count = int(re.sub(r"\D", "", text) or 1)
    return Token("near", at, distance=max(count, 1), ordered=text.startswith(_ORDERED))


def _word(text: str, at: int, notes: list[Note]) -> Token:
    operator = operator_token(text, at, _OPERATORS)
    if operator:
        return operator
    text = text.rstrip("'")  # single quotes count as spaces, but one within a word is an apostrophe
    if counted := re.search(r"\$(\d)$", text):
        notes.append(Note("differs", at, f"{text}: matches any number of letters, not at most {counted[1]}"))
    return Token("words", at, words=(re.sub(r"\$\d?", "*", text),))
