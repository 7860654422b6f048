"""The features of each word of a text for the entity tagger. English only.

There are two kinds, so that tagging takes a few look-ups per word and numpy does the rest: features of a *word*, which has a
*role* at a place in the text (the word itself, its left neighbour, the last of its run of capitalised words ...), and *signs*,
small numbers of a place, which are combined. The training script and the tagger share this file.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from enrich.names.arabic import without_clitics
from enrich.names.cue_words import CUES, cue
from enrich.names.cyrillic import stem
from enrich.names.gazetteer import Mention
from enrich.names.polish import base_forms
from query.match import Words
from query.tokens import terms

Numbers = NDArray[np.int32]

DEPTHS = {
    "w": 8,
    "l1": 2,
    "l2": 1,
    "r1": 2,
    "r2": 1,
    "run_first": 2,
    "run_last": 4,
    "run_before": 1,
    "run_after": 1,
}
"""How many of its features a word contributes in each role."""
ROLES = tuple(DEPTHS)
_OF_RUN = ("run_first", "run_last", "run_before", "run_after")
"""The word itself, its neighbours to the left and right and, for the run of capitalised words around it, the first and the last
word, and the words before and after."""
PAD = ""
"""The placeholder where there is no word: before and after a sentence, and for the roles of a run outside of runs."""

_SHAPES = ("", "x", "X", "Xx", "XX", "XXx", "d", "xd", "x-other", "xX", "X1")
_GAPS = (
    "start", " ", "", "-", "'", ".", ". ", ",", ":", ";", "(", ")", "s", "“", "”", "&", "/", "—", "?", "\n", "...",
)  # fmt: skip
_SIGNS_IN_GAPS = (
    *((sign, (sign,)) for sign in "\n()&/:;?"),
    ("...", ("...", "…")),
    ("—", ("—", "–")),
    ("“", ("“", "‘", "«", "„")),
    ("”", ("”", "»")),
    (",", (",",)),
)
"""The kind of gap that a mark makes, the strongest first."""
_GAZETTEER = (
    "",
    *(f"{edge}{kind}" for kind in ("person", "organisation", "place", "none", "weak") for edge in "BI"),
)
_PARTICLES = frozenset(
    (  # noqa: SIM905 - a list of words is read best so
        "of al el de del la le bin ibn van von der da dos di du and for the"
    ).split()
)
_ABBREVIATIONS = frozenset(
    (  # noqa: SIM905 - a list of words is read best so
        "mr mrs ms dr st gen sen rep gov lt col sgt capt prof hon jr sr inc co corp ltd vs no messrs maj brig "
        "cmdr adm rev jan feb mar apr jun jul aug sep sept oct nov dec mt ft"
    ).split()
)
_END = re.compile(r"[.!?…][\"”’')\]]*\s")
_LONGEST_SENTENCE = 200  # words; anything longer is a page without full stops, and is cut
_SHORT_GAP = 8  # characters of a gap whose kind is cached
_HEADLINE = 8
_FLAGS, _CAPITAL = 3, 4
"""The bits of a word's sign for names: those of the lists (see name_flag), and that it is capitalised."""
_TITLE_CASE = 0.7  # share of capitalised words that makes a line a headline in capitals


@dataclass(frozen=True)
class Seen:
    """The features of a text: one row per word.

    Attributes:
        surfaces: the words as written.
        roles: for each of ROLES the index of a word in `surfaces`; -1 is PAD.
        signs: for each sign its value.
        sentences: the index of the first word of each sentence, and the count of words at the end.
    """

    surfaces: Sequence[str]
    roles: Numbers
    signs: Mapping[str, Numbers]
    sentences: Sequence[int]


@dataclass(frozen=True)
class Template:
    """Signs combined into one feature: the name of each, and its relative place (-1: the word before)."""

    parts: tuple[tuple[str, int], ...]

    @property
    def name(self) -> str:
        """The prefix of its features."""
        return "".join(f"{sign}{place:+d}" for sign, place in self.parts)


def _template(text: str) -> Template:
    return Template(tuple((part[0], int(part[1:] or 0)) for part in text.split()))


