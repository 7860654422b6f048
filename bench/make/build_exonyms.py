"""Builds enrich/data/exonyms.csv: what countries and cities are called in other languages, from CLDR.

pip install babel && python -m bench.make.build_exonyms

A row is a language, the id that the English lists have, and the name. CLDR names all countries, and one city for each time zone
(nearly all capitals, and the largest cities). Names that are the same as in English are left out.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

LANGUAGES = ("ar", "de", "es", "fr", "it", "nl", "pl", "pt", "ru", "uk")
DATA = Path(__file__).parents[2] / "enrich" / "data"
OUT = DATA / "exonyms.csv"
NO_NAMES = {("fr", "Maurice"), ("fr", "Dominique"), ("it", "Monaco"), ("nl", "Man"), ("pl", "Dominika")}
"""Names that mostly mean something else in the language, such as a person of that name."""


def main() -> None:
    """Write the file."""
    known = {**_ids("cities.csv"), **_ids("countries.csv")}
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("language", "id", "name"))
        for language in LANGUAGES:
            rows = dict.fromkeys(_names(language, known))
            writer.writerows((language, *row) for row in sorted(rows))


def _ids(name: str) -> dict[str, str]:
    """The id of each English name; for towns of the same name, that of the first, which is the largest."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        rows = [(row["name"], row["id"]) for row in csv.DictReader(file) if row["id"]]
    return dict(reversed(rows))


def _names(language: str, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    from babel import Locale  # noqa: PLC0415 - only the build needs it

    here, english = Locale.parse(language), Locale.parse("en")
    codes = {identifier.partition(":")[2]: identifier for identifier in known.values()}
    for code, name in here.territories.items():
        for one in {name, *name.split(" (")[:1]}:
            if code in codes and one not in known and (language, one) not in NO_NAMES:
                yield codes[code], one
    for zone, names in here.time_zones.items():
        in_english = english.time_zones.get(zone, {}).get("city") or zone.rpartition("/")[2].replace("_", " ")
        name = names.get("city", "")
        if in_english in known and name and name not in known and (language, name) not in NO_NAMES:
            yield known[in_english], name


if __name__ == "__main__":
    main()
