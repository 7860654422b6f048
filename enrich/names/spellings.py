"""Spellings of people's names: surnames, given names and initials, in Latin and Cyrillic letters."""

from collections.abc import Sequence
from functools import lru_cache

from enrich.names.cues import cues
from query.tokens import stands_alone

PATRONYMICS = (
    "ович",
    "евич",
    "ич",
    "овна",
    "евна",
    "ична",
    "ovich",
    "evich",
    "ovna",
    "evna",
    "вича",
    "вичу",
    "вичем",
)
_LONGEST_ENDING = 2  # letters that a case ending of a Slavic name adds
_CYRILLIC = str.maketrans(
    dict(zip("абвгдезиклмнопрстуфхыэієґ", "abvgdeziklmnoprstufhieieg", strict=True))
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "iu", "я": "ia", "ь": "", "ъ": ""}
    | {"w": "v", "y": "i", "j": "i", "c": "k"}  # differences between Latin spellings
)


def is_full_name(found: tuple[str, ...], names: frozenset[tuple[str, ...]]) -> bool:
    """Whether a written name is more than a surname: it has two words besides particles, or is the person's only name."""
    if all(map(stands_alone, found)):
        return not any(name != found and name[: len(found)] == found for name in names)
    if size_of(found) > 1:
        return True
    return all(size_of(name) == 1 for name in names)


def size_of(name: tuple[str, ...]) -> int:
    """How many words a name has, not counting particles."""
    return sum(term not in cues().particles for term in name)


@lru_cache(10_000)
def given_names(names: frozenset[tuple[str, ...]]) -> frozenset[str]:
    """The words of someone's full names that are not a surname."""
    surnames = {name[-1] for name in names if size_of(name) == 1} | {
        name[-1] for name in names if size_of(name) > 1
    }
    short = {name[-1] for name in names if size_of(name) == 1}
    surname_first = {name for name in names if len(name) > 1 and name[0] in short and name[-1] not in short}
    words = {term for name in names - surname_first for term in name[:-1] if size_of(name) > 1}
    words |= {term for name in surname_first for term in name[1:]}
    return frozenset(words - cues().particles - (surnames - words))


def is_surname_first(found: tuple[str, ...], names: frozenset[tuple[str, ...]]) -> bool:
    """Whether a surname stands before the given names: `Kim` of `Kim Jong-un`."""
    return any(len(name) > len(found) and name[: len(found)] == found for name in names)


def covers(fitting: Sequence[str], names: frozenset[tuple[str, ...]]) -> bool:
    """Whether given names are all those in one spelling of the full name."""
    given = given_names(names)
    wanted = [{term for term in name if term in given} for name in names if size_of(name) > 1]
    return any(
        need and all(any(fits(term, frozenset({one})) for term in fitting) for one in need) for need in wanted
    )


def fits(term: str, given: frozenset[str]) -> bool:
    """Whether a word is one of some given names, in any case of a Slavic language, or its Latin or Cyrillic spelling."""
    return term in given or any(_is_form(term, one) for one in given)


def _is_form(term: str, name: str) -> bool:
    if term.isascii() and name.isascii():
        return False
    term, name = _romanised(term), _romanised(name)
    stem = name[:-1] if name[-1] in "aeiou" else name
    return len(stem) > 2 and term.startswith(stem) and len(term) - len(stem) <= _LONGEST_ENDING


def is_initial_of(term: str, given: frozenset[str]) -> bool:
    """Whether a letter begins one of some given names."""
    return len(term) == 1 and any(_romanised(one)[:1] == _romanised(term) for one in given)


@lru_cache(20_000)
def _romanised(term: str) -> str:
    return term.translate(_CYRILLIC)
