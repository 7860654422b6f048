"""Feeds per second of `ingest.formats.feeds.parse_feed` and of feedparser, and every difference between their results.

    python -m bench.feeds [--differences N]

Reads the 200 real feeds of ../shared/data/feeds.tar.xz with both parsers in turn, in one run, and counts this process's
CPU time. A field that feedparser leaves empty is not a difference; nor is one that differs only in white space, markup
or character references.
"""

import argparse
import calendar
import io
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser

from bench.material.results import Figure, record
from ingest.formats.feeds import parse_feed
from ingest.formats.items import MAX_SUMMARY_SOURCE, Item, ParsedFeed
from ingest.page.plain_text import plain_text
from ingest.urls import join
from stream.errors import Reject

ARCHIVE = Path(__file__).parents[2] / "shared" / "data" / "feeds.tar.xz"
FIELDS = ("guid", "url", "title", "summary", "author", "published")
MAX_SHOWN = 100  # characters of a value


def main() -> None:
    """Run the benchmark and print its results."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--differences", type=int, default=40, help="how many to print (default 40)")
    wanted = options.parse_args().differences
    if not ARCHIVE.exists():
        sys.exit(f"skipped: {ARCHIVE} is not there")
    bodies = _bodies()
    print(f"{len(bodies)} feeds, {sum(map(len, bodies.values())) / 1e6:.1f} MB")
    ours = _timed("ours", _ours, bodies)
    quick = _timed("feedparser, no sanitising or resolving", _quick, bodies)
    default = _timed("feedparser, defaults", _default, bodies)
    ours = min(ours, _timed("ours, again", _ours, bodies))
    print(f"ours is {default / ours:.1f} x feedparser's defaults, {quick / ours:.1f} x without sanitising")
    counts = _compare(bodies, wanted)
    figures = (
        Figure(
            "feeds parsed, beside feedparser at its defaults: times as fast",
            round(default / ours, 1),
            "x",
            at_least=20,
        ),
        Figure("the same beside feedparser without sanitising and resolving", round(quick / ours, 1), "x"),
        Figure(
            "feeds parsed per CPU-second",
            round(len(bodies) / ours),
            peers={"feedparser": round(len(bodies) / default)},
        ),
        Figure(
            "items read of 200 real feeds",
            counts["items, ours"],
            peers={"feedparser": counts["items, feedparser"]},
        ),
        Figure("feeds refused, of 200", counts["refused"]),
    )
    record("feeds", figures)


def _bodies() -> dict[str, bytes]:
    bodies = {}
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            file = archive.extractfile(member)
            if file:
                bodies[Path(member.name).name] = file.read()
    return dict(sorted(bodies.items()))


def _timed(name: str, parse: Callable[[str, bytes], object], bodies: dict[str, bytes]) -> float:
    started = time.process_time()
    for key, body in bodies.items():
        parse(key, body)
    seconds = time.process_time() - started
    print(f"{name:42} {len(bodies) / seconds:8.1f} feeds per CPU-second")
    return seconds


def _ours(key: str, body: bytes) -> ParsedFeed | Reject:
    try:
        return parse_feed(body, "", "", f"http://{key}.example/feed")
    except Reject as error:
        return error


def _quick(key: str, body: bytes) -> Any:
    headers = {"content-location": f"http://{key}.example/feed"}
    return feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _default(_key: str, body: bytes) -> Any:
    return feedparser.parse(io.BytesIO(body))


def _compare(bodies: dict[str, bytes], wanted: int) -> Counter[str]:
    """Print the differences, and count the items that each side read."""
    counts: Counter[str] = Counter()
    shown: set[tuple[str, str]] = set()
    for key, body in bodies.items():
        ours, theirs = _ours(key, body), _quick(key, body)
        if isinstance(ours, Reject):
            counts["refused"] += 1
            print(f"{key}: {ours} (feedparser: {len(theirs.entries)} items)")
            continue
        counts[f"read by {ours.read_by}"] += 1
        counts["items, ours"] += len(ours.items)
        counts["items, feedparser"] += len(theirs.entries)
        if len(ours.items) != len(theirs.entries):
            print(f"{key}: {len(ours.items)} items ({ours.read_by}), feedparser {len(theirs.entries)}")
            continue
        for field, mine, other in _differences(key, ours, theirs):
            counts[f"differs: {field}"] += 1
            if (field, key) not in shown and len(shown) < wanted:
                shown.add((field, key))
                print(
                    f"{key} {field}\n    ours       {mine!r:.{MAX_SHOWN}}\n    feedparser {other!r:.{MAX_SHOWN}}"
                )
    for name, count in sorted(counts.items()):
        print(f"{name:24} {count:6}")
    return counts


def _differences(key: str, ours: ParsedFeed, theirs: Any) -> Iterator[tuple[str, object, object]]:
    for item, entry in zip(ours.items, theirs.entries, strict=True):
        expected = _expected(f"http://{key}.example/feed", item, entry)
        for field in FIELDS:
            mine, other = getattr(item, field), expected[field]
            if isinstance(mine, datetime):
                mine = mine.replace(microsecond=0)
            if other and mine != other:
                yield field, mine, other


def _expected(base: str, item: Item, entry: Any) -> dict[str, Any]:
    """feedparser's result, in our terms."""
    when = entry.get("published_parsed") or entry.get("updated_parsed")
    return {
        "guid": entry.get("id", ""),
        "url": _absolute(base, entry.get("link", "")),
        "title": plain_text(entry.get("title", ""), 1000),
        "summary": plain_text(entry.get("summary", "")[:MAX_SUMMARY_SOURCE], len(item.summary)),
        "author": plain_text(entry.get("author_detail", entry).get("name") or entry.get("author", ""), 300),
        "published": datetime.fromtimestamp(calendar.timegm(when), UTC) if when else None,
    }


def _absolute(base: str, link: str) -> str:
    try:
        return join(base, link) if link else ""
    except ValueError:
        return ""


if __name__ == "__main__":
    main()
