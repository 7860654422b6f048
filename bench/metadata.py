"""Titles, dates and authors of 100 pages, compared with trafilatura, against a table made by reading those pages.

    python -m bench.metadata [--wrong]

The pages are in ../shared/data/pages.tar.xz. The table, bench/data/titles.csv, has each page's file, its headline as
printed on the page, the day on which it says it was published, and its author. `¦` separates answers that are all
right; an empty cell means that the page tells none, `?` that it was not judged. A date is right if the day is; where
the table has none, any date is wrong. No feed is involved: in the pipeline, its title, date and author fill in what the
page does not say.
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
Row = dict[str, str]


class Told(NamedTuple):
    """A reader's result for a page; '' where it has none."""

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
    print(f"{len(rows)} pages")
    shares = {}
    for name, read in {"wirewatch": _wirewatch, "trafilatura": _trafilatura}.items():
        told = {row["file"]: read(pages[row["file"]]) for row in rows}
        shares[name] = _judged(name, rows, told)
        if wrong and name == "wirewatch":
            _print_wrong(rows, told)
    figures = [
        Figure(what, round(share, 3), peers={"trafilatura": round(shares["trafilatura"][what], 3)})
        for what, share in shares["wirewatch"].items()
    ]
    record("metadata", figures)


def _judged(name: str, rows: list[Row], told: dict[str, Told]) -> dict[str, float]:
    """Print what a reader got right; the shares by what they are of."""
    titles = sum(_right(row, told, "title") for row in rows)
    print(f"{name}: title {titles / len(rows):.2f} right")
    shares = {"titles right": titles / len(rows)}
    for field in ("date", "author"):
        judged = [row for row in rows if row[field] != "?"]
        answered = [row for row in judged if getattr(told[row["file"]], field)]
        right = sum(_right(row, told, field) for row in answered)
        has_one = [row for row in judged if row[field]]
        shares[f"{field}s right, of those answered"] = right / max(1, len(answered))
        shares[f"{field}s right, of the pages that tell one"] = right / len(has_one)
        print(
            f"  {field}: precision {right / max(1, len(answered)):.3f} ({right} of {len(answered)} answered),"
            f" found on {right / len(has_one):.2f} of the {len(has_one)} pages that tell one"
        )
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
