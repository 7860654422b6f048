"""Polish names of places in their cases: `w Polsce`, `do Krakowa`."""

from collections.abc import Iterator, Sequence

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


def _forms(word: str) -> Sequence[Sequence[str]]:
    """The five cases of a word, by each pattern that may be its own."""
    lower = word.lower()
    for ending, patterns in _CASES:
        if lower.endswith(ending):
            kept = word[: len(word) - len(ending)]
            return [[_cased(kept, case, word) for case in pattern] for pattern in patterns]
    return [[word] * 5]


def _cased(kept: str, case: str, word: str) -> str:
    return kept + case if kept else case[:1].upper() + case[1:] if word[0].isupper() else case
