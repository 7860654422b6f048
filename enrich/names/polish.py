"""Polish names in their cases: `w Polsce`, `do Krakowa`, `Daszyńskiego`."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from enrich.names.cyrillic import combined_forms

# By how a word ends: what takes the place of that in the genitive, dative, accusative, instrumental and locative.
_CASES: Sequence[tuple[str, Sequence[Sequence[str]]]] = (
    ("niemcy", (("niemiec", "niemcom", "niemcy", "niemcami", "niemczech"),)),
    ("włochy", (("włoch", "włochom", "włochy", "włochami", "włoszech"),)),
    ("węgry", (("węgier", "węgrom", "węgry", "węgrami", "węgrzech"),)),
    ("stany", (("stanów", "stanom", "stany", "stanami", "stanach"),)),
    ("emiraty", (("emiratów", "emiratom", "emiraty", "emiratami", "emiratach"),)),
    ("one", (("onych", "onym", "one", "onymi", "onych"),)),
    ("skie", (("skich", "skim", "skie", "skimi", "skich"),)),
    ("jska", (("jskiej", "jskiej", "jską", "jską", "jskiej"), ("jski", "jsce", "jskę", "jską", "jsce"))),
    ("owa", (("owej", "owej", "ową", "ową", "owej"), ("owy", "owie", "owę", "ową", "owie"))),
    ("nocna", (("nocnej", "nocnej", "nocną", "nocną", "nocnej"),)),
    ("owy", (("owego", "owemu", "owy", "owym", "owym"),)),
    ("ea", (("ei", "ei", "eę", "eą", "ei"),)),
    ("ia", (("ii", "ii", "ię", "ią", "ii"), ("i", "i", "ię", "ią", "i"))),
    ("ja", (("ji", "ji", "ję", "ją", "ji"), ("i", "i", "ję", "ją", "i"))),
    ("ka", (("ki", "ce", "kę", "ką", "ce"),)),
    ("ga", (("gi", "dze", "gę", "gą", "dze"),)),
    ("da", (("dy", "dzie", "dę", "dą", "dzie"),)),
    ("ta", (("ty", "cie", "tę", "tą", "cie"),)),
    ("ra", (("ry", "rze", "rę", "rą", "rze"),)),
    ("ła", (("ły", "le", "łę", "łą", "le"),)),
    ("la", (("li", "li", "lę", "lą", "li"),)),
    ("ca", (("cy", "cy", "cę", "cą", "cy"),)),
    *((f"{letter}a", ((f"{letter}y", f"{letter}ie", f"{letter}ę", f"{letter}ą", f"{letter}ie"),)) for letter in "bfmnpsvwz"),
    *((c, ((f"{c}a", f"{c}owi", c, f"{c}em", f"{c}u"),)) for c in ("ż", "sz", "cz", "rz")),
    ("ów", (("owa", "owowi", "ów", "owem", "owie"),)),
    ("ń", (("nia", "niowi", "ń", "niem", "niu"),)),
    ("t", (("tu", "towi", "t", "tem", "cie"),)),
    ("d", (("du", "dowi", "d", "dem", "dzie"), ("da", "dowi", "d", "dem", "dzie"))),
    ("r", (("ru", "rowi", "r", "rem", "rze"),)),
    ("ł", (("łu", "łowi", "ł", "łem", "le"),)),
    *((c, ((f"{c}u", f"{c}owi", c, f"{c}em", f"{c}ie"), (f"{c}a", f"{c}owi", c, f"{c}em", f"{c}ie"))) for c in "bfmnpswz"),
    *((c, ((f"{c}u", f"{c}owi", c, f"{c}iem" if c in "kg" else f"{c}em", f"{c}u"),)) for c in "cghjkl"),
    ("o", (("a", "u", "o", "em", "ie"),)),
    ("y", (("", "om", "y", "ami", "ach"),)),
    ("ie", (("ii", "iom", "ie", "iami", "iach"),)),
)  # fmt: skip


def polish_forms(name: str) -> Iterator[str]:
    """A Polish name of a place in the other cases, and some forms that it does not have."""
    yield from combined_forms(name, _forms)


# Before _CASES, for people: a man's genitive is his accusative.
_CASES_OF_PEOPLE: Sequence[tuple[str, Sequence[Sequence[str]]]] = (
    *((f"{c}ki", ((f"{c}kiego", f"{c}kiemu", f"{c}kiego", f"{c}kim", f"{c}kim"),)) for c in ("s", "c", "dz")),
    *((f"{c}ka", ((f"{c}kiej", f"{c}kiej", f"{c}ką", f"{c}ką", f"{c}kiej"),)) for c in ("s", "c", "dz")),
    ("ny", (("nego", "nemu", "nego", "nym", "nym"),)),
    ("ko", (("ki", "ce", "kę", "ką", "ce"),)),
    ("t", (("ta", "towi", "ta", "tem", "cie"),)),
    ("d", (("da", "dowi", "da", "dem", "dzie"),)),
    ("r", (("ra", "rowi", "ra", "rem", "rze"),)),
    ("ł", (("ła", "łowi", "ła", "łem", "le"),)),
    *((c, ((f"{c}a", f"{c}owi", f"{c}a", f"{c}em", f"{c}ie"),)) for c in "bfmnpsvwz"),
    *((c, ((f"{c}a", f"{c}owi", f"{c}a", f"{c}iem", f"{c}u"),)) for c in "kg"),
    *((c, ((f"{c}a", f"{c}owi", f"{c}a", f"{c}em", f"{c}u"),)) for c in ("ch", "sh", "l", "j", "rz", "sz", "cz", "ż")),
)  # fmt: skip


def polish_forms_of_person(name: str) -> Iterator[str]:
    """A person's name in the other cases of Polish, and some forms that it does not have: `Trumpa`, `Donaldem Tuskiem`."""
    yield from combined_forms(name, _forms_of_person)


