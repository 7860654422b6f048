"""Finds names by a spaCy pipeline that the user has installed. spaCy is not one of wirewatch's dependencies.

English only, as the pipelines' labels are: GPE, LOC and FAC are places; NORP (Russian, Muslim, Republican) is not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from enrich.names.gazetteer import Mention, Type
from enrich.names.linking import linked, unlinked
from enrich.names.neighbours import by_neighbours, places_that_are_no_ships
from query.match import Words

_TYPES: Mapping[str, Type] = {
    "PERSON": "person",
    "PER": "person",
    "ORG": "organisation",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
    "PRODUCT": "product",
    "EVENT": "event",
    "LAW": "law",
}
_LONGEST = 100_000
"""Characters that a pipeline gets at once; the rest is left to the gazetteer (spaCy needs some 1 MB per 1,000)."""


class SpacyModel:
    """Recognises names by a pipeline; maps a text and its mentions from the gazetteer to all its mentions."""

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline

    def __call__(self, words: Words, known: Sequence[Mention], language: str = "en") -> list[Mention]:
        """The mentions in a text, without overlaps, linked if the gazetteer knows them; in all but English only these."""
        if language != "en":
            return list(known)
        found = self._pipeline(words.text[:_LONGEST]).ents if words.terms else ()
        return linked(by_neighbours(_mentions(found, words), words), places_that_are_no_ships(known, words))


def load(name: str) -> SpacyModel:
    """Load a pipeline by name, without the parts that names don't need; raises ImportError or OSError if it is not
    installed."""
    import spacy  # type: ignore[import-not-found, unused-ignore] # noqa: PLC0415 - optional

    return SpacyModel(
        spacy.load(name, exclude=["parser", "tagger", "attribute_ruler", "lemmatizer", "senter"])
    )


def _mentions(entities: Sequence[Any], words: Words) -> Iterator[Mention]:
    """The entities as spans of words, without `the` and the possessive."""
    for entity in entities:
        kind = _TYPES.get(entity.label_)
        inside = _inside(entity.start_char, entity.end_char, words) if kind else []
        if len(inside) > 1 and words.terms[inside[0]] == "the":
            inside = inside[1:]
        if kind and inside:
            yield unlinked(kind, inside[0], inside[-1] + 1, words)


def _inside(start: int, end: int, words: Words) -> list[int]:
    """The words that overlap a span of the text."""
    first = bisect_right(words.tokens, start, key=lambda token: token.end)
    return list(range(first, bisect_left(words.tokens, end, lo=first, key=lambda token: token.start)))