SIZES = {
    "s": len(_SHAPES),
    "g": len(_GAPS),
    "z": len(_GAZETTEER),
    "d": 16,
    "n": 9,
    "p": 3,
    "r": 6,
    **dict.fromkeys("cbfla", len(CUES) + 1),
    "h": 4,
    "o": 3,
}
"""The number of values of each sign: shape, gap before, gazetteer, the document, name lists, list of places, length of the
run; cue, and those of the words before, first in, last in and after the run; name lists of the first word in the run; list of
organisations."""
TEMPLATES = tuple(
    map(
        _template,
        (
            "s-1 s", "s s1", "s-1 s s1", "g", "g1", "g s", "s g1 s1", "s-1 g s", "z", "z-1", "z1", "z s", "z-1 z", "z z1",
            "z d", "d", "d s", "d-1 s", "d s1", "d s g", "n", "n-1 n", "n n1", "n-1 n n1", "n z", "n d", "n g1 s1", "n-1 g s",
            "p", "p-1 p", "p p1", "p n", "p z", "r", "r n", "r d", "r z",
        ),
    )
)  # fmt: skip

CUED_TEMPLATES = (
    *TEMPLATES,
    *map(
        _template,
        (
            "c", "c-1 s", "c c1", "c-1 c", "c-1 n", "c-1 s c1", "c-2 c-1 s", "c z", "c-1 z", "c s g", "c1 s",
            "c-1 g s", "c-1 p", "c s", "c-1 g n", "c n", "b", "b r", "b f", "b h", "b s", "f", "f l", "f s", "l", "l s", "a",
            "a h", "h r", "h s", "b h r", "b p", "c-2 n-1 n", "c1 n", "c1 z", "c1 g1 s",
            "o", "o-1 o", "o o1", "o s", "o z", "o p", "o r",
        ),
    ),
)  # fmt: skip
"""Of the model of languages other than English, which goes by cues (cues.toml) more than by words."""


def see(words: Words, known: Sequence[Mention]) -> Seen:
    """The features of a text, given its names in the gazetteer."""
    text, tokens = words.text, words.tokens
    surfaces = [text[token.start : token.end] for token in tokens]
    gaps = _gaps(words)
    starts = _sentence_starts(words, surfaces, gaps)
    runs = _runs(words.terms, surfaces, gaps, starts)
    forms = [_of_word(surface, term) for surface, term in zip(surfaces, words.terms, strict=True)]
    signs = {
        "s": _numbers([shape for shape, _ in forms]),
        "g": _numbers([0 if start else _gap(gap) for gap, start in zip(gaps, starts, strict=True)]),
        "z": _in_gazetteer(len(words.terms), known),
        "d": _of_document(words.terms, surfaces, starts),
        "n": _numbers([names for _, names in forms]),
        "p": _in_lists(words.terms, surfaces, (_places, _native_places)),
        "r": _numbers([min(last - first + 1, 5) if last >= 0 else 0 for first, last in runs]),
    }
    sentences = [index for index, start in enumerate(starts) if start]
    return Seen(surfaces, _roles(len(surfaces), starts, runs), signs, [*sentences, len(surfaces)])


def see_cues(words: Words, known: Sequence[Mention], language: str) -> Seen:
    """The features of a text with those of CUED_TEMPLATES."""
    seen = see(words, known)
    if language == "pl":
        seen = replace(seen, signs={**seen.signs, **_of_base_forms(words.terms, seen)})
    cues = _numbers([cue(term, language) for term in words.terms])
    names = seen.signs["n"] & _FLAGS
    first, last, before, after = (seen.roles[ROLES.index(role)] for role in _OF_RUN)
    landscapes = _in_lists(words.terms, seen.surfaces, (_landscapes, _native_landscapes))
    signs = {
        "p": np.where(landscapes > 0, landscapes, seen.signs["p"]),
        "o": _in_lists(words.terms, seen.surfaces, (_organisations, _native_organisations)),
        "c": cues,
        "b": _at(before, cues),
        "f": _at(first, cues),
        "l": _at(last, cues),
        "a": _at(after, cues),
        "h": _at(first, names),
    }
    return replace(seen, signs={**seen.signs, **signs})


