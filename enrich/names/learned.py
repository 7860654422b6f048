"""The names that the shipped models find: one for English, one for the other languages that have cues."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from enrich.names.crf import Tagger, tagger_elsewhere
from enrich.names.cue_words import CUES, cue, languages
from enrich.names.cues import is_no_name
from enrich.names.elsewhere import corrected
from enrich.names.features import is_headline, name_flag, see, see_cues
from enrich.names.gazetteer import Mention, joined
from enrich.names.linking import linked, unlinked
from enrich.names.neighbours import by_neighbours, places_that_are_no_ships
from enrich.names.persons import after_titles, english_cues
from query.match import Words
from query.tokens import Token

_CAUTION = {"ar": 1.0}
"""By language, for the model outside English. Arabic has no capitals, and the sentences that the model learned from
have more names than news has: with less, more common nouns in the demo's Arabic articles are places; with more, people
are missed."""
_QUOTING = ("ru", "uk")
_IN_QUOTES = re.compile(r"«[А-ЯЁІЇЄҐA-Z][^«».,!?:;\n]{1,60}»")
_SAID = re.compile(r",\s*[—–-]\s")
"""What follows somebody's words: `«Мы ждём ответа», — сказала`."""
_MOST_QUOTED = 4
"""Words of a name in quotation marks; more are what somebody said."""
_NO_NAMES = frozenset(CUES.index(kind) + 1 for kind in ("speaking", "in", "common", "time"))
_BEFORE = defaultdict(lambda: _NO_NAMES, person=_NO_NAMES | {CUES.index("people") + 1})
"""The cues that can stand before a name of a type, but not begin it."""
_GIVEN_ONLY, _SURNAMES = 1, (2, 3)  # see features.name_flag


class Learned:
    """Recognises names by the models; maps a text, its mentions from the gazetteer and its language to all its mentions."""

    def __init__(self, tagger: Tagger) -> None:
        self._tagger = tagger

    def __call__(self, words: Words, known: Sequence[Mention], language: str = "en") -> list[Mention]:
        """The mentions in a text, without overlaps, linked if the gazetteer knows them."""
        if language == "en":
            return self._in_english(words, known)
        if language not in languages():
            return list(known)
        seen = see_cues(words, known, language)
        tagger = tagger_elsewhere(_CAUTION.get(language, 0.0))
        trimmed = (_trimmed(one, words, language) for one in _mentions(tagger.tag(seen), words))
        found = corrected(trimmed, known, words, language)
        if language in _QUOTING:
            found = _apart([*_quoted(words), *found])
        return linked(found, known)

    def _in_english(self, words: Words, known: Sequence[Mention]) -> list[Mention]:
        known = places_that_are_no_ships(known, words)
        whole = {(mention.first, mention.last) for mention in known}
        found = []
        seen = see(words, known)
        for mention in by_neighbours(_mentions(self._tagger.tag(seen), words), words):
            bare = mention.named.type == "person" and (mention.first, mention.last) not in whole
            found.append(_untitled(mention, words) if bare else mention)
        # `Leaders Hold Talks`: a seeming name in a headline in capitals counts if the text or a list has it, too.
        if is_headline(seen):
            found = _apart([*_pairs(words), *(replace(m, weak=True) for m in found)])
        return linked(found, known)


def _pairs(words: Words) -> Iterator[Mention]:
    """People by a given name and a surname from the lists, side by side: reliable even if all words are capitalised."""
    flags = [name_flag(term) for term in words.terms]
    for first in range(len(flags) - 1):
        is_pair = flags[first] == _GIVEN_ONLY and flags[first + 1] in _SURNAMES
        if is_pair and joined(words, first) and not any(is_no_name(i, words) for i in (first, first + 1)):
            yield unlinked("person", first, first + 2, words)


def _apart(mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions in order, without those that overlap one before them in the list."""
    kept: list[Mention] = []
    for mention in mentions:
        if all(mention.last <= one.first or mention.first >= one.last for one in kept):
            kept.append(mention)
    return sorted(kept, key=lambda one: one.first)


def _mentions(tags: Sequence[str], words: Words) -> Iterator[Mention]:
    """The tagged spans: U alone, or B to L."""
    first = 0
    for index, tag in enumerate(tags):
        if tag[0] in "BU":
            first = index
        if tag[0] in "LU":
            yield unlinked(tag[2:], first, index + 1, words)


def _quoted(words: Words) -> Iterator[Mention]:
    """Organisations as Russian and Ukrainian write them: `«Новая почта»`, in quotation marks and with a capital."""
    for found in _IN_QUOTES.finditer(words.text):
        first = bisect_left(words.tokens, found.start(), key=_start)
        last = bisect_left(words.tokens, found.end(), key=_start)
        is_said = last - first > 1 and _SAID.match(words.text, found.end())
        if first < last <= first + _MOST_QUOTED and not is_said:
            yield unlinked("organisation", first, last, words)


def _start(token: Token) -> int:
    return token.start


def _trimmed(mention: Mention, words: Words, language: str) -> Mention:
    """A mention without the words before the name, which a sentence or a title begins with: `Вчера Путин`."""
    first = mention.first
    while first < mention.last - 1 and cue(words.terms[first], language) in _BEFORE[mention.named.type]:
        first += 1
    return unlinked(mention.named.type, first, mention.last, words) if first > mention.first else mention


def _untitled(mention: Mention, words: Words) -> Mention:
    """A person without the title before the name: `Ambassador Vitaly Churkin`."""
    first = after_titles(mention.first, mention.last, words, english_cues())
    if first == mention.first:
        return mention
    return replace(mention, first=first, named=unlinked("person", first, mention.last, words).named)
