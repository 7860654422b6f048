"""The names that the shipped model finds. English only."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from enrich.names.crf import Tagger
from enrich.names.features import is_headline, see
from enrich.names.gazetteer import Mention
from enrich.names.linking import linked, unlinked
from enrich.names.persons import after_titles, english_cues, is_ship
from query.match import Words


class Learned:
    """Recognises names by the model; a function from a text and what the gazetteer knows of it to its mentions."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    def __call__(self, words: Words, known: Sequence[Mention]) -> list[Mention]:
        """The mentions in a text, linked where the gazetteer knows them; none overlaps another."""
        cues = english_cues()
        known = [m for m in known if m.named.type != "place" or not is_ship(m.first, words, cues)]
        whole = {(mention.first, mention.last) for mention in known}
        found = []
        seen = see(words, known)
        for mention in _mentions(self._tagger.tag(seen), words):
            if mention.named.type == "place" and is_ship(mention.first, words, cues):
                continue
            bare = mention.named.type == "person" and (mention.first, mention.last) not in whole
            found.append(_untitled(mention, words) if bare else mention)
        # `Leaders Hold Talks`: what a headline in capitals seems to name counts where the text or a list names it too.
        return linked([replace(m, weak=True) for m in found] if is_headline(seen) else found, known)


def _mentions(tags: Sequence[str], words: Words) -> Iterator[Mention]:
    """The stretches that are tagged: U alone, or B to L."""
    first = 0
    for index, tag in enumerate(tags):
        if tag[0] in "BU":
            first = index
        if tag[0] in "LU":
            yield unlinked(tag[2:], first, index + 1, words)


def _untitled(mention: Mention, words: Words) -> Mention:
    """A person without the title before the name: `Ambassador Vitaly Churkin`."""
    first = after_titles(mention.first, mention.last, words, english_cues())
    if first == mention.first:
        return mention
    return replace(mention, first=first, named=unlinked("person", first, mention.last, words).named)
