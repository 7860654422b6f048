"""Writes English texts for a teacher to mark the names in, which train_entities then learns from.

    python -m bench.make.silver_texts > texts.txt

A paragraph a line, an empty line between texts. They are the English pages of ../shared/data/pages.tar.xz and the items of
feeds.tar.xz, as wirewatch reads them. Left out are lines that an earlier text has, too; lines in title case, where capitals
tell the teacher nothing; lines of code; and lines that share eight words in a row with the newswire articles that measure the
tagger.
"""

import re
import sys
from collections.abc import Iterator, Sequence

from bench.extraction import read_by_wirewatch, samples_or_exit
from bench.material.entity_corpora import newswire
from bench.material.feeds import real_feeds
from enrich.language import detect
from enrich.names.features import is_headline, see
from ingest.page.own_text import is_full_text
from ingest.page.plain_text import plain_text
from query.match import Words

_SHORTEST = 5  # words of a line
_CODE = re.compile(r"[{}<>=_|\\#*~^`]|\(\)|//|\w\.\w+\(")
_MOST_CODE = 0.02  # marks of code for each word
_ALIKE = 8  # words in a row
_LONGEST = 40_000  # characters of a text
_BLOCK = re.compile(r"</?(?:p|div|li|tr|td|h\d|br|blockquote)\b[^>]*>", re.IGNORECASE)

Text = Sequence[str]
"""The paragraphs of a text."""


def main() -> None:
    """Write the texts to standard output."""
    texts = [text for text in (*_pages(), *_items()) if detect("\n".join(text)) == "en"]
    held_out = frozenset(
        part for one in (*newswire("test"), *newswire("development")) for part in _parts(one.text)
    )
    written: set[str] = set()
    for text in texts:
        new = [line for line in text if line not in written]
        written.update(new)
        if kept := [line for line in new if is_prose(line) and held_out.isdisjoint(_parts(line))]:
            sys.stdout.write("\n".join(kept) + "\n\n")


def _pages() -> Iterator[Text]:
    for page in samples_or_exit():
        if article := read_by_wirewatch(page):
            yield _paragraphs(f"{article.title}\n{article.text}")


def _items() -> Iterator[Text]:
    for feed in real_feeds():
        for item in feed.items:
            whole = is_full_text(item.content_html)
            blocks = _BLOCK.split(item.content_html[:_LONGEST]) if whole else [item.summary]
            yield _paragraphs("\n".join([item.title, *(plain_text(block, _LONGEST) for block in blocks)]))


def _paragraphs(text: str) -> Text:
    return [
        line for line in dict.fromkeys(" ".join(line.split()) for line in text[:_LONGEST].split("\n")) if line
    ]


def is_prose(line: str) -> bool:
    """Whether a line is neither a fragment, nor code, nor in title case."""
    words = Words(line)
    is_code = len(_CODE.findall(line)) > _MOST_CODE * len(words.terms)
    return len(words.terms) >= _SHORTEST and not is_code and not is_headline(see(words, []))


def _parts(text: str) -> Iterator[tuple[str, ...]]:
    terms = Words(text).terms
    return (tuple(terms[at : at + _ALIKE]) for at in range(len(terms) - _ALIKE + 1))


if __name__ == "__main__":
    main()