def _of_base_forms(terms: Sequence[str], seen: Seen) -> Mapping[str, Numbers]:
    """The signs of names and of places of Polish words, which the lists have in the nominative: `Daszyńskiego`, `Krakowie`."""
    names, places = seen.signs["n"].copy(), seen.signs["p"].copy()
    for index, term in enumerate(terms):
        if not seen.surfaces[index][0].isupper():
            continue
        bases = base_forms(term)
        if not names[index]:
            flag = next(filter(None, map(name_flag, bases)), 0)
            names[index] = flag and flag + _CAPITAL
        if not places[index] and any((base,) in _places().get(base, ((), ()))[1] for base in bases):
            places[index] = 1
    return {"n": names, "p": places}


def _at(places: Numbers, values: Numbers) -> Numbers:
    """The values at some places; 0 where there is none."""
    return (
        np.where(places >= 0, values[np.clip(places, 0, None)], 0).astype(np.int32) if len(values) else values
    )


def is_headline(seen: Seen) -> bool:
    """Whether a text is one sentence with mostly capitalised words, so that capitals mean nothing."""
    return len(seen.sentences) == 2 and bool(seen.signs["d"][0] & _HEADLINE)


def load_lists() -> None:
    """Load the lists of names and places, which are otherwise loaded on first use."""
    _name_words()
    _places()


def word_features(surface: str, term: str) -> list[str]:
    """The features of a word, without the prefix of the role; a role uses only the first few of them: see DEPTHS."""
    shape = _SHAPES.index(_shape(surface))
    return [
        f"={term}",
        f"-{term[-3:]}:{shape}",
        f"-{term[-2:]}:{shape}",
        f"-{term[-4:]}",
        f"^{term[:2]}",
        f"^{term[:3]}",
        f"^{term[:4]}",
        f"#{surface}",
    ]


def _numbers(values: Sequence[int]) -> Numbers:
    return np.array(values, dtype=np.int32)


def _gap(gap: str) -> int:
    """The number of a gap's kind."""
    return _known_gap(gap) if len(gap) <= _SHORT_GAP else _GAPS.index(_gap_kind(gap))


@lru_cache(4096)
def _known_gap(gap: str) -> int:
    """The kind of a gap; people write few different gaps, so they are cached."""
    return _GAPS.index(_gap_kind(gap))


def _gap_kind(gap: str) -> str:
    if gap[:1] in ("'", "’") and gap[1:2] in ("s", "S"):
        return "s"
    for kind, signs in _SIGNS_IN_GAPS:
        if any(sign in gap for sign in signs):
            return kind
    if '"' in gap:
        return "“" if gap.endswith('"') else "”"
    if "." in gap:
        return ". " if gap[-1:].isspace() else "."
    if gap.strip() in ("'", "’"):
        return "'"
    return {"-": "-", "‑": "-", "": ""}.get(gap, " ")


@cache
def _name_words() -> Mapping[str, int]:
    """The words of names: 1 given name, 2 surname, 3 both."""
    lines = (line.partition(" ") for line in _lines("names.txt"))
    return {term: int(flag) for term, _, flag in lines}


@cache
def _native_names() -> Mapping[str, int]:
    """The same in Cyrillic and Arabic letters, without the endings of cases."""
    flags: dict[str, int] = {}
    for term, _, flag in (line.partition(" ") for line in _lines("names_native.txt")):
        flags[stem(term)] = flags.get(stem(term), 0) | int(flag)
    return flags


def name_flag(term: str) -> int:
    """Whether a term is a given name (1), a surname (2), both (3), or not known as a name (0)."""
    if not _is_native(term):
        return _name_words().get(term, 0)
    names = _native_names()
    return next((names[stem(form)] for form in without_clitics(term) if stem(form) in names), 0)


def is_native_name(term: str) -> bool:
    """Whether a term in Cyrillic or Arabic letters is a given name or a surname as it is, all its letters being its own."""
    return stem(term) in _native_names()


def _is_native(term: str) -> bool:
    """Whether a term is in Cyrillic or Arabic letters."""
    return "Ѐ" <= term[:1] <= "ۿ"


Names = Mapping[str, tuple[Sequence[int], frozenset[tuple[str, ...]]]]
"""Names by their first term: the numbers of terms, largest first, and the terms."""
Lists = tuple[Callable[[], Names], Callable[[], Names]]
"""A list of names in Latin letters, and one in Cyrillic and Arabic letters."""


@cache
def _places() -> Names:
    """The names of cities."""
    return _by_first(_named(_lines("places.txt")))


