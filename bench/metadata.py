"""Measures the titles, dates and authors of 269 pages, beside trafilatura's, against a table made by reading those pages.

    python -m bench.metadata [--wrong]

The pages are in ../shared/data/pages.tar.xz. The table, bench/data/titles.csv, has each page's file, its headline as
printed on the page, the day on which it says it was published, and its author. `¦` separates answers that are equally right; an
empty cell means that the page has none, `?` that it was not judged. A date is right if the day is; where the table has none,
any date is wrong. No feed is involved: in the pipeline, its title, date and author fill in what the page does not say. The
rules were chosen on the parts `first` and `tuned on`; `held out` is only looked at as a whole. `--wrong` lists the faults of
the other parts.
"""

import argparse
import csv
import logging
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from bench.extraction import Sample, samples_or_exit
from bench.material.results import Figure, record

TABLE = Path(__file__).parent / "data" / "titles.csv"
PARTS = ("first", "tuned on", "held out")
AT_LEAST = {
    "titles right, of the pages that tell one": 0.88,
    "dates right, of the pages that tell one": 0.88,
    "authors right, of the pages that tell one": 0.80,
}
AT_MOST = {
    "dates wrong, of the pages that tell one": 0.05,
    "dates invented, of the pages that tell none": 0.185,
}
"""Goals, on pages that no rule was chosen on."""
Row = dict[str, str]


class Told(NamedTuple):
    """A reader's result for a page; '' if it has none."""

    title: str
    date: str
    author: str


def main() -> None:
    """Run both and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--wrong", action="store_true", help="list what ours got wrong")
    wrong = options.parse_args().wrong
    logging.disable(logging.CRITICAL)
    pages = {page.file: page for page in samples_or_exit()}
    with TABLE.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["file"] in pages]
    readers = {"wirewatch": _wirewatch, "trafilatura": _trafilatura}
    told = {name: {row["file"]: read(pages[row["file"]]) for row in rows} for name, read in readers.items()}
    figures = []
    for part in PARTS:
        of_part = [row for row in rows if row["part"] == part]
        print(f"{part}: {len(of_part)} pages")
        shares = {name: _judged(name, of_part, told[name]) for name in readers}
        figures += [
            Figure(
                f"{part}: {what}",
                round(share, 3),
                at_most=AT_MOST.get(what) if part == "held out" else None,
                at_least=AT_LEAST.get(what) if part == "held out" else None,
                peers={"trafilatura": round(shares["trafilatura"][what], 3)},
            )
            for what, share in shares["wirewatch"].items()
        ]
    if wrong:
        _print_wrong([row for row in rows if row["part"] != "held out"], told["wirewatch"])
    record("metadata", figures)


def _judged(name: str, rows: list[Row], told: dict[str, Told]) -> dict[str, float]:
    """Print what a reader got right; returns the shares by name."""
    shares = {}
    for field in ("title", "date", "author"):
        judged = [row for row in rows if row[field] != "?"]
        has_one = [row for row in judged if row[field].strip("¦")]
        answered = [row for row in has_one if getattr(told[row["file"]], field)]
        right = sum(_right(row, told, field) for row in has_one) / len(has_one)
        shares[f"{field}s right, of the pages that tell one"] = right
        shares[f"{field}s wrong, of the pages that tell one"] = sum(
            not _right(row, told, field) for row in answered
        ) / len(has_one)
        without = [row for row in judged if not row[field]]
        if without:
            invented = sum(bool(getattr(told[row["file"]], field)) for row in without)
            shares[f"{field}s invented, of the pages that tell none"] = invented / len(without)
    print(f"  {name}: " + ", ".join(f"{what} {share:.3f}" for what, share in shares.items()))
    return shares


def _print_wrong(rows: list[Row], told: dict[str, Told]) -> None:
    for row in rows:
        for field in ("title", "date", "author"):
            if row[field] != "?" and not _right(row, told, field):
                print(f"    {row['file']}: {field} {getattr(told[row['file']], field)!r}, not {row[field]!r}")


def _right(row: Row, told: dict[str, Told], field: str) -> bool:
    answer = getattr(told[row["file"]], field)
    return _plain(answer) in {_plain(one) for one in row[field].split("¦")}


def _plain(text: str) -> str:
    """Without case, accents of typography, punctuation and soft hyphens."""
    text = unicodedata.normalize("NFKC", text).replace("\u00ad", "")
    return " ".join(re.findall(r"\w+", text.casefold()))


def _wirewatch(page: Sample) -> Told:
    from bench.extraction import read_by_wirewatch  # noqa: PLC0415 - each side loads its own

    article = read_by_wirewatch(page)
    if article is None:
        return Told("", "", "")
    day = article.published.date().isoformat() if article.published else ""
    return Told(article.title, day, article.author)


def _trafilatura(page: Sample) -> Told:
    import trafilatura  # noqa: PLC0415

    told = trafilatura.extract_metadata(page.body, default_url=page.url)
    return Told(told.title or "", told.date or "", (told.author or "").replace("; ", ", "))


if __name__ == "__main__":
    main()
