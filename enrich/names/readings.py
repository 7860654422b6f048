"""Decides what a listed person's name is at its place in a text: the full name, a surname, or part of another name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from enrich.names.cues import SENTENCE_SIGNS, cues, is_headline, is_named_by, is_no_name
from enrich.names.features import name_flag
from enrich.names.gazetteer import Mention, joined
from enrich.names.spellings import (
    PATRONYMICS,
    covers,
    fits,
    given_names,
    is_full_name,
    is_initial_of,
    is_surname_first,
)
from query.match import Words
from query.tokens import stands_alone

_MOST_GIVEN = 4
_SHORT_HAN = 2  # characters of a full name in Chinese, which usually has three
_HYPHENS = ("-", "‑")
_ARTICLES, _SONS = frozenset(("al", "el")), frozenset(("bin", "ibn", "bint"))
_AND = frozenset(("y", "e"))
"""Particles that far more often stand between two people: `Sánchez y Macron`."""
_SIGNS = ("·", "・", "‧")


class Kind(Enum):
    """The interpretation of a listed name in a text."""

    FULL = auto()
    """The full name."""
    OFFICE = auto()
    """The surname after an office: `President Assad`."""
    BARE = auto()
    """The surname alone, or with fitting initials."""
    OTHER = auto()
    """Someone else's: a relative's or namesake's."""
    OPEN = auto()
    """It is unknown whose it is."""
    NONE = auto()
    """Not a person: a family, a street, a company."""


@dataclass(frozen=True)
class Read:
    """The reading of a listed name in a text, with all words of the name: from `first` to before `last`."""

    kind: Kind
    first: int
    last: int


@dataclass(frozen=True)
class _Sight:
    """The facts about a listed name: the text, the person's given names, whether the text is a headline, whether the name is
    given in full, and whether given names would follow it."""

    words: Words
    given: frozenset[str]
    is_headline: bool
    is_full: bool
    surname_first: bool


def read(mention: Mention, words: Words, names: frozenset[tuple[str, ...]], *, surname: bool = False) -> Read:
    """The reading of a listed person's name at its place.

    Args:
        mention: the mention and its place.
        words: the text.
        names: all ways to write the name, as terms.
        surname: the mention is known to be only part of the name.
    """
    found = tuple(words.terms[mention.first : mention.last])
    is_full = not surname and is_full_name(found, names)
    if _is_nobody(mention, words, is_full=is_full) or _may_go_on(found, mention, words):
        return Read(Kind.NONE, mention.first, mention.last)
    given = given_names(names)
    sight = _Sight(words, given, is_headline(words), is_full, is_surname_first(found, names))
    before = list(_beside(mention, sight, step=-1))
    after = list(_beside(mention, sight, step=1))
    first = min(before, default=mention.first)
    last = max(after, default=mention.last - 1) + 1
    beside = [
        words.terms[index] for index in (*before[::-1], *after) if words.terms[index] not in cues().particles
    ]
    is_strange = _has_strange_particle((*before, *after), words, names)
    if not beside and not is_strange:
        return Read(Kind.FULL if is_full else _alone(mention, words, names), mention.first, mention.last)
    kind = Kind.OTHER if is_strange else _with_given(beside, given, names, is_full=is_full)
    if kind is Kind.OTHER and not is_full and _is_doubtful(before, words):
        return Read(Kind.OPEN, mention.first, mention.last)
    return Read(kind, first, last)


def _has_strange_particle(beside: Iterable[int], words: Words, names: frozenset[tuple[str, ...]]) -> bool:
    """Whether a particle beside a name is in none of its spellings: `Maria dos Santos`, `Omar bin Haddad`, `Abu Omar`."""
    usual = _ARTICLES.union(*names)
    return any(words.terms[index] in cues().particles - usual for index in beside)


def _beside(mention: Mention, sight: _Sight, *, step: int) -> Iterator[int]:
    """The places next to a name, going outwards, whose words seem to belong to it."""
    index = mention.first - 1 if step < 0 else mention.last
    for _ in range(_MOST_GIVEN):
        if not (0 <= index < len(sight.words.terms) and joined(sight.words, min(index, index - step))):
            return
        if not _is_of_name(index, sight, step=step):
            return
        yield index
        index += step


def _is_of_name(index: int, sight: _Sight, *, step: int) -> bool:
    """Whether a word beside a name seems to be part of it."""
    words, known = sight.words, cues()
    term, token = words.terms[index], words.tokens[index]
    surface, next_sign = words.text[token.start : token.end], words.text[token.end : token.end + 1]
    sign = next_sign if step < 0 else words.text[token.start - 1]
    if stands_alone(term):
        return sign in _SIGNS
    if surface[0].islower():
        return _is_particle_of_name(index, sight, step=step)
    if fits(term, sight.given) or (len(term) == 1 and surface.isupper() and next_sign == "."):
        return True
    if is_no_name(index, words):
        return term in known.juniors and step > 0
    if not surface[0].isupper():
        return term in known.given  # Arabic, Hebrew and others have no capitals
    return sign in _HYPHENS or _seems_name(term, sight, step=step, hyphened=next_sign in _HYPHENS)


