"""Describes a page's blocks in numbers, for the model that decides which belong to the article: the text, its place, and how
much of it and its surroundings the first reading of the page (the base) has.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.page.blocks import SIGNS, Block, Blocks
from ingest.page.furniture import normalise
from ingest.page.page_text import INVISIBLE, UNSEEN

Numbers = NDArray[np.float32]
_Column = NDArray[Any]

_LOOKED_AT = 400  # characters of a block that are enough to characterise its text
_SPACED = 15  # characters per space, above which a script writes no spaces between words
_DENSE = 2.5  # Latin letters that carry as much as one character of such a script
_USUAL_WORD = 6.0  # characters
_SAME = 40  # characters at their start that make two texts the same
_ABOUT = 10  # characters, to rule out most texts quickly
_FAR = 50  # blocks
_MOST_PAIRS, _MOST_COMPARED = 300_000, 20_000_000  # lines x blocks, and characters of lines x blocks
_ENDED = re.compile(r"[.!?…;。！？؟۔।॥][\"'»”’“)\]]*$")
_MARKS = re.compile(r"[,.;:!?…、。，！？؟،।]")
_UPPER = re.compile(r"\b[A-ZÀ-ÞА-ЯΑ-Ω]")
_SIGN = re.compile(r"[|»›→▶•·#@©]|https?://|www\.")
_DIGITS = "0123456789"
_TAGS = (
    *(
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "li",
        "td",
        "div",
        "section",
        "figcaption",
        "blockquote",
        "dd",
        "dt",
        "pre",
    ),
    *("article", "ul"),
)
_TAG_PLACE = {tag: place for place, tag in enumerate(_TAGS)}
_BITS = np.arange(len(SIGNS))

_TEXT = ("length", "linked", "ended", "marks", "upper", "digits", "sign", "word length")
_OF_NEIGHBOUR = ("length", "linked", "ended", "marks")  # the first of these
_ON_PAGE = ("is description", "repeated", "place", "place in text", "blocks before", "blocks after")
_AROUND = ("container", "parent", "third")
_PLACE = (
    *(f"tag {tag}" for tag in _TAGS),
    *(f"in {sign}" for sign in SIGNS),
    "depth",
    *(f"{what} of {which}" for which in _AROUND for what in ("chars", "linked", "blocks", "mean")),
)
_BASE = (
    "held",
    *(f"held of {which}" for which in _AROUND),
    *("held of look", "look in base", "look in prose", "look count", "look mean"),
    *("since held", "until held", "base before"),
    *("base chars", "base of prose", "held of blocks", "prose chars"),
    *("held within 2", "prose within 2", "held within 5", "prose within 5"),
)
_STEPS = (-2, -1, 1, 2)
NAMES = (
    *_TEXT,
    *_ON_PAGE,
    *_PLACE,
    *_BASE,
    *(f"{name} at {step:+}" for step in _STEPS for name in (*_OF_NEIGHBOUR, "held")),
)
"""The name of each number in a row."""


class Base(NamedTuple):
    """The first reading, compared with the blocks.

    Attributes:
        held: whether it holds each block.
        lines: for each of its lines, the blocks that make up the line; empty if unknown.
    """

    held: list[bool]
    lines: list[list[int]]


def compare(blocks: Sequence[Block], base: str) -> Base:
    """Match the blocks with the base's lines, in order: those that are a line, or part of one."""
    visible = base if base.isascii() or not INVISIBLE.search(base) else base.translate(UNSEEN)
    lines = [_key(line) for line in visible.split("\n")]
    keys = [_key(block.text) for block in blocks]
    whole: dict[str, list[int]] = {}
    for place, key in enumerate(keys):
        whole.setdefault(key, []).append(place)
    found = [list(whole.get(line, ())) for line in lines]
    held = [False] * len(keys)
    for places in found:
        for place in places:
            held[place] = True
    if len(keys) * len(lines) <= _MOST_PAIRS and len(keys) * sum(map(len, lines)) <= _MOST_COMPARED:
        _find_parts(lines, keys, found, held)
    return Base(held, found)


