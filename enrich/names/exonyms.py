"""What countries, cities and international organisations are called in a language: `Rusia`, `Genf`, `OMS`. Counts only in
articles of that language."""

import csv
from collections import ChainMap, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain
from typing import cast

from enrich.names.gazetteer import Alias, Alike, Gazetteer, Named, Type, aliases_of, alike
from enrich.names.polish import polish_forms, polish_forms_of_person

_ENGLISH = ("countries.csv", "cities.csv")
_FILES = ("exonyms.csv", "exonyms_own.csv")
"""From CLDR, by bench/make/build_exonyms.py; and by hand: cities that CLDR does not name."""
_BY_NAME = {
    "place_exonyms.csv": ("regions.csv", "cities.csv"),
    "organisation_exonyms.csv": ("organisations.csv",),
}
"""By hand, under the English names: regions, seas, cities in the news; organisations. With the cases that Polish, Russian and
Ukrainian need and that have no pattern."""


@lru_cache(64)
def in_language(gazetteer: Gazetteer, language: str) -> Gazetteer:
    """A gazetteer with the names of a language as well; its own names come first where both have the same."""
    added = {
        first: _joined(gazetteer.aliases.get(first), aliases) for first, aliases in _exonyms(language).items()
    }
    return Gazetteer(ChainMap(added, dict(gazetteer.aliases)), gazetteer.people) if added else gazetteer


def _joined(known: Alike | None, added: Mapping[tuple[str, ...], list[Alias]]) -> Alike:
    """Known aliases and added ones; what it costs does not depend on how many are known."""
    if known is None:
        return alike(added)
    over: dict[tuple[str, ...], Sequence[Alias]] = {
        terms: [*_of_names(known.by_terms.get(terms, ())), *aliases] for terms, aliases in added.items()
    }
    sizes = sorted({*known.sizes, *map(len, added)}, reverse=True)
    return Alike(sizes, ChainMap(over, dict(known.by_terms)))


def _of_names(aliases: Sequence[Alias]) -> Iterator[Alias]:
    """Without what the English lists know as no name: `Roma` is a city in Italian."""
    return (alias for alias in aliases if alias.named.type != "none" or alias.named.own)


@cache
def _exonyms(language: str) -> Mapping[str, Mapping[tuple[str, ...], list[Alias]]]:
    """The names of a language, by their first term and by all."""
    found: defaultdict[str, defaultdict[tuple[str, ...], list[Alias]]] = defaultdict(
        lambda: defaultdict(list)
    )
    of_people = _polish_cases() if language == "pl" else ()
    for name, named in chain(_by_id(language), _by_name(language), of_people):
        for alias in aliases_of(name, named):
            found[alias.terms[0]][alias.terms].append(alias)
    return found


def _by_id(language: str) -> Iterator[tuple[str, Named]]:
    """What a language calls countries and cities."""
    named = {one.id: one for one in _english()}
    for row in chain.from_iterable(map(_rows, _FILES)):
        if row["language"] == language and row["id"] in named:
            yield from _in_cases(row["name"], named[row["id"]], language)


def _by_name(language: str) -> Iterator[tuple[str, Named]]:
    """What a language calls regions, some cities, and international organisations."""
    for file, lists in _BY_NAME.items():
        listed = chain.from_iterable(map(_rows, lists))
        named = {row["name"]: Named(row["name"], cast("Type", row["type"]), row["id"]) for row in listed}
        for row in _rows(file):
            if row["language"] == language:
                yield from _in_cases(row["name"], named[row["named"]], language)


def _in_cases(name: str, named: Named, language: str) -> Iterator[tuple[str, Named]]:
    """A name, and in Polish a place's other cases."""
    yield name, named
    if language == "pl" and named.type == "place":
        yield from ((form, named) for form in polish_forms(name))


def _polish_cases() -> Iterator[tuple[str, Named]]:
    """The people's names in Latin letters in the cases of Polish, marked as in their list."""
    for row in _rows("people.csv"):
        named = Named(row["name"], "person", row["id"])
        for written in (row["name"], *row["aliases"].split("|")):
            bare = written.lstrip("~!")
            mark = written.removesuffix(bare)
            forms = dict.fromkeys(polish_forms_of_person(bare))
            yield from ((mark + form, named) for form in forms if form != bare)


def _english() -> Iterator[Named]:
    """The places that have an id, under their English names."""
    for name in _ENGLISH:
        yield from (Named(row["name"], "place", row["id"]) for row in _rows(name))


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    text = files("enrich").joinpath(f"data/{name}").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())
