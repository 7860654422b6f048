"""Arabic and Hebrew write conjunctions, prepositions and the article together with a word, so the word alone misses these.

They are not cut off, as stemmers do: `و` begins وقود (fuel), too, and without a dictionary that is not told from `و` (and). So
texts keep their words, and the query says that it means all of them: `*وقود` finds الوقود and بالوقود.
"""

import re
from collections.abc import Iterator, Sequence

from query.lex import Lexeme
from query.tokens import terms
from query.tree import VALUE_FIELDS, And, Node, Not, Or, Phrase, Range, Term, WordLeaf
from query.warning import Warning  # noqa: A004 - it is not the exception

SHORTEST = 3
"""Letters of a word that is looked for at the ends of others."""

_ARTICLE = "ال"
_ARABIC = re.compile("[\u0621-\u064a]+")
_HEBREW = re.compile("[\u05d0-\u05ea]+")
_NOT_ARABIC = re.compile("[\u0679-\u06bf\u06c1\u06cc\u06d2]")
"""Letters of Persian, Urdu and other languages, which don't write so."""


def ending(term: str) -> str | None:
    """The pattern that finds a word with what is written before it; None if it is not of such a language, or short.

    The article of an Arabic word is one of these, so it is left out: of `الحرب` the pattern is `*حرب`.
    """
    if not (_ARABIC.fullmatch(term) or _HEBREW.fullmatch(term)):
        return None
    bare = term.removeprefix(_ARTICLE)
    kept = bare if len(bare) >= SHORTEST else term
    return f"*{kept}" if len(kept) >= SHORTEST else None


def attached(tree: Node, lexemes: Sequence[Lexeme]) -> Iterator[Warning]:
    """A hint at the first such word, where the query is in Arabic or in Hebrew alone and shows nothing of the kind.

    A query in several languages is an expert's, who has listed the forms.
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
                f"{before} are written together with a word, and make it another one: {pattern} finds these, too",
            )
            return


def _is_attaching(leaf: WordLeaf) -> bool:
    """Whether a leaf is of whole words of these languages."""
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
        case Range():
            return
        case _ if node.field not in VALUE_FIELDS:
            yield node