def _key(text: str) -> str:
    """A text in the form for comparing: without white space and the marks of lists and tables."""
    return "".join(text.split()).lstrip("-|")


def _find_parts(lines: list[str], keys: list[str], found: list[list[int]], held: list[bool]) -> None:
    """Record the blocks that are part of a line which is not itself a block."""
    for number, line in enumerate(lines):
        if found[number] or not line:
            continue
        for place, key in enumerate(keys):
            if not held[place] and len(key) > 1 and key in line:
                found[number].append(place)
        for place in found[number]:
            held[place] = True


class _Places(NamedTuple):
    """For each block, its innermost container, the one around it, and the third; for each container, its parent."""

    inner: _Column
    outer: _Column
    third: _Column
    parents: _Column


def features(page: Blocks, base: Base, description: str) -> Numbers:
    """A row of numbers for each block; `NAMES` says what they are.

    Args:
        page: at least one block.
        base: the first reading, compared with the blocks.
        description: what the page's meta elements say of the article.
    """
    scale = _scale(page.blocks)
    text = np.array([_of_text(block, scale) for block in page.blocks], np.float32)
    held = np.array(base.held, np.float32)
    places = _places(page)
    chars, linked = text[:, 0], text[:, 1]
    parts = (
        text,
        _on_page(page.blocks, description),
        _of_place(page, places),
        _of_base(_looks(page, places), places, held, chars, chars * (1 - linked)),
        _around(text, held),
    )
    return np.concatenate(parts, 1, dtype=np.float32)


def _scale(blocks: Sequence[Block]) -> float:
    """The weight of a character: more in scripts that write no spaces between words."""
    long = [block.text[:_LOOKED_AT] for block in blocks if len(block.text) > _SAME][:100]
    spaces = sum(text.count(" ") for text in long)
    return _DENSE if sum(map(len, long)) > _SPACED * (spaces + 1) else 1.0


def _of_text(block: Block, scale: float) -> tuple[float, ...]:
    text = block.text
    start, length = text[:_LOOKED_AT], len(text)
    sampled, words = len(start), start.count(" ") + 1
    return (
        length * scale,
        block.linked / length,
        _ENDED.search(text[-8:]) is not None,
        len(_MARKS.findall(start)) / sampled / scale,
        len(_UPPER.findall(start)) / words,
        sum(map(start.count, _DIGITS)) / sampled,
        _SIGN.search(start) is not None,
        sampled / words if scale == 1.0 else _USUAL_WORD,
    )


def _on_page(blocks: Sequence[Block], description: str) -> Numbers:
    """Numbers for description, repeated text, and the place on the page."""
    described = normalise(description)[:_SAME]
    starts = [block.text[:_LOOKED_AT] for block in blocks]
    times = Counter(starts)
    chars = np.array([len(block.text) for block in blocks], np.float32)
    places = np.arange(len(blocks))
    columns = (
        [_begins(start, described) for start in starts],
        [times[start] > 1 for start in starts],
        places / len(blocks),
        (np.cumsum(chars) - chars) / chars.sum(),
        places,
        len(blocks) - places,
    )
    return np.array(columns, np.float32).T


def _begins(text: str, described: str) -> bool:
    if len(text) < len(described) or len(described) < _SAME // 2:
        return False
    return text[1:_ABOUT].casefold() in described and normalise(text).startswith(described)


def _places(page: Blocks) -> _Places:
    parents = np.array([container.parent for container in page.containers])
    inner = np.array([block.container for block in page.blocks])
    return _Places(inner, parents[inner], parents[parents[inner]], parents)


