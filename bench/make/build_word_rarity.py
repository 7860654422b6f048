"""Builds enrich/data/word_rarity.csv: the share of headlines and summaries of news feeds that use a word.

    python -m bench.make.build_word_rarity FOLDER

FOLDER holds feeds as they were served. Only counts are kept, and only of words that at least four items use.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import feedparser
from lxml.html import fromstring

from query.tokens import terms

FEWEST = 4
TARGET = Path("enrich/data/word_rarity.csv")


def main() -> None:
    """Count the words, and write the table."""
    items = set(texts(Path(sys.argv[1])))
    counts = Counter(term for text in items for term in set(terms(text)))
    rows = sorted((term, count) for term, count in counts.items() if count >= FEWEST and len(term) > 1)
    lines = [
        f"# word, uses in a million; of {len(items)} headlines with summaries (bench/make/build_word_rarity.py)"
    ]
    lines += [f"{term},{round(count / len(items) * 1_000_000)}" for term, count in rows]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


def texts(folder: Path) -> Iterator[str]:
    """The title and summary of each item."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            for entry in feedparser.parse(path.read_bytes()).entries:
                summary = plain(entry.get("summary", ""))[:400]
                yield f"{plain(entry.get('title', ''))} . {summary}"


def plain(html: str) -> str:
    """A fragment of HTML as text."""
    return str(fromstring(f"<p>{html}</p>").text_content()) if html.strip() else ""


if __name__ == "__main__":
    main()
