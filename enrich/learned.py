"""The names that the shipped model finds. English only."""

from collections.abc import Iterator, Sequence

from enrich.crf import Tagger
from enrich.features import see
from enrich.gazetteer import Mention
from enrich.linking import linked, unlinked
from enrich.persons import english_cues, is_ship
from query.match import Words


class Learned:
    """Recognises names by the model; a function from a text and what the gazetteer knows of it to its mentions."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    def __call__(self, words: Words, known: Sequence[Mention]) -> list[Mention]:
        """The mentions in a text, linked where the gazetteer knows them; none overlaps another."""
        cues = english_cues()
        known = [m for m in known if m.named.type != "place" or not is_ship(m.first, words, cues)]
        tags = self._tagger.tag(see(words, known))
        found = (
            m for m in _mentions(tags, words) if m.named.type != "place" or not is_ship(m.first, words, cues)
        )
        return linked(found, known, words)


def _mentions(tags: Sequence[str], words: Words) -> Iterator[Mention]:
    """The stretches that are tagged: U alone, or B to L."""
    first = 0
    for index, tag in enumerate(tags):
        if tag[0] in "BU":
            first = index
        if tag[0] in "LU":
            yield unlinked(tag[2:], first, index + 1, words)
