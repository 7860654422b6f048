"""What countries and cities are called in a language: `Rusia`, `Genf`. Counts only in articles of that language."""

import csv
from collections import ChainMap, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from itertools import chain

from enrich.names.gazetteer import Alias, Alike, Gazetteer, Named, aliases_of, alike
from enrich.names.polish import polish_forms

_ENGLISH = ("countries.csv", "cities.csv")
_FILES = ("exonyms.csv", "exonyms_own.csv")
"""From CLDR, by bench/make/build_exonyms.py; and by hand: cities that CLDR does not name."""


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
    named = {one.id: one for one in _english()}
    found: defaultdict[str, defaultdict[tuple[str, ...], list[Alias]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in chain.from_iterable(map(_rows, _FILES)):
        if row["language"] == language and row["id"] in named:
            for name in (row["name"], *(polish_forms(row["name"]) if language == "pl" else ())):
                for alias in aliases_of(name, named[row["id"]]):
                    found[alias.terms[0]][alias.terms].append(alias)
    return found


def _english() -> Iterator[Named]:
    """The places that have an id, under their English names."""
    for name in _ENGLISH:
        yield from (Named(row["name"], "place", row["id"]) for row in _rows(name))


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    text = files("enrich").joinpath(f"data/{name}").read_text("utf-8")
    yield from csv.DictReader(text.splitlines())