@cache
def _native_places() -> Names:
    """The names of cities in Cyrillic and Arabic letters, without the endings of cases."""
    return _native(_named(_lines("places_native.txt")))


@cache
def _landscapes() -> Names:
    """The names of regions, rivers, mountains and seas, as languages other than English call them."""
    return _by_first(_in_terms("landscapes.txt"))


@cache
def _native_landscapes() -> Names:
    """The same in Cyrillic and Arabic letters, without the endings of cases."""
    return _native(_in_terms("landscapes.txt"))


@cache
def _organisations() -> Names:
    """The names of organisations, as languages other than English call them."""
    return _by_first(_in_terms("organisations_elsewhere.txt"))


@cache
def _native_organisations() -> Names:
    """The same in Cyrillic and Arabic letters, without the endings of cases."""
    return _native(_in_terms("organisations_elsewhere.txt"))


def _native(names: Iterable[tuple[str, ...]]) -> Names:
    """Those in Cyrillic and Arabic letters, without the endings of cases."""
    return _by_first(tuple(map(stem, name)) for name in names if _is_native(name[0]))


def _in_terms(name: str) -> Iterator[tuple[str, ...]]:
    return (tuple(terms(line)) for line in _lines(name))


def _named(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(line.split(" ")) for line in lines)


def _lines(name: str) -> Sequence[str]:
    """The lines of a list without its header."""
    return files("enrich").joinpath(f"data/{name}").read_text("utf-8").splitlines()[1:]


def _by_first(names: Iterable[tuple[str, ...]]) -> Names:
    found: dict[str, list[tuple[str, ...]]] = {}
    for name in names:
        found.setdefault(name[0], []).append(name)
    return {
        first: (sorted(set(map(len, alike)), reverse=True), frozenset(alike))
        for first, alike in found.items()
    }


@lru_cache(50_000)
def _of_word(surface: str, term: str) -> tuple[int, int]:
    """The number of a word's shape, and of the lists of names that it is in."""
    shape = _shape(surface)
    flag = name_flag(term)
    return _SHAPES.index(shape), flag + (_CAPITAL if shape not in ("x", "d", "xd", "x-other") and flag else 0)


def _shape(surface: str) -> str:
    if not surface:
        return ""
    if surface.isalpha():
        if surface.islower():
            return "x"
        if surface.isupper():
            return "X" if len(surface) == 1 else "XX"
        if surface[0].isupper():
            return "Xx" if surface[1:].islower() else "XXx"
        return "xX" if surface[0].islower() else "x-other"
    if surface.isdigit():
        return "d"
    return "X1" if surface[0].isupper() else "xd"


def _gaps(words: Words) -> list[str]:
    """The gap before each word, including the possessive of the word before."""
    text, end, gaps = words.text, 0, []
    for token in words.tokens:
        gaps.append(text[end : token.start])
        end = token.end
    return gaps


def _sentence_starts(words: Words, surfaces: Sequence[str], gaps: Sequence[str]) -> list[bool]:
    """Whether each word begins a sentence."""
    starts: list[bool] = []
    since = 0
    for index, gap in enumerate(gaps):
        start = index == 0 or "\n" in gap or index - since >= _LONGEST_SENTENCE
        if not start and len(gap) > 1 and _END.search(gap) and not surfaces[index][0].islower():
            before = words.terms[index - 1]
            start = gap[0] != "." or (len(before) > 1 and before not in _ABBREVIATIONS)
        since = index if start else since
        starts.append(start)
    return starts


def _runs(
    terms: Sequence[str], surfaces: Sequence[str], gaps: Sequence[str], starts: Sequence[bool]
) -> list[tuple[int, int]]:
    """For each word the first and the last of the run of capitalised words that it is in; -1, -1 outside of runs."""
    runs = [(-1, -1)] * len(terms)
    first = last = -1
    for index, surface in enumerate(surfaces):
        near = not starts[index] and gaps[index] in (" ", "-", "", ".", ". ", "'", "’", " & ", "&")
        if first >= 0 and not (near and (surface[0].isupper() or terms[index] in _PARTICLES)):
            runs[first : last + 1] = [(first, last)] * (last + 1 - first)
            first = -1
        if surface[0].isupper():
            first, last = (index if first < 0 else first), index
    if first >= 0:
        runs[first : last + 1] = [(first, last)] * (last + 1 - first)
    return runs