def _of_place(page: Blocks, places: _Places) -> Numbers:
    """Numbers for the element, the signs, and how much the containers hold."""
    found = page.containers
    tags = np.array([_TAG_PLACE.get(one.tag, -1) for one in found])
    signs = np.array([one.signs for one in found])
    depths = np.array([one.depth for one in found])
    sizes = np.array(
        [
            (one.chars, one.linked / (one.chars or 1), one.blocks, one.chars / (one.blocks or 1))
            for one in found
        ]
    )
    columns = (
        tags[places.inner][:, None] == np.arange(len(_TAGS)),
        signs[places.inner][:, None] >> _BITS & 1,
        depths[places.inner][:, None],
        *(sizes[which] for which in (places.inner, places.outer, places.third)),
    )
    return np.concatenate(columns, 1, dtype=np.float32)


def _looks(page: Blocks, places: _Places) -> _Column:
    """For each block, a number shared by all blocks whose container, and the one around it, look alike."""
    looks = np.array([container.look for container in page.containers])
    both = looks[places.inner] * (looks.max() + 1) + looks[places.outer]
    return np.asarray(np.unique(both, return_inverse=True)[1])


def _of_base(looks: _Column, places: _Places, held: Numbers, chars: Numbers, prose: Numbers) -> Numbers:
    """How much the base holds of the block, of those before and after it, of its containers, and of those that look alike.

    Args:
        looks: of each block.
        places: the containers.
        held: 1 where the base holds the block.
        chars: of each block.
        prose: of these, outside of links.
    """
    kept = chars * held
    base = max(1.0, float(kept.sum()))
    whole, kept_whole = _within(places, chars), _within(places, kept)
    around = (places.inner, places.outer, places.third)
    alike, kept_alike, prose_alike, count_alike = (
        np.bincount(looks, values)[looks] for values in (chars, kept, prose, np.ones(len(held)))
    )
    columns = (
        held,
        *(kept_whole[which] / np.maximum(1, whole[which]) for which in around),
        *(kept_alike / np.maximum(1, alike), kept_alike / base, prose_alike / max(1.0, float(prose.sum()))),
        *(count_alike, alike / count_alike),
        *_distances(held),
        (np.cumsum(kept) - kept) / base,
        *(np.full(len(held), value) for value in (base, base / max(1.0, float(prose.sum())))),
        *(np.full(len(held), value) for value in (held.mean(), prose.sum())),
        *(_mean(values, reach) for reach in (2, 5) for values in (held, prose)),
    )
    return np.stack(columns, 1).astype(np.float32)


def _within(places: _Places, values: Numbers) -> _Column:
    """The sum of the blocks' values in each container and all that it holds."""
    sums = np.bincount(places.inner, values, len(places.parents)).tolist()
    parents = places.parents.tolist()
    for place in range(len(parents) - 1, 0, -1):
        sums[parents[place]] += sums[place]
    return np.array(sums)


def _distances(held: Numbers) -> tuple[_Column, _Column]:
    """The distance in blocks to the previous and to the next block that the base holds."""
    places, count = np.arange(len(held)), len(held)
    last = np.maximum.accumulate(np.where(held > 0, places, -_FAR))
    coming = np.minimum.accumulate(np.where(held > 0, places, count + _FAR)[::-1])[::-1]
    return np.minimum(places - last, _FAR), np.minimum(coming - places, _FAR)


def _mean(values: Numbers, reach: int) -> _Column:
    """The mean of each value and its neighbours."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    places = np.arange(len(values))
    low, high = np.maximum(0, places - reach), np.minimum(len(values), places + reach + 1)
    return np.asarray((sums[high] - sums[low]) / (high - low))


def _around(text: Numbers, held: Numbers) -> Numbers:
    """Numbers for the two blocks before and the two after."""
    own = np.concatenate([text[:, : len(_OF_NEIGHBOUR)], held[:, None]], 1)
    beyond = np.full((2, own.shape[1]), -1, np.float32)
    padded = np.concatenate([beyond, own, beyond])
    return np.concatenate([padded[2 + step : 2 + step + len(own)] for step in _STEPS], 1)