_OF_BASE = (
    ("iego", ("i",)), ("iemu", ("i",)), ("im", ("i",)), ("ego", ("y",)), ("emu", ("y",)), ("ym", ("y",)), ("kiej", ("ka",)),
    ("ckiem", ("ck", "cko")), ("skiem", ("sk", "sko")), ("owie", ("ow",)), ("owem", ("ow",)), ("owa", ("ow", "owa")),
    ("owi", ("", "owo")), ("iem", ("", "ie", "i")), ("em", ("", "o", "ek")), ("ie", ("", "a", "o", "y")),
    ("rze", ("r", "ra")), ("dzie", ("d", "da")), ("cie", ("t", "ta")), ("le", ("l", "la", "lo")), ("iu", ("", "ie", "n")),
    ("ku", ("k", "ek")), ("u", ("", "o")), ("ach", ("y", "i", "e")), ("ii", ("ia",)), ("ji", ("ja",)), ("ni", ("nia", "n")),
    ("a", ("", "o")), ("y", ("a",)), ("i", ("a", "")), ("e", ("a",)),
)  # fmt: skip
"""What a base form may have in place of an ending, of terms, which have no accents: `krakowie`, `krakow`."""
_SHORTEST = 3


@lru_cache(50_000)
def base_forms(term: str) -> tuple[str, ...]:
    """The terms that a Polish term may be a case of, itself first."""
    return (
        term,
        *(
            term[: -len(ending)] + base
            for ending, bases in _OF_BASE
            if term.endswith(ending) and len(term) - len(ending) >= _SHORTEST
            for base in bases
        ),
    )


def _forms(word: str) -> Sequence[Sequence[str]]:
    """The five cases of a word, by each pattern that may be its own."""
    return _by_patterns(word, _CASES)


def _forms_of_person(word: str) -> Sequence[Sequence[str]]:
    """The same of a word of a person's name; a woman's that ends in a consonant has one form for all cases, as has a man's
    that ends in most vowels."""
    if word[-1:] in "eiouyéó" and not word.endswith(("ki", "ko", "ny")):
        return [[word] * 5]
    return [*_by_patterns(word, (*_CASES_OF_PEOPLE, *_CASES)), [word] * 5]


def _by_patterns(word: str, cases: Sequence[tuple[str, Sequence[Sequence[str]]]]) -> Sequence[Sequence[str]]:
    lower = word.lower()
    for ending, patterns in cases:
        if lower.endswith(ending):
            kept = word[: len(word) - len(ending)]
            return [[_cased(kept, case, word) for case in pattern] for pattern in patterns]
    return [[word] * 5]


def _cased(kept: str, case: str, word: str) -> str:
    return kept + case if kept else case[:1].upper() + case[1:] if word[0].isupper() else case
