"""Blocks of pages, described in numbers and marked as part of the article or not: the training data for the model of blocks.

The real pages and their segments are in ../shared/data. bench/data/block_marks.csv has more marks, set by hand, for blocks of
these pages that an earlier model was unsure of; a hash identifies the block, so no text is kept. The made pages are the demo's
articles in all its looks, some of them respelled in a script without spaces.
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray
from tld import get_fld

from bench.extraction import Sample, samples_or_exit
from demo.pages import render_article
from demo.world import Article, Look, World, bundled
from ingest.page.block_features import Base, Numbers, compare, features
from ingest.page.blocks import Blocks, read_blocks
from ingest.page.charsets import decode
from ingest.page.extract import page_tree
from ingest.page.main_text import first_reading
from ingest.page.metadata import read_metadata
from stream.errors import Reject

MARKS = Path(__file__).parents[1] / "data" / "block_marks.csv"
UNKNOWN, NO, YES = -1, 0, 1
_MADE_UP_TO = 4  # articles per outlet that are made into pages
_LOOKS: tuple[Look, ...] = ("agency", "blog", "broadsheet", "local", "magazine", "portal")
_WHOLE = 0.25  # share of a block that a segment must cover to mark the block
_SHORT = 150  # characters of a block that a segment marks whatever its share of the block


class MarkedPage(NamedTuple):
    """A page.

    Attributes:
        site: its registrable domain; pages of one site never stand on both sides of a cross-validation.
        sample: the known segments; None for a made page.
        first: the first reading, which the model corrects.
        page: what was read.
        title: the headline.
        found: its blocks.
        base: the first reading, compared with the blocks.
        rows: block x feature.
        marks: for each block `YES`, `NO` or `UNKNOWN`.
    """

    site: str
    sample: Sample | None
    first: str
    title: str
    found: Blocks
    base: Base
    rows: Numbers
    marks: NDArray[np.int64]


def real_pages() -> list[MarkedPage]:
    """The pages of ../shared/data; exits without them."""
    by_hand = _by_hand()
    return [page for sample in samples_or_exit() if (page := _real(sample, by_hand))]


def made_pages() -> list[MarkedPage]:
    """The demo's articles in all looks, every third respelled."""
    world = bundled()
    pages = []
    for number, (look, article) in enumerate(
        (look, article)
        for outlet in world.outlets
        for article in _articles(world, outlet.host)
        for look in _LOOKS
    ):
        outlet = msgspec.structs.replace(article.outlet, look=look, charset="utf-8")
        shown = msgspec.structs.replace(article, outlet=outlet)
        body = render_article(world, shown, world.articles[:20], 80)
        tree = page_tree(decode(body, "utf-8"), "https://demo.example/")
        wanted = [block.text for block in article.blocks]
        if number % 3 == 0:
            _respell(tree)
            wanted = [_respelled(text) for text in wanted]
        if page := _read(tree, "https://demo.example/", outlet.host):
            whole = "".join(map(_key, wanted))
            marks = np.array([YES if _key(block.text) in whole else NO for block in page.found.blocks])
            pages.append(page._replace(marks=marks))
    return pages


def _articles(world: World, host: str) -> list[Article]:
    return [one for one in world.articles if one.outlet.host == host and one.fault in ("", "slow")][
        :_MADE_UP_TO
    ]


def _real(sample: Sample, by_hand: dict[tuple[str, str], int]) -> MarkedPage | None:
    try:
        tree = page_tree(decode(sample.body, ""), sample.url)
    except Reject:
        return None
    page = _read(tree, sample.url, get_fld(sample.url, fail_silently=True) or sample.file)
    if page is None:
        return None
    marks = _marks(page, sample)
    for place, block in enumerate(page.found.blocks):
        if marks[place] == UNKNOWN:
            marks[place] = by_hand.get((sample.file, block_hash(block.text)), UNKNOWN)
    return page._replace(sample=sample, marks=marks)


def _read(tree: HtmlElement, url: str, site: str) -> MarkedPage | None:
    """A page without marks; None if it has no text."""
    told = read_metadata(tree, url, "")
    title = told.title.text
    first, page = first_reading(tree, url, title, told.summary)
    found = read_blocks(page)
    if not first or not found.blocks:
        return None
    base = compare(found.blocks, first)
    rows = features(found, base, told.summary)
    return MarkedPage(site, None, first, title, found, base, rows, np.full(len(found.blocks), UNKNOWN))


def _marks(page: MarkedPage, sample: Sample) -> NDArray[np.int64]:
    """The marks of the blocks according to the segments; where segments contradict each other, the mark stays unknown."""
    keys = [_key(block.text) for block in page.found.blocks]
    yes = {place for segment in map(_key, sample.wanted) for place in _one_of(segment, keys, page.base.held)}
    no = {place for segment in map(_key, sample.unwanted) for place in _all_of(segment, keys)}
    marks = np.full(len(keys), UNKNOWN)
    marks[list(yes - no)] = YES
    marks[list(no - yes)] = NO
    return marks


def _one_of(segment: str, keys: Sequence[str], held: Sequence[bool]) -> Iterator[int]:
    """The block that a wanted segment marks: of several, the one in the first reading, or else the longest."""
    places = [place for place, key in enumerate(keys) if segment in key]
    among = [place for place in places if held[place]]
    if len(places) == 1 or len(among) == 1:
        yield (places if len(places) == 1 else among)[0]
    elif places and not among:
        yield max(places, key=lambda place: len(keys[place]))


def _all_of(segment: str, keys: Sequence[str]) -> Iterator[int]:
    """The blocks that an unwanted segment marks."""
    places = [place for place, key in enumerate(keys) if segment in key]
    for place in places:
        if len(segment) > _WHOLE * len(keys[place]) or len(keys[place]) < _SHORT or len(places) == 1:
            yield place


def _by_hand() -> dict[tuple[str, str], int]:
    with MARKS.open(encoding="utf-8", newline="") as file:
        return {(row["file"], row["block"]): int(row["article"]) for row in csv.DictReader(file)}


def block_hash(text: str) -> str:
    """The hash that identifies a block in block_marks.csv."""
    return hashlib.blake2b(_key(text).encode(), digest_size=6).hexdigest()


def _key(text: str) -> str:
    return "".join(text.split())


def _respell(tree: HtmlElement) -> None:
    """Write all text of a page in a script without spaces."""
    for element in tree.iter():
        if isinstance(element.tag, str) and element.tag not in ("script", "style"):
            element.text = element.text and _respelled(element.text)
        element.tail = element.tail and _respelled(element.tail)


def _respelled(text: str) -> str:
    """Two characters a word, full stops and commas as in Chinese."""
    words = text.translate(str.maketrans({".": " 。", ",": " ，", "?": " ？"})).split()
    return "".join(word if word in "。，？" else _ideographs(word) for word in words)


def _ideographs(word: str) -> str:
    number = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest(), "big")
    return chr(0x4E00 + number % 5000) + chr(0x4E00 + number // 5000 % 5000)
