"""Finds people who are not in any gazetteer, by the words before their names. English only."""

import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from enrich.names.cues import is_named_by
from enrich.names.gazetteer import Mention, Named, joined
from query.match import Words
from query.tokens import terms

_MOST_WORDS = 4
_MOST_CUE_WORDS = 3
_LONGEST_ABBREVIATION = 4  # letters: 'Prof.' is one, a full stop after 'president' ends a sentence
_SPACES = (" ", "\u00a0")
_STOPS = (".", ",", ";", ":", "!", "?", "\n", "")


@dataclass(frozen=True)
class Cues:
    """Words, as terms, that indicate a person: see data/persons_en.toml."""

    last: frozenset[str]
    """The last terms of titles, roles and verbs: a name can begin only after one of these."""
    titles: frozenset[tuple[str, ...]]
    roles: frozenset[tuple[str, ...]]
    speaking: frozenset[str]
    particles: frozenset[str]
    never: frozenset[str]
    ships: frozenset[str]


@cache
def english_cues() -> Cues:
    """The words for English."""
    table = tomllib.loads(files("enrich").joinpath("data/persons_en.toml").read_text("utf-8"))
    phrases = {key: [tuple(terms(phrase)) for phrase in table[key]] for key in table}
    return Cues(
        last=frozenset(phrase[-1] for key in ("titles", "roles", "speaking") for phrase in phrases[key]),
        titles=frozenset(phrases["titles"]),
        roles=frozenset(phrases["roles"]),
        **{
            key: frozenset(term for (term,) in phrases[key])
            for key in ("speaking", "particles", "never", "ships")
        },
    )


def find_persons(words: Words, taken: Collection[int], cues: Cues) -> Iterator[Mention]:
    """People named after a title, a role or a verb of speaking: 'press secretary Josh Earnest', 'Mr Putin', 'said Alloush'.

    Args:
        words: the text.
        taken: the indices of tokens that are already part of a name.
        cues: the words that indicate a person.
    """
    for before, term in enumerate(words.terms[:-1]):
        if term not in cues.last:
            continue
        first = before + 1
        end = _name_end(first, words, taken, cues)
        if end > first and _is_person(first, end, words, cues):
            name = words.text[words.tokens[first].start : words.tokens[end - 1].end]
            yield Mention(Named(name, "person"), first, end)


def is_ship(index: int, words: Words, cues: Cues) -> bool:
    """Whether the name that begins at a token is a ship's: 'the cruiser Moscow', 'the cruiser Moscow (or Moskov)'."""
    named = index - 2 if _is_other_name(index, words) else index
    return is_named_by(named, words, cues.ships)


def _is_other_name(index: int, words: Words) -> bool:
    """Whether a token is another name of the one before it: `(or Moskov)`."""
    if index < 2 or words.terms[index - 1] != "or":
        return False
    return words.text[words.tokens[index - 2].end : words.tokens[index - 1].start].strip() == "("


def after_titles(first: int, last: int, words: Words, cues: Cues) -> int:
    """Where a person's name begins after its titles; the last word always stays."""
    for size in range(min(_MOST_CUE_WORDS, last - first - 1), 0, -1):
        if tuple(words.terms[first : first + size]) in cues.titles | cues.roles:
            return after_titles(first + size, last, words, cues)
    return first


def _is_person(first: int, end: int, words: Words, cues: Cues) -> bool:
    """Whether the words before (and after) a capitalised name make it a person's."""
    before = words.tokens[first - 1]
    gap = words.text[before.end : words.tokens[first].start]
    cue = {tuple(words.terms[max(0, first - size) : first]) for size in range(1, _MOST_CUE_WORDS + 1)}
    if cue & cues.titles:
        return gap in _SPACES or (gap == ". " and before.end - before.start <= _LONGEST_ABBREVIATION)
    if gap not in _SPACES:
        return False
    if cue & cues.roles and end - first > 1:
        return True
    after = words.tokens[end - 1].end
    return words.terms[first - 1] in cues.speaking and words.text[after : after + 1] in _STOPS


def _name_end(first: int, words: Words, taken: Collection[int], cues: Cues) -> int:
    """Where the capitalised name that begins at a token ends; `first` if none does."""
    end = first
    for index in range(first, min(first + _MOST_WORDS, len(words.terms))):
        if index in taken or (index > first and not joined(words, index - 1)):
            break
        if _is_name_word(index, words, cues):
            end = index + 1
        elif index == first or words.terms[index] not in cues.particles:
            break
    return end


def _is_name_word(index: int, words: Words, cues: Cues) -> bool:
    """Whether a token can be part of a name: capitalised, letters only, and not a word that begins sentences."""
    token = words.tokens[index]
    word = words.text[token.start : token.end]
    return (
        word[0].isupper() and word.isalpha() and token.term not in cues.never and token.term not in cues.last
    )
