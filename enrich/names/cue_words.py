"""What kind of word stands beside or within a name, in eleven languages: see data/cues.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from enrich.names.arabic import without_clitics
from query.tokens import terms

CUES = ("people", "speaking", "organisations", "places", "in", "of", "common", "time")
"""The kinds; a word that is in several lists is of the first."""
_LONGEST_ENDING = 16
"""Letters of a beginning or an ending in the lists, at most."""


@dataclass(frozen=True)
class _Lists:
    """The kind of whole words, and of words by how they begin or end: 1 for the first of CUES, and so on."""

    words: Mapping[str, int]
    beginnings: Mapping[str, int]
    endings: Mapping[str, int]


def languages() -> frozenset[str]:
    """The languages that have lists."""
    return frozenset(_table())


@lru_cache(100_000)
def cue(term: str, language: str) -> int:
    """The kind of a term: 1 for the first of CUES, and so on; 0 if it is in no list of its language. An Arabic one counts after
    a conjunction or a preposition, too: `ووزارة`."""
    forms = without_clitics(term) if language == "ar" else (term,)
    return next(filter(None, (_kind(form, _lists(language)) for form in forms)), 0)


def _kind(term: str, lists: _Lists) -> int:
    if found := lists.words.get(term):
        return found
    for size in range(min(len(term), _LONGEST_ENDING), 1, -1):
        if found := lists.beginnings.get(term[:size]) or lists.endings.get(term[-size:]):
            return found
    return 0


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("enrich").joinpath("data/cues.toml").read_text("utf-8"))


@cache
def _lists(language: str) -> _Lists:
    lists = _Lists({}, {}, {})
    for number, kind in enumerate(CUES, 1):
        for word in _table().get(language, {}).get(kind, "").split():
            term = terms(word)[0]
            if word.endswith("*"):
                lists.beginnings.setdefault(term, number)  # type: ignore[attr-defined]
            elif word.startswith("*"):
                lists.endings.setdefault(term, number)  # type: ignore[attr-defined]
            else:
                lists.words.setdefault(term, number)  # type: ignore[attr-defined]
    return lists
