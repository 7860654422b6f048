"""Google's language, in the forms of Search, News and Alerts. Words side by side are all required; OR binds tighter."""

import re
from collections.abc import Iterator, Sequence

from query.elsewhere import FIELDS
from query.translate.dates import compared
from query.translate.grammar import Grammar, Operator, Read, Token, read
from query.translate.nodes import Note

_GRAMMAR = Grammar(levels=("and", "near", "or"), implied="and")
_OPERATORS: dict[str, Operator] = {"AND": "and", "OR": "or", "|": "or", "NOT": "not"}
_PIECE = re.compile(
    r"""(?P<space>\s+)
    | ["“”](?P<quoted>[^"“”]*)["“”]
    | (?P<open>\() | (?P<close>\))
    | around\s*\((?P<around>\d+)\)
    | (?P<minus>-)(?=[\w"“(])
    | (?P<time>(?P<side>before|after):(?P<day>\S+))
    | (?P<field>[a-z_]+):(?=[^\s)])
    | (?P<numbers>\d+\.\.\d+)
    | (?P<any>\*(?=\s|$))
    | [+~]?(?P<word>[^\s()"“”|]+|\||.)""",
    re.IGNORECASE | re.VERBOSE,
)
_GAP = 3
"""Words that one `*` in a phrase may stand for."""


def read_query(query: str) -> Read:
    """The tree of a query; raises QueryError if it can't be read."""
    notes: list[Note] = []
    tokens = [token for piece in _PIECE.finditer(query) for token in _tokens(piece, notes)]
    return Read(read(query, tokens, _GRAMMAR), tuple(notes), tuple(_forms(query, tokens)))


def _forms(query: str, tokens: Sequence[Token]) -> Iterator[Note]:
    for token in tokens:
        if token.kind == "words" and query[token.position] not in '"“”':
            yield Note(
                "differs",
                token.position,
                "Google also finds other forms and synonyms; here a word finds only itself: add * to find other forms",
            )
            return


def _tokens(piece: re.Match[str], notes: list[Note]) -> Iterator[Token]:
    at = piece.start()
    match piece.lastgroup:
        case "quoted":
            yield from _phrase(piece["quoted"], at, notes)
        case "open" | "close":
            yield Token("(" if piece["open"] else ")", at)
        case "around":
            yield Token("near", at, distance=int(piece["around"]) + 1)
        case "minus":
            yield Token("not", at)
        case "time":
            yield _time(piece, notes)
        case "field":
            yield from _field(piece["field"].lower(), at, notes)
        case "numbers":
            notes.append(Note("left-out", at, "ranges of numbers aren't supported"))
            yield Token("lost", at)
        case "any":
            notes.append(Note("differs", at, "* stands for any word, so it is left out"))
        case "word":
            yield _word(piece["word"], at)


def _phrase(text: str, at: int, notes: list[Note]) -> Iterator[Token]:
    """A phrase; a `*` in it stands for some words, so the parts around it become a proximity."""
    parts = [tuple(part.split()) for part in re.split(r"(?:^|\s)\*(?=\s|$)", text) if part.strip()]
    if len(parts) > 1:
        notes.append(Note("differs", at, f"* in a phrase: at most {_GAP} words may stand there"))
        yield Token("(", at)
    for number, words in enumerate(parts):
        if number:
            yield Token("near", at, distance=_GAP + 1, ordered=True)
        yield Token("words", at, words=words)
    if len(parts) > 1:
        yield Token(")", at)


def _time(piece: re.Match[str], notes: list[Note]) -> Token:
    at = piece.start()
    text = compared("<" if piece["side"].lower() == "before" else ">=", piece["day"])
    if text:
        return Token("range", at, text=text)
    notes.append(Note("left-out", at, "this date wasn't understood: write published:>=2016-03-14"))
    return Token("lost", at)


def _field(name: str, at: int, notes: list[Note]) -> Iterator[Token]:
    if name.startswith("all") and name in FIELDS:
        notes.append(
            Note("differs", at, f"{name}: applies to the first word only: put brackets around all of them")
        )
    field = FIELDS.get(name)
    if field is None or field == "published":
        notes.append(Note("left-out", at, f"there is no field {name} here"))
        field = None
    yield Token("field", at, field=field)


def _word(text: str, at: int) -> Token:
    operator = _OPERATORS.get(text)
    if operator:
        return Token(operator, at)
    return Token("words", at, words=(text.replace("_", " ") if text.count("_") else text,))
