"""Finds names by simple rules for English, without a model: the gazetteer's, and people by the words before their names."""

from collections.abc import Iterable, Sequence

from enrich.names.gazetteer import Mention
from enrich.names.neighbours import places_that_are_no_ships
from enrich.names.persons import english_cues, find_persons
from query.match import Words


def by_rules(words: Words, known: Sequence[Mention], language: str = "en") -> list[Mention]:
    """The mentions in a text, without overlaps.

    Args:
        words: the text.
        known: its mentions from the gazetteer, in order.
        language: of the text; in all but English these mentions are all.
    """
    if language != "en":
        return list(known)
    cues = english_cues()
    mentions = places_that_are_no_ships(known, words)
    persons = list(find_persons(words, _indices(m for m in mentions if not m.weak), cues))
    covered = _indices(persons)
    return sorted(
        [*(m for m in mentions if m.first not in covered), *persons], key=lambda mention: mention.first
    )


def _indices(mentions: Iterable[Mention]) -> set[int]:
    """The indices of the tokens of these mentions."""
    return {index for mention in mentions for index in range(mention.first, mention.last)}
