"""Measures how well and how fast pages are read, compared with trafilatura and others, over the same pages in one run.

    python -m bench.extraction [--pages 990]

Pages and ground truth are trafilatura's own evaluation in ../shared/data/pages.tar.xz: for each page, segments that
must be in the text and segments that must not, counted as that evaluation counts them. wirewatch's rules were chosen on
the half `tuned on`; the half `held out` (by a hash of the file's name) was not looked at. Its model of blocks was trained on
both halves: bench/blocks.py cross-validates what it adds to the rules. Speed is pages per CPU-second, from bytes. wirewatch
gives text, metadata and links from one parse; the first lines compare its CPU with trafilatura's three calls.
"""

import argparse
import hashlib
import json
import logging
import sys
import tarfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from bench.material.pages import ARCHIVE
from bench.material.results import Figure, record
from ingest.page.charsets import decode
from ingest.page.extract import extract, page_tree
from ingest.page.main_text import first_reading
from ingest.page.metadata import read_metadata
from stream.errors import Reject
from stream.messages import Article, Entry, Page

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Sample(NamedTuple):
    """A page and the known segments of its text."""

    file: str
    url: str
    body: bytes
    wanted: list[str]
    unwanted: list[str]
    held_out: bool


class Counts(NamedTuple):
    """Segments: wanted and found, wanted and missed, unwanted and found."""

    found: int
    missed: int
    intruding: int

    @property
    def precision(self) -> float:
        """Of what was found, the share that was wanted."""
        return self.found / max(1, self.found + self.intruding)

    @property
    def recall(self) -> float:
        """Of what was wanted, the share that was found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    def line(self) -> str:
        """Precision, recall and F1."""
        return f"{self.precision:.3f} {self.recall:.3f} {self.f1:.4f}"


def main() -> None:
    """Run all and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--pages", type=int, default=990)
    options.add_argument(
        "--paired", type=int, default=300, help="pages on which all calls take turns (default 300)"
    )
    chosen = options.parse_args()
    pages = samples_or_exit()[: chosen.pages]
    logging.disable(logging.CRITICAL)
    print(f"{len(pages)} pages, {sum(page.held_out for page in pages)} of them held out")
    print(f"{'':<34}{'tuned on':^23}{'held out':^23} pages per")
    print(f"{'':<34}{'prec. recall F1':^23}{'prec. recall F1':^23} CPU-second")
    paired = _paired(pages[: chosen.paired])
    _measure("wirewatch (has seen these pages)", _wirewatch(), pages)
    ours = _measure("wirewatch, rules alone", _rules, pages)
    others = {name: _measure(name, reader, pages) for name, reader in _trafilatura()}
    for name, load in OTHERS.items():
        try:
            reader = load()
        except ImportError:
            print(f"{name:<34}skipped: not installed")
            continue
        others[name] = _measure(name, reader, pages)
    figures = (
        Figure(
            "text of a page by the rules alone, on the held-out half: F1",
            round(ours, 3),
            peers={name: round(f1, 3) for name, f1 in others.items()},
        ),
        Figure(
            "CPU of text, metadata and links, beside trafilatura's three calls for them",
            round(paired.all_calls, 2),
            "x",
        ),
        Figure(
            "CPU of text, metadata and links, beside trafilatura's text alone",
            round(paired.text, 2),
            "x",
            at_most=1.1,
        ),
    )
    record("extraction", figures)


def samples_or_exit() -> list[Sample]:
    """The pages with their segments; exits with a message if the data is missing."""
    if not ARCHIVE.exists():
        sys.exit(f"skipped: {ARCHIVE} is not there")
    bodies: dict[str, bytes] = {}
    truth = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            if (file := archive.extractfile(member) if member.isfile() else None) is None:
                continue
            if member.name.endswith("evaldata.json"):
                truth = json.load(file)
            else:
                bodies[member.name.rpartition("/")[2]] = file.read()
    return [
        Sample(
            known["file"],
            _url(url),
            bodies[known["file"]],
            known["with"],
            known["without"],
            held_out(known["file"]),
        )
        for url, known in truth.items()
        if known["file"] in bodies
    ]


def held_out(file: str) -> bool:
    """Whether a page is in the half that no rule was chosen on."""
    return hashlib.blake2b(file.encode()).digest()[0] % 2 == 0


def _url(url: str) -> str:
    """The page's URL; some in the data are mistyped."""
    start = url.find("http")
    return url[start:].strip() if start >= 0 else "https://site.example/page"


Reader = Callable[[Sample], str]


def _measure(name: str, read: Reader, pages: list[Sample]) -> float:
    """Read all pages, print a row, and return the F1 on the held-out half."""
    read(pages[0])
    started = time.process_time()
    texts = [read(page) for page in pages]
    seconds = time.process_time() - started
    tuned, kept = (
        count((page, text) for page, text in zip(pages, texts, strict=True) if page.held_out is half)
        for half in (False, True)
    )
    print(f"{name:<34}{tuned.line():^23}{kept.line():^23}{len(pages) / seconds:8.1f}", flush=True)
    return kept.f1


