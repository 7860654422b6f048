"""Lines in the forms of news agencies, which feeds and pages seldom have, filled with the names of other texts.

They are datelines, tables of results, line-ups, and headlines in capitals and in title case.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from bench.material.entity_corpora import Marked, joined_texts

_ROWS = (
    "{rank}. {person} ({country}) {time}",
    "{person} ({country}) {time}",
    "{person} ({country}) beat {person} ({country}) {sets}",
    "{rank} - {person} ({country}) beat {person} ({country}) {sets}",
    "{club} {goals} {club} {goals}",
    "{club} {rank} {goals} {goals} {goals} {rank}",
    "{country} {goals} {country} {goals}",
    "{club} at {club}",
    "{rank}. {country} {rank} points",
    "{club} {goals} ({person} {rank}, {person} {rank}) {club} {goals}",
    "{rank}. {person} ({country}) {team} {time}",
    "Scorers: {person} ({rank}), {person} ({rank})",
    "{country}: {person}; {person}, {person}, {person}",
    "{person} c {person} b {person} {rank}",
)
"""A word in braces stands for a name of that type; a club has a place's name."""
_DATELINES = (
    "{PLACE} {year}-08-{day}",
    "{PLACE}, Aug {day} ({agency}) - ",
    "{PLACE} ({agency}) — ",
    "{PLACE}, {country}, {day} Aug - ",
    "{PLACE}: ",
)
AGENCIES = ("AP", "AFP", "Reuters", "dpa", "Xinhua", "Interfax", "PTI", "AAP", "Kyodo", "Bernama")
"""The agencies that datelines name."""
_TYPES = {
    "person": "person", "country": "place", "PLACE": "place", "club": "organisation", "team": "organisation",
    "agency": "organisation",
}  # fmt: skip
_FIELD = re.compile(r"\{(\w+)\}")
_SMALL = frozenset("a an the and or but of in on at to for by from with as is be vs via nor".split())  # noqa: SIM905
_LONGEST_HEADLINE = 16  # words
_LINES = 6  # of a table
_TABLES_MADE = 400
_DATELINE = 0.1  # share of the texts that get one
_HEADLINE = 0.16  # share of the texts whose first line is set in capitals or in title case


def forms(texts: Sequence[Marked], countries: Sequence[str]) -> Iterator[Marked]:
    """Tables with the names of texts and of countries, and the beginnings of some of the texts in other forms."""
    rng = random.Random(3)
    names = _names(texts, countries)
    for _ in range(_TABLES_MADE):
        rows = rng.sample(_ROWS, rng.randint(1, 2))
        yield joined_texts([_filled(rng.choice(rows), names, rng) for _ in range(_LINES)])
    for text in texts:
        first, *others = lines_of(text)
        if rng.random() < _DATELINE:
            line = _filled(rng.choice(_DATELINES), names, rng)
            begun = [_after(line, first)] if line.text.endswith(" ") else [line, first]
            yield joined_texts([*begun, *others[:1]])
        if others and len(first.text.split()) <= _LONGEST_HEADLINE and rng.random() < _HEADLINE:
            headline = Marked(rng.choice((str.upper, in_title_case))(first.text), first.names)
            if len(headline.text) == len(first.text):
                yield joined_texts([headline, *others[:2]])


def lines_of(text: Marked) -> Iterator[Marked]:
    """The lines of a text, each with its names."""
    at = 0
    for line in text.text.split("\n"):
        end = at + len(line)
        inside = [name for name in text.names if at <= name[0] and name[1] <= end]
        yield Marked(line, tuple((first - at, last - at, kind) for first, last, kind in inside))
        at = end + 1


def in_title_case(line: str) -> str:
    """A line with capitals as in a headline."""
    return re.sub(
        r"(?<![\w’'])[a-z][\w’']*",
        lambda word: word[0] if word[0] in _SMALL else word[0][0].upper() + word[0][1:],
        line,
    )


def _names(texts: Sequence[Marked], countries: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """The names of the texts that fill the forms, by field; none twice."""
    of_type: dict[str, dict[str, None]] = {"person": {}, "place": {}, "organisation": {}}
    for text in texts:
        for first, last, kind in text.names:
            of_type[kind][text.text[first:last]] = None
    people = [name for name in of_type["person"] if 2 <= len(name.split()) <= 3]
    places = [name for name in of_type["place"] if len(name.split()) <= 2 and name[0].isupper()]
    organisations = [name for name in of_type["organisation"] if len(name.split()) <= 2]
    return {
        "person": people,
        "country": countries,
        "club": [name for name in places if name not in countries],
        "PLACE": places,
        "team": organisations,
        "agency": AGENCIES,
    }


def _filled(form: str, names: Mapping[str, Sequence[str]], rng: random.Random) -> Marked:
    """A form with names and numbers."""
    text, marked, end = "", [], 0
    for field in _FIELD.finditer(form):
        text += form[end : field.start()]
        end = field.end()
        value = _number(field[1], rng) or rng.choice(names[field[1]])
        value = value.upper() if field[1] == "PLACE" else value
        if kind := _TYPES.get(field[1]):
            marked.append((len(text), len(text) + len(value), kind))
        text += value
    return Marked(text + form[end:], tuple(marked))


def _number(field: str, rng: random.Random) -> str:
    """A number for a field; '' if it takes a name."""
    match field:
        case "rank":
            return str(rng.randint(1, 90))
        case "goals":
            return str(rng.randint(0, 6))
        case "day":
            return f"{rng.randint(1, 31):02}"
        case "year":
            return str(rng.randint(1990, 2026))
        case "time":
            return f"{rng.randint(1, 59)}:{rng.randint(0, 59):02}.{rng.randint(0, 99):02}"
        case "sets":
            return " ".join(f"{rng.randint(6, 7)}-{rng.randint(0, 6)}" for _ in range(rng.randint(2, 3)))
    return ""


def _after(line: Marked, text: Marked) -> Marked:
    """A text that begins with a line."""
    size = len(line.text)
    return Marked(
        line.text + text.text,
        (*line.names, *((first + size, last + size, kind) for first, last, kind in text.names)),
    )