def _is_particle_of_name(index: int, sight: _Sight, *, step: int) -> bool:
    """Whether a particle beside a name is part of it: `Asma al Assad`, `Omar Haddad al-Masri`, but not `Bruder von Volkov`."""
    words, term = sight.words, sight.words.terms[index]
    if step > 0:
        after = words.text[words.tokens[index].end : words.tokens[index].end + 1]
        return term in _SONS or (term in _ARTICLES and after in _HYPHENS)
    is_particle = term in cues().particles - _AND
    if sight.is_full or not is_particle or not _has_capital_before(index, words):
        return False
    return term in _ARTICLES | _SONS or bool(name_flag(words.terms[index - 1]))


def _seems_name(term: str, sight: _Sight, *, step: int, hyphened: bool) -> bool:
    """Whether a capitalised word beside a name counts as part of it."""
    if step < 0:
        return bool(name_flag(term)) or term in cues().given or not (sight.is_headline or sight.is_full)
    if term in cues().juniors:
        return True
    if sight.surname_first or not term.isascii():
        return hyphened or not sight.is_headline
    return bool(name_flag(term)) and not sight.is_headline


def _has_capital_before(index: int, words: Words) -> bool:
    """Whether a particle follows a capitalised word, as in `Asma al Assad`."""
    return index > 0 and joined(words, index - 1) and words.text[words.tokens[index - 1].start].isupper()


def _alone(mention: Mention, words: Words, names: frozenset[tuple[str, ...]]) -> Kind:
    """The interpretation of a surname without a given name."""
    known, before = cues(), mention.first - 1
    if before < 0:
        return Kind.BARE
    ends = {tuple(words.terms[max(0, before + 1 - size) : before + 1]) for size in (1, 2)}
    if words.terms[before] in known.families:
        return Kind.NONE
    if words.terms[before] in known.elder:
        return Kind.OPEN
    if ends & known.feminine:
        return Kind.BARE if given_names(names) & known.women else Kind.OTHER
    gap = words.text[words.tokens[before].end : words.tokens[mention.first].start]
    return Kind.OFFICE if ends & known.offices and gap == " " else Kind.BARE


def _may_go_on(found: tuple[str, ...], mention: Mention, words: Words) -> bool:
    """Whether a name of two Chinese characters may be the beginning of one of three: `陈伟` in `陈伟明`."""
    if len(found) != _SHORT_HAN or mention.last >= len(words.terms) or not all(map(_is_han, found)):
        return False
    following = words.terms[mention.last]
    is_next = words.tokens[mention.last].start == words.tokens[mention.last - 1].end
    return is_next and _is_han(following) and following not in cues().after_han


def _is_han(term: str) -> bool:
    return "\u4e00" <= term[0] <= "\u9fff"


def _is_nobody(mention: Mention, words: Words, *, is_full: bool) -> bool:
    """Whether a name is that of a family or a thing: `the Assad family`, `Trump Tower`, `Volkov & Sons`, `the tanker
    Volkov`."""
    known = cues()
    if is_named_by(mention.first, words, known.ships):
        return True
    if mention.last >= len(words.terms):
        return False
    after = mention.last
    gap = words.text[words.tokens[after - 1].end : words.tokens[after].start]
    is_joined = joined(words, after - 1)
    if gap == " " and words.terms[after] == "and" and after + 1 < len(words.terms):
        after, gap = after + 1, " & "
    if words.terms[after] not in known.nobody or not (is_joined or gap == " & "):
        return False
    is_capital = words.text[words.tokens[after].start].isupper()
    return is_capital or not (is_full or gap == " & ")


def _with_given(
    beside: Sequence[str], given: frozenset[str], names: frozenset[tuple[str, ...]], *, is_full: bool
) -> Kind:
    """The interpretation of a name with given names or initials."""
    fitting = [term for term in beside if fits(term, given)]
    others = [term for term in beside if term not in fitting and not term.endswith(PATRONYMICS)]
    if is_full:
        return Kind.OTHER if others else Kind.FULL
    if [term for term in others if not is_initial_of(term, given)]:
        return Kind.OTHER
    if any(len(term) > 1 for term in fitting) and covers(fitting, names):
        return Kind.FULL
    return Kind.BARE if not any(term.endswith(PATRONYMICS) for term in others) else Kind.OTHER


def _is_doubtful(before: Sequence[int], words: Words) -> bool:
    """Whether the only word that suggests another person may just begin a sentence: `Gestern Putin`."""
    if len(before) != 1:
        return False
    index = before[0]
    end = words.tokens[index - 1].end if index else 0
    gap = words.text[end : words.tokens[index].start]
    return (index == 0 or any(sign in gap for sign in SENTENCE_SIGNS)) and not name_flag(words.terms[index])
