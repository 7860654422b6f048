"""From the tree to a query of this language.

What can't be translated exactly becomes something that finds more rather than less, and a note says so.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from query.near import MAX_SLOP
from query.parse import MAX_NEAR
from query.tokens import terms
from query.translate.nodes import And, In, Lost, Near, Node, Not, Note, Or, Range, Words
from query.tree import VALUE_FIELDS

MAX_ALTERNATIVES = 64
"""The most proximities that one with bracketed words is expanded to."""

_PLAIN = re.compile(r"[^\W_]+")
_WILD = re.compile(r"[^\W_]*(?:[*?][^\W_]*)+")
_ANYWHERE = "{}, so they may all stand anywhere"
_RESERVED = ("AND", "OR", "NOT")


class Writer:
    """Writes a tree, and collects `notes` on it, beginning with those from reading it."""

    def __init__(self, notes: Sequence[Note] = ()) -> None:
        self.notes = list(notes)

    def write(self, node: Node) -> str:
        """The query; '' if nothing of it can be translated."""
        return _unbracketed(self._said(node))

    def _differs(self, position: int, message: str) -> None:
        self.notes.append(Note("differs", position, message))

    def _said(self, node: Node, field: str = "") -> str:
        match node:
            case Words():
                return self._words(node)
            case Range(text=text):
                return f"published:{text}"
            case And(parts=parts):
                return _group(" AND ", [self._said(part, field) for part in parts])
            case Or(parts=parts):
                return _group(" OR ", [self._said(part, field) for part in parts])
            case Not():
                return self._excluded(node, field)
            case In(field=name, part=part):
                said = self._said(part, name)
                return f"{name}:{said}" if said else ""
            case Near():
                return self._near(node, field)
            case Lost():
                return ""

    def _excluded(self, node: Not, field: str) -> str:
        """Under NOT, a wider translation would find less, so only what was translated exactly is excluded."""
        said = self._said(node.part, field)
        if any(node.position <= note.position < node.end for note in self.notes):
            self.notes.append(
                Note("left-out", node.position, "this can't be excluded exactly, so nothing is excluded")
            )
            return ""
        return f"NOT {said}" if said else ""

    def _words(self, node: Words) -> str:
        wild = [word for word in node.words if "*" in word or "?" in word]
        if not wild:
            return _quoted(node.words)
        if len(node.words) > 1:
            self._differs(node.position, "a phrase can't have wildcards here: its words may stand anywhere")
        return _group(" AND ", [self._word(word, node.position) for word in node.words])

    def _word(self, word: str, position: int) -> str:
        if "*" not in word and "?" not in word:
            return _quoted((word,))
        if _WILD.fullmatch(word):
            return word
        pieces = [piece for piece in re.split(r"[^\w*?]|_", word) if re.search(r"\w", piece)]
        if len(pieces) > 1:
            self._differs(
                position,
                f"wildcards work within one word of letters: the parts of {word} may stand anywhere",
            )
        return _group(" AND ", [self._word(piece, position) for piece in pieces])

    def _near(self, node: Near, field: str) -> str:
        links = _links(node)
        operands = [links[0].left, *(link.right for link in links)]
        alternatives = [list(_alternatives(operand)) for operand in operands]
        number = prod(map(len, alternatives))
        if field in VALUE_FIELDS or not 0 < number <= MAX_ALTERNATIVES:
            self._differs(node.position, _ANYWHERE.format("this can't be near each other here"))
            return self._all(operands, field)
        slop = sum(link.distance - 1 for link in links)
        ordered = all(link.ordered for link in links)
        if slop > MAX_SLOP:
            self._differs(node.position, f"at most {MAX_SLOP} words can stand between")
        if ordered and slop:
            self._differs(node.position, "the words are found in either order")
        if len(links) > 1 and slop:
            self._differs(node.position, "the distance applies to all words together")
        combined = [
            self._combined(words, min(slop, MAX_SLOP), node.position, ordered=ordered)
            for words in product(*alternatives)
        ]
        return _group(" OR ", list(dict.fromkeys(combined)))

    def _combined(self, parts: Sequence[Words], slop: int, position: int, *, ordered: bool) -> str:
        """Some words near each other."""
        words = [word for part in parts for word in part.words]
        if any("*" in word or "?" in word for word in words):
            self._differs(position, _ANYWHERE.format("words with wildcards can't be near others here"))
            return self._all(parts, "")
        if len(terms(" ".join(words))) > MAX_NEAR:
            self._differs(position, _ANYWHERE.format(f"at most {MAX_NEAR} words can be near each other"))
            return self._all(parts, "")
        if not slop:
            orders = [words] if ordered else [words, [word for part in parts[::-1] for word in part.words]]
            return _group(" OR ", [_quoted(one) for one in orders])
        phrases = [part for part in parts if len(part.words) > 1]
        if phrases:
            self._differs(position, "the phrase may stand anywhere, and its words near the others")
        return _group(" AND ", [*(_quoted(part.words) for part in phrases), f'"{_plain(words)}"~{slop}'])

    def _all(self, operands: Sequence[Node], field: str) -> str:
        """All operands, wherever they stand."""
        return _group(" AND ", [self._said(operand, field) for operand in operands])


def _links(node: Near) -> list[Near]:
    """A chain of proximities, from left to right."""
    links = [node]
    while isinstance(links[-1].left, Near):
        links.append(links[-1].left)
    return links[::-1]


def _alternatives(node: Node) -> Iterator[Words]:
    """The words that an operand stands for; none if it is more than words and alternatives."""
    match node:
        case Words():
            yield node
        case Or(parts=parts):
            each = [list(_alternatives(part)) for part in parts]
            if all(each):
                yield from (words for some in each for words in some)


def _group(joint: str, parts: Sequence[str]) -> str:
    said = [part for part in parts if part]
    return f"({joint.join(said)})" if len(said) > 1 else "".join(said)


def _unbracketed(text: str) -> str:
    """Without the brackets around all of it."""
    if not text.startswith("("):
        return text
    depth, quoted = 0, False
    for at, char in enumerate(text):
        quoted ^= char == '"'
        depth += 0 if quoted else (char == "(") - (char == ")")
        if not depth:
            return text[1:-1] if at == len(text) - 1 else text
    return text


def _quoted(words: Sequence[str]) -> str:
    """Words side by side, in quotes unless it is one that needs none; '' if no letter is in them."""
    text = _plain(words)
    if not terms(text):
        return ""
    return text if _PLAIN.fullmatch(text) and text not in _RESERVED else f'"{text}"'


def _plain(words: Sequence[str]) -> str:
    return re.sub(r'["\\“”„‟＂*?]+', " ", " ".join(words)).strip()
