"""Arabic and Hebrew write conjunctions, prepositions and the article together with a word, so the word alone misses these.

Stemmers cut them off, but `و` also begins وقود (fuel), and only a dictionary can tell that from `و` (and). So texts keep their
words as written, and the query asks for all forms: `*وقود` finds الوقود and بالوقود.
"""

import re
from collections.abc import Iterator, Sequence

from query.lex import Lexeme
from query.tokens import terms
from query.tree import VALUE_FIELDS, And, Marked, Node, Not, Or, Phrase, Range, Term, WordLeaf
from query.warning import Warning  # noqa: A004 - it is not the exception

SHORTEST = 3
"""The fewest letters of a word for which `*word` is suggested."""

_ARTICLE = "ال"
_ARABIC = re.compile("[\u0621-\u064a]+")
_HEBREW = re.compile("[\u05d0-\u05ea]+")
_NOT_ARABIC = re.compile("[\u0679-\u06bf\u06c1\u06cc\u06d2]")
"""Letters of Persian, Urdu and other languages, which don't attach such words."""


def ending(term: str) -> str | None:
    """The pattern that also finds a word with others attached before it; None if the language is another or the word is short.

    The article of an Arabic word is one of these, so it is left out: of `الحرب` the pattern is `*حرب`.
    """
    if not (_ARABIC.fullmatch(term) or _HEBREW.fullmatch(term)):
        return None
    bare = term.removeprefix(_ARTICLE)
    kept = bare if len(bare) >= SHORTEST else term
    return f"*{kept}" if len(kept) >= SHORTEST else None


def attached(tree: Node, lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    """A hint at the first such word, if the query is all in Arabic or all in Hebrew and has no such pattern yet.

    Whoever writes a query in several languages is an expert and has listed the forms.
    """
    if not all(map(_is_attaching, _leaves(tree))) or any(_NOT_ARABIC.search(one.text) for one in lexemes):
        return
    for lexeme in lexemes:
        found = terms(lexeme.text) if lexeme.kind == "word" else []
        if len(found) == 1 and (pattern := ending(found[0])):
            before = "the article, “and” and prepositions"
            yield Warning(
                "attached-words",
                lexeme.position,
                f"{before} are attached to the word that follows and so make another word: {pattern} finds those, too",
            )
            return


def _is_attaching(leaf: WordLeaf) -> bool:
    """Whether a leaf has only whole words of these languages."""
    match leaf:
        case Term(term=term):
            words: tuple[str, ...] = (term,)
        case Phrase(terms=words):
            pass
        case _:
            return False
    return all(_ARABIC.fullmatch(word) or _HEBREW.fullmatch(word) for word in words)


def _leaves(node: Node) -> Iterator[WordLeaf]:
    """The leaves that look for words."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part=part):
            yield from _leaves(part)
        case Range() | Marked():
            return
        case _ if node.field not in VALUE_FIELDS:
            yield node
