"""The queries of bench/matching.py: generated from the news texts with a seed, and written to a file for the peers."""

import random
from collections import Counter
from collections.abc import Sequence

from query.tree import And, Near, Node, Not, Or, Phrase, Prefix, Term, Wildcard

_COMMON = 0.02  # words in more of the texts than this begin no leaf: nobody wants an alert for `said`


class QueryMaker:
    """Makes queries of 2 to 6 words, phrases and so on that stand in the texts.

    Of 10 leaves, 3 are phrases of two or three words, 1 a proximity, 1 a prefix or wildcard, 5 words; of 10 queries one has a
    NOT. Those of two or three leaves need all of them; those of more need one of the first half and one of the second.

    Args:
        texts: the terms of each text.
        seed: makes the same queries again.
    """

    def __init__(self, texts: Sequence[Sequence[str]], seed: int) -> None:
        self._chance = random.Random(seed)
        self._texts = texts
        counts = Counter(term for text in texts for term in set(text))
        self._common = {term for term, count in counts.items() if count > len(texts) * _COMMON}

    def query(self) -> Node:
        """The next query."""
        leaves = [self._leaf() for _ in range(self._chance.randint(2, 6))]
        if self._chance.random() < 0.1:
            return And((*leaves[:-1], Not(leaves[-1])))
        if len(leaves) < 4:
            return And(tuple(leaves))
        half = len(leaves) // 2
        return And((Or(tuple(leaves[:half])), Or(tuple(leaves[half:]))))

    def _leaf(self) -> Node:
        text, at = self._place()
        kind = self._chance.random()
        if kind < 0.3:
            return Phrase(None, tuple(text[at : at + self._chance.randint(2, 3)]))
        if kind < 0.4:
            other = text[at + self._chance.randint(2, 5)]
            return (
                Near(None, (text[at], other), self._chance.randint(1, 8))
                if other != text[at]
                else Term(None, other)
            )
        if kind < 0.5:
            return self._pattern(text[at])
        return Term(None, text[at])

    def _place(self) -> tuple[Sequence[str], int]:
        """A text, and the place in it of a word that is not common."""
        while True:
            text = self._chance.choice(self._texts)
            at = self._chance.randrange(len(text) - 8)
            if text[at] not in self._common:
                return text, at

    def _pattern(self, term: str) -> Node:
        stem = term[: max(3, len(term) - 2)]
        if self._chance.random() < 0.7 or len(stem) < 4:
            return Prefix(None, stem)
        return Wildcard(None, f"{stem[:2]}?{stem[3:]}*")


def polish(node: Node) -> str:
    """A query in Polish notation, which any language reads in a few lines."""
    match node:
        case Term(term=term):
            return f"term {term}"
        case Prefix(prefix=prefix):
            return f"prefix {prefix}"
        case Wildcard(pattern=pattern):
            return f"wildcard {pattern}"
        case Phrase(terms=terms):
            return f"phrase {len(terms)} {' '.join(terms)}"
        case Near(terms=terms, slop=slop):
            return f"near {slop} {len(terms)} {' '.join(terms)}"
        case And(parts=parts):
            return f"and {len(parts)} {' '.join(map(polish, parts))}"
        case Or(parts=parts):
            return f"or {len(parts)} {' '.join(map(polish, parts))}"
        case Not(part=part):
            return f"not {polish(part)}"
    raise ValueError(f"{node} is not a kind of query that this module makes")
