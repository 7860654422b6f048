"""Nexis' language, as in Nexis Uni and Lexis+. OR binds tightest, then proximity, then AND, then AND NOT.

Words side by side are a phrase; operators may be in any case. N in `w/N` counts up to the second word. `!` at the end of a word
stands for any ending, `*` and `?` within a word for one character.
"""

import re
from collections.abc import Iterator, Sequence

from query.elsewhere import FIELDS
from query.translate.dates import compared
from query.translate.grammar import Grammar, Operator, Read, Token, operator_token, read
from query.translate.nodes import Note
from query.tree import Field

SENTENCE, PARAGRAPH = 25, 60
"""Words in an assumed sentence and paragraph."""

_GRAMMAR = Grammar(levels=("not", "and", "near", "or"), implied="side by side")
_OPERATORS: dict[str, Operator] = {
    "and": "and",
    "&": "and",
    "or": "or",
    "not": "not",
    "andnot": "not",
    "butnot": "not",
}
_PIECE = re.compile(
    r"""(?P<space>\s+)
    | "(?P<quoted>[^"]*)"
    | (?P<open>\() | (?P<close>\))
    | (?P<except>(?:and\s+|but\s+)?not(?:\s+w)?/(?:\d+|s|p|seg|sent|para)(?=[\s(]|$))
    | (?P<not>(?:and|but)\s+not(?=[\s(]|$))
    | (?P<near>(?:w|near|onear|pre|)/(?:\d+|s|p|seg|sent|para)|(?:w|pre)\d+)(?=[\s(]|$)
    | (?P<date>date\s*(?:[<>]=?|=|\b(?:aft|bef|is|geq|leq)\b)\s*[\d/-]+)
    | (?P<often>atleast\d*)(?=\()
    | (?P<letters>(?:allcaps|nocaps|caps|plural|singular))(?=\()
    | (?P<segment>[a-z][a-z-]+)(?=\()
    | (?P<word>[^\s()"]+|.)""",
    re.IGNORECASE | re.VERBOSE,
)
_SIGNS = {"aft": ">", "bef": "<", "is": "", "=": "", "geq": ">=", "leq": "<="}
_CODED = ("subject", "company", "ln", "topic", "entity")


def read_query(query: str) -> Read:
    """The tree of a query; raises QueryError if it can't be read."""
    notes: list[Note] = []
    tokens = [token for piece in _PIECE.finditer(query) for token in _tokens(piece, notes)]
    return Read(read(query, tokens, _GRAMMAR), tuple(notes), tuple(_forms(tokens)))


def _forms(tokens: Sequence[Token]) -> Iterator[Note]:
    for token in tokens:
        if any(word.isalpha() for word in token.words):
            yield Note(
                "differs",
                token.position,
                "Nexis also finds regular plurals; here a word finds only itself: add * to find other forms",
            )
            return


def _tokens(piece: re.Match[str], notes: list[Note]) -> Iterator[Token]:
    at = piece.start()
    match piece.lastgroup:
        case "quoted":
            yield Token("words", at, words=tuple(map(_wild, piece["quoted"].split())))
        case "open" | "close":
            yield Token("(" if piece["open"] else ")", at)
        case "not":
            yield Token("not", at)
        case "near":
            yield _near(piece["near"].lower(), at, notes)
        case "except":
            notes.append(
                Note(
                    "left-out",
                    at,
                    "excluding words near others isn't supported",
                )
            )
            yield from (Token("and", at), Token("field", at))
        case "date":
            yield _date(piece["date"].lower(), at, notes)
        case "often" | "letters":
            told = (
                "a minimum number of occurrences"
                if piece["often"]
                else "a choice of capitals, singular or plural"
            )
            notes.append(Note("differs", at, f"{told} isn't supported: any will do"))
        case "segment":
            yield from _segment(piece["segment"], at, notes)
        case "word":
            yield _word(piece["word"], at, notes)


def _near(text: str, at: int, notes: list[Note]) -> Token:
    unit = text.rpartition("/")[2]
    count = int(re.sub(r"\D", "", text) or 0)
    if unit == "seg":
        notes.append(
            Note("differs", at, "parts of an article aren't supported here: both may stand anywhere")
        )
        return Token("and", at)
    if not count:
        count = SENTENCE if unit.startswith("s") else PARAGRAPH
        notes.append(
            Note("differs", at, f"sentences and paragraphs aren't supported here: within {count} words")
        )
    return Token("near", at, distance=count, ordered=text.startswith(("pre", "onear")))


def _date(text: str, at: int, notes: list[Note]) -> Token:
    sign, day = re.findall(r"[<>]=?|=|aft|bef|is|geq|leq|[\d/-]+", text)[-2:]
    written = compared(_SIGNS.get(sign, sign), day)
    if written:
        return Token("range", at, text=written)
    notes.append(Note("left-out", at, "this date wasn't understood: write published:>=2016-03-14"))
    return Token("lost", at)


def _segment(name: str, at: int, notes: list[Note]) -> Iterator[Token]:
    operator = operator_token(name, at, _OPERATORS)
    if operator:
        yield operator
        return
    if name.lower() in ("hlead", "lead"):
        notes.append(
            Note(
                "differs",
                at,
                f"there is no first paragraph here, so {name} searches all of title and text",
            )
        )
        return
    field: Field | None = None if name.lower() in _CODED else FIELDS.get(name.lower())
    if field is None:
        notes.append(Note("left-out", at, f"articles have no part {name} here"))
    yield Token("field", at, field=field)


def _word(text: str, at: int, notes: list[Note]) -> Token:
    operator = operator_token(text, at, _OPERATORS)
    if operator:
        return operator
    if re.search(r"[\w][*]+$", text):
        notes.append(Note("differs", at, f"{text}: any number of letters may follow"))
    return Token("words", at, words=(_wild(text),))


def _wild(word: str) -> str:
    """A word with the wildcards of this language."""
    word = re.sub(r"\*+$", "!", word)
    return re.sub(r"!+", "*", word.replace("*", "?"))
