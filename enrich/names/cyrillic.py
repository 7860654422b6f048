"""Russian and Ukrainian names in their cases: `в Москве`, `Путина`."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import product

_ENDINGS = sorted(
    (  # noqa: SIM905 - a list of words is read best so
        "ами ями ого его ому ему ыми ими ому ою ею ой ей ий ый ым им ом ем єм ах ях ам ям ии ию ия ью ої ій ів ові еві єві "
        "ія ії ію а я о е и ы у ю ь й і ї є э"
    ).split(),
    key=len,
    reverse=True,
)
_SHORTEST_STEM = 3
_LONGEST_NAME = 3  # words
_CASE_COUNT = 5

# By how a word ends: what takes the place of that in the genitive, dative, accusative, instrumental and locative.
_CASES: Sequence[tuple[str, Sequence[Sequence[str]]]] = (
    ("ия", (("ии", "ии", "ию", "ией", "ии"),)),
    ("ія", (("ії", "ії", "ію", "ією", "ії"),)),
    ("ая", (("ой", "ой", "ую", "ой", "ой"),)),
    ("ька", (("ької", "ькій", "ьку", "ькою", "ькій"), ("ьки", "ьке", "ьку", "ькой", "ьке"))),
    ("ский", (("ского", "скому", "ского", "ским", "ском"),)),
    ("цкий", (("цкого", "цкому", "цкого", "цким", "цком"),)),
    ("ський", (("ського", "ському", "ського", "ським", "ському"),)),
    ("цький", (("цького", "цькому", "цького", "цьким", "цькому"),)),
    ("ый", (("ого", "ому", "ого", "ым", "ом"),)),
    ("ий", (("ия", "ию", "ия", "ием", "ии"), ("его", "ему", "его", "им", "ем"))),
    ("їв", (("єва", "єву", "їв", "євом", "єві"),)),
    ("ова", (("овой", "овой", "ову", "овой", "овой"), ("ової", "овій", "ову", "овою", "овій"))),
    ("ева", (("евой", "евой", "еву", "евой", "евой"),)),
    ("ина", (("иной", "иной", "ину", "иной", "иной"), ("ины", "ине", "ину", "иной", "ине"),
             ("іни", "іні", "іну", "іною", "іні"))),
    ("га", (("ги", "ге", "гу", "гой", "ге"), ("ги", "зі", "гу", "гою", "зі"))),
    ("ка", (("ки", "ке", "ку", "кой", "ке"), ("ки", "ці", "ку", "кою", "ці"))),
    ("а", (("ы", "е", "у", "ой", "е"), ("и", "і", "у", "ою", "і"), ("и", "е", "у", "ей", "е"))),
    ("я", (("и", "е", "ю", "ей", "е"), ("і", "і", "ю", "ею", "і"))),
    ("ь", (("я", "ю", "я", "ем", "е"), ("и", "и", "ь", "ью", "и"), ("і", "і", "ь", "ю", "і"))),
    ("й", (("я", "ю", "я", "ем", "е"), ("я", "ю", "я", "єм", "ї"))),
    ("ы", (("", "ам", "ы", "ами", "ах"), ("ов", "ам", "ы", "ами", "ах"))),
    ("и", (("", "ам", "и", "ами", "ах"), ("ів", "ам", "и", "ами", "ах"))),
    ("ко", (("ка", "ку", "ка", "ком", "ку"),)),
)  # fmt: skip
_OF_CONSONANT = (
    ("а", "у", "а", "ом", "е"),
    ("а", "у", "а", "ым", "е"),
    ("а", "у", "а", "им", "і"),
    ("у", "ові", "а", "ом", "і"),
)
_VOWELS = frozenset("аеёиоуыэюяіїє")


def is_cyrillic(text: str) -> bool:
    """Whether a text has Cyrillic letters only, spaces and hyphens aside."""
    letters = [char for char in text.lower() if char not in " -’'"]
    return bool(letters) and all("а" <= char <= "я" or char in "ёіїєґ" for char in letters)


@lru_cache(50_000)
def stem(term: str) -> str:
    """A Cyrillic term without the ending that tells its case; another term as it is."""
    if not term or not "а" <= term[0] <= "ї":
        return term
    for ending in _ENDINGS:
        if term.endswith(ending) and len(term) - len(ending) >= _SHORTEST_STEM:
            return term[: -len(ending)]
    return term


def case_forms(name: str) -> Iterator[str]:
    """A Cyrillic name in the other cases, and some forms that it does not have; nothing for other names."""
    if is_cyrillic(name):
        yield from combined_forms(name, _forms)


def combined_forms(name: str, forms_of: Callable[[str], Sequence[Sequence[str]]]) -> Iterator[str]:
    """A name with each of its words in the same case; nothing for long names and such with words in lower case.

    Args:
        name: in the nominative.
        forms_of: the five cases of a word, by each pattern that may be its own.
    """
    words = name.split(" ")
    if len(words) > _LONGEST_NAME or not all(word[:1].isupper() for word in words):
        return
    patterns = [forms_of(word) for word in words]
    for case in range(_CASE_COUNT):
        endings = (dict.fromkeys(forms[case] for forms in pattern) for pattern in patterns)
        yield from map(" ".join, product(*endings))


def _forms(word: str) -> Sequence[Sequence[str]]:
    """The five cases of a word, by each pattern that may be its own."""
    for ending, patterns in _CASES:
        if word.endswith(ending):
            return [[word[: -len(ending)] + case for case in pattern] for pattern in patterns]
    if word[-1] in _VOWELS or word.isupper():
        return [[word] * 5]
    return [[word + case for case in pattern] for pattern in _OF_CONSONANT]
