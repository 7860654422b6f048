"""Finds the words of an article that can be compared with those of other languages.

News words and the names of countries are translated by a list (data/news_words.csv). Other names have similar spellings in many
languages, so one form stands for all likely spellings: `Мистура`, `Mistura`. Numbers are the same everywhere. All other words
are compared only with articles in the same language.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from query.tokens import terms, tokenize

ENGLISH = "en"

_LONGEST = 3
"""The most words of a translated phrase."""
_SHORTEST_STEM = 3
"""The fewest letters of a stem."""
_GROUPED = re.compile(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3}(?!\d))")
"""What separates the thousands of a number."""
_CYRILLIC = str.maketrans({
    **dict(zip("абвгдезиклмнопрстуфэыі", "abvgdeziklmnoprstufeii", strict=True)),
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ъ": "", "ь": "",
    "ю": "iu", "я": "ia", "є": "e", "ґ": "g",
})  # fmt: skip
_SPELLINGS = (
    (re.compile("tsch|tch"), "ch"),
    (re.compile("sch"), "sh"),
    (re.compile("ou"), "u"),
    (re.compile("ph"), "f"),
    (re.compile("dj|dsch"), "j"),
    (re.compile("ck|kh|q|c(?!h)"), "k"),
    (re.compile("[yj]"), "i"),
    (re.compile("w"), "v"),
    (re.compile("z"), "s"),
    (re.compile(r"([^\W\d])\1+"), r"\1"),
    (re.compile("(?<=..[^aeiou])[aeiou]+$"), ""),
)
_CASES = re.compile("(?<=[а-яіїєґ]{4})(?:ами|ями|ого|его|ому|ему|ом|ем|ым|им|ой|ей|ах|ях|у|ю|ы)$")
_ATTACHED = re.compile("^(?:[وف])?(?:[بكل])?(?:ال|لل)?(?=.{3})")


class _Word(NamedTuple):
    """A word as written in a text."""

    term: str
    capital: bool


class Concept(NamedTuple):
    """A word of an article."""

    term: str
    """The term whose rarity counts."""
    name: str
    """The form that is compared."""
    shared: bool
    """Whether other languages have it under the same name."""


def concepts(text: str, language: str, most: int = 1000) -> list[Concept]:
    """The concepts of the first words of a text, without words that carry no meaning.

    Args:
        text: a headline, or the beginning of a text.
        language: ISO 639-1, or `unknown`.
        most: maximum number of its words.
    """
    text = _GROUPED.sub("", text)
    tokens = tokenize(text)[:most]
    words = [_Word(token.term, text[token.start].isupper()) for token in tokens]
    if language == ENGLISH:
        return list(map(_english, words))
    useless = _stop_words(language)
    return list(_translated([word for word in words if word.term not in useless], language))


def _english(word: _Word) -> Concept:
    names = _forms(ENGLISH).exact.get(word.term)
    return Concept(word.term, names[0], shared=True) if names else _as_spelt(word.term, word)


def _as_spelt(form: str, word: _Word) -> Concept:
    """The concept of a word that is in no list, from one of its forms."""
    return Concept(word.term, spelling(form), word.capital or word.term.isdecimal())


def _translated(words: Sequence[_Word], language: str) -> Iterator[Concept]:
    at = 0
    while at < len(words):
        for size in range(min(_LONGEST, len(words) - at), 0, -1):
            phrase = " ".join(word.term for word in words[at : at + size])
            if found := _translations(phrase, language):
                yield from (Concept(name, name, shared=True) for name in found)
                break
        else:
            word, size = words[at], 1
            yield _as_spelt(_CASES.sub("", word.term) if word.capital else word.term, word)
        at += size


def _translations(phrase: str, language: str) -> Sequence[str]:
    forms = _forms(language)
    for form in dict.fromkeys((phrase, _ATTACHED.sub("", phrase))):
        if found := forms.exact.get(form):
            return found
        for length in range(len(form), max(form.rfind(" "), 0) + _SHORTEST_STEM - 1, -1):
            if found := forms.stems.get(form[:length]):
                return found
    return ()


@cache
def spelling(term: str) -> str:
    """What the spellings of a name in several languages have in common."""
    name = term.translate(_CYRILLIC)
    for pattern, instead in _SPELLINGS:
        name = pattern.sub(instead, name)
    return name


class _Forms(NamedTuple):
    """The words of a language that can be translated."""

    exact: Mapping[str, list[str]]
    stems: Mapping[str, list[str]]


@cache
def _forms(language: str) -> _Forms:
    exact: dict[str, list[str]] = {}
    stems: dict[str, list[str]] = {}
    for concept, form in _news_words(language):
        known = stems if form.endswith("*") else exact
        words = [term for term in terms(form) if " " not in form or term not in _stop_words(language)]
        known.setdefault(" ".join(words), []).append(concept)
    return _Forms(exact, stems)


def _news_words(language: str) -> Iterator[tuple[str, str]]:
    """Each concept with its forms in a language; none for a language without a column."""
    lines = _lines("news_words.csv")
    languages = next(lines).split(",")
    if language not in languages:
        return
    column = languages.index(language)
    for line in lines:
        cells = line.split(",")
        own = [cells[0]] if language == ENGLISH else []
        yield from ((cells[0], form) for form in [*own, *filter(None, cells[column].split("|"))])


@cache
def _stop_words(language: str) -> frozenset[str]:
    rows = dict(line.split(",") for line in _lines("stop_words.csv"))
    return frozenset(terms(rows.get(language, "")))


def _lines(name: str) -> Iterator[str]:
    content = files("enrich").joinpath("data", name).read_text(encoding="utf-8")
    return (line for line in content.splitlines() if not line.startswith("#"))