def count(read: Iterable[tuple[Sample, str]]) -> Counts:
    """Count the segments of pages in the texts read from them."""
    found = missed = intruding = 0
    for page, text in read:
        hits = sum(segment in text for segment in page.wanted)
        found, missed = found + hits, missed + len(page.wanted) - hits
        intruding += sum(segment in text for segment in page.unwanted)
    return Counts(found, missed, intruding)


class Paired(NamedTuple):
    """CPU, as a multiple of trafilatura's three calls, and of its call for the text."""

    all_calls: float
    text: float


def _paired(pages: list[Sample]) -> Paired:
    """CPU as a multiple of trafilatura's three calls. They take turns, so that a busy machine slows all alike."""
    metadata, links = _other_calls()
    calls = {"wirewatch": _wirewatch(), "text": _trafilatura()[0][1], "metadata": metadata, "links": links}
    spent = dict.fromkeys(calls, 0.0)
    for number, page in enumerate([*pages[:1], *pages]):
        for name, call in calls.items():
            started = time.process_time()
            call(page)
            spent[name] += (
                (time.process_time() - started) if number else 0.0
            )  # the first loads models and caches
    ours = spent.pop("wirewatch")
    shares = ", ".join(f"{name} {1000 * seconds / len(pages):.1f}" for name, seconds in spent.items())
    print(f"CPU ms a page over {len(pages)} pages: trafilatura in three calls: {shares}")
    print(
        f"  wirewatch, all of it: {1000 * ours / len(pages):.1f}, {ours / sum(spent.values()):.2f} x their sum,"
        f" {ours / spent['text']:.2f} x the text",
        flush=True,
    )
    return Paired(ours / sum(spent.values()), ours / spent["text"])


def _wirewatch() -> Reader:
    def read(page: Sample) -> str:
        article = read_by_wirewatch(page)
        return article.text if article else ""

    return read


def _rules(page: Sample) -> str:
    """The text without the model of blocks."""
    try:
        tree = page_tree(decode(page.body, ""), page.url)
    except Reject:
        return ""
    told = read_metadata(tree, page.url, "")
    return first_reading(tree, page.url, told.title.text, told.summary).text


def read_by_wirewatch(page: Sample) -> Article | None:
    """The article as the pipeline reads it, without a feed's metadata; None if the page is refused."""
    entry = Entry(feed="", source="", guid="", url=page.url, seen=NOW, key="")
    fetched = Page(
        entry=entry, url=page.url, content_type="text/html", charset="", body=page.body, fetched=NOW, key=""
    )
    try:
        return extract(fetched, NOW)
    except Reject:
        return None


def _trafilatura() -> list[tuple[str, Reader]]:
    import trafilatura  # noqa: PLC0415

    modes: dict[str, dict[str, bool]] = {
        "default": {},
        "fast": {"fast": True},
        "fast, favor_recall": {"fast": True, "favor_recall": True},
        "favor_precision": {"favor_precision": True},
        "favor_recall": {"favor_recall": True},
    }

    def reader(options: dict[str, bool]) -> Reader:
        return lambda page: (
            trafilatura.extract(page.body, url=page.url, include_comments=False, **options) or ""
        )

    return [(f"trafilatura, {name}", reader(options)) for name, options in modes.items()]


def _other_calls() -> tuple[Callable[[Sample], object], Callable[[Sample], object]]:
    """trafilatura's calls for metadata and for links (by courlan, which its own spider uses)."""
    import trafilatura  # noqa: PLC0415
    from courlan import extract_links  # noqa: PLC0415

    def links(page: Sample) -> object:
        return extract_links(page.body.decode("utf-8", "replace"), url=page.url, no_filter=True)

    return lambda page: trafilatura.extract_metadata(page.body, default_url=page.url), links


def _readability() -> Reader:
    from lxml import html  # noqa: PLC0415
    from readability import Document  # noqa: PLC0415

    def read(page: Sample) -> str:
        try:
            return html.fromstring(Document(page.body.decode("utf-8", "replace")).summary()).text_content()  # type: ignore[no-any-return]
        except Exception:  # noqa: BLE001 - whatever it raises, it found no text
            return ""

    return read


def _newspaper() -> Reader:
    from newspaper import Article  # noqa: PLC0415

    def read(page: Sample) -> str:
        article = Article(page.url)
        article.set_html(page.body.decode("utf-8", "replace"))
        try:
            article.parse()
        except Exception:  # noqa: BLE001 - as above
            return ""
        return str(article.text)

    return read


OTHERS: dict[str, Callable[[], Reader]] = {
    "readability-lxml": _readability,
    "newspaper4k": _newspaper,
}


if __name__ == "__main__":
    main()