def _roles(count: int, starts: Sequence[bool], runs: Sequence[tuple[int, int]]) -> Numbers:
    """The index of the word in each role; neighbours are those of the same sentence."""
    index = np.arange(count, dtype=np.int32)
    sentence = np.cumsum(np.array(starts, dtype=np.int32)) if count else index
    first = _numbers([first for first, _ in runs])
    last = _numbers([last for _, last in runs])

    def near(place: Numbers, step: int) -> Numbers:
        wanted = place + step
        inside = (place >= 0) & (wanted >= 0) & (wanted < count)
        same = inside & (sentence[np.clip(wanted, 0, max(count - 1, 0))] == sentence) if count else inside
        return np.where(same, wanted, -1).astype(np.int32)

    neighbours = [near(index, step) for step in (-1, -2, 1, 2)]
    return np.stack([index, *neighbours, first, last, near(first, -1), near(last, 1)])


def _in_gazetteer(count: int, known: Sequence[Mention]) -> Numbers:
    """The gazetteer's sign for each word; none for types that no model was trained on."""
    signs = np.zeros(count, dtype=np.int32)
    for mention in known:
        kind = "weak" if mention.weak else mention.named.type
        if f"B{kind}" not in _GAZETTEER:
            continue
        signs[mention.first + 1 : mention.last] = _GAZETTEER.index(f"I{kind}")
        signs[mention.first] = _GAZETTEER.index(f"B{kind}")
    return signs


def _in_lists(terms: Sequence[str], surfaces: Sequence[str], lists: Lists) -> Numbers:
    """Whether each word begins (1) or continues (2) a name in the lists, by the longest name."""
    signs, end = np.zeros(len(terms), dtype=np.int32), 0
    for index, _term in enumerate(terms):
        if index < end or surfaces[index][0].islower():
            continue
        size = _length_in_lists(terms, index, lists)
        if size:
            end = index + size
            signs[index], signs[index + 1 : end] = 1, 2
    return signs


def is_listed_place(terms: Sequence[str]) -> bool:
    """Whether terms begin with a city, region, river, mountain or sea that stands in a list; in Arabic also after what is
    written together with it."""
    lists = ((_places, _native_places), (_landscapes, _native_landscapes))
    return any(_length_in_lists(terms, 0, one) for one in lists)


def _length_in_lists(terms: Sequence[str], index: int, lists: Lists) -> int:
    """How many terms the longest name in the lists has that begins at a word; 0 if none does."""
    is_native = _is_native(terms[index])
    for first in map(stem, without_clitics(terms[index])) if is_native else (terms[index],):
        sizes, names = lists[is_native]().get(first, ((), frozenset()))
        for size in sizes:
            rest = terms[index + 1 : index + size]
            if (first, *(map(stem, rest) if is_native else rest)) in names:
                return size
    return 0


def _of_document(terms: Sequence[str], surfaces: Sequence[str], starts: Sequence[bool]) -> Numbers:
    """Bits of each word: 1: it occurs in lower case elsewhere; 2: capitalised within a sentence; 4: begins one; 8: is in a
    headline."""
    small, capital = set(), set()
    headline = _headlines(surfaces, starts)
    for term, surface, start, head in zip(terms, surfaces, starts, headline, strict=True):
        if surface[0].islower():
            small.add(term)
        elif not start and not head:
            capital.add(term)
    return _numbers(
        [
            (term in small) + 2 * (term in capital) + 4 * start + _HEADLINE * head
            for term, start, head in zip(terms, starts, headline, strict=True)
        ]
    )


def _headlines(surfaces: Sequence[str], starts: Sequence[bool]) -> list[bool]:
    """Whether each word is in a sentence with mostly capitalised words."""
    bounds = [index for index, start in enumerate(starts) if start] + [len(surfaces)]
    found = []
    for first, end in itertools.pairwise(bounds):
        letters = [surface for surface in surfaces[first:end] if surface[0].isalpha()]
        capitals = sum(surface[0].isupper() for surface in letters)
        found += [len(letters) > 3 and capitals >= _TITLE_CASE * len(letters)] * (end - first)
    return found
