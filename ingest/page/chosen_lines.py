"""Drops unlikely lines from a page's first reading, and adds likely blocks that it left out, as judged by the model of blocks.

Measured by bench/blocks.py.
"""

import re
from collections.abc import Sequence

import numpy as np
from lxml.html import HtmlElement

from ingest.page.block_features import Base, compare, features
from ingest.page.block_model import Model
from ingest.page.blocks import BIT, Block, Blocks, read_blocks
from ingest.page.furniture import is_furniture, normalise

LIKELY = 0.45
"""The likelihood from which a block belongs to the article."""
_LEAST_KEPT = 0.5
"""The model is not trusted if it keeps a smaller share of the first reading's characters: it would drop the article."""
_ELSEWHERE = BIT["comment"] | BIT["consent"] | BIT["hidden"] | BIT["nav"] | BIT["footer"] | BIT["form"]
"""Nothing is added from places with these signs."""
_NO_PROSE = re.compile(r"[!-~]{80}|\b(?:function ?\(|document\.|window\.)")
_MOST_LINKED = 0.5
"""The largest share of a block's text in links for it to be added."""


def with_chosen_lines(text: str, page: HtmlElement, title: str, description: str, model: Model) -> str:
    """The text without its unlikely lines, and with the page's likely blocks in their places.

    Args:
        text: the first reading, one paragraph per line; if it is empty, so is the result.
        page: what the text was read from.
        title: the article's headline, which is never added.
        description: what the page's meta elements say of the article.
        model: decides which blocks belong to the article.
    """
    found = read_blocks(page)
    if not text or not found.blocks:
        return text
    base = compare(found.blocks, text)
    asked = [
        place
        for place, block in enumerate(found.blocks)
        if base.held[place] or _stands_with_text(block, found)
    ]
    likelihood = np.zeros(len(found.blocks))
    likelihood[asked] = model.likelihood(features(found, base, description)[asked])
    return chosen_lines(text, found, base, likelihood.tolist(), title)


def chosen_lines(text: str, page: Blocks, base: Base, likelihood: Sequence[float], title: str) -> str:
    """The text without its unlikely lines, and with likely blocks in their places.

    Args:
        text: the first reading.
        page: its blocks.
        base: the first reading, compared with the blocks.
        likelihood: of each block, how likely it belongs to the article.
        title: the article's headline.
    """
    kept = _kept(text.split("\n"), base, likelihood)
    if sum(len(line) for _, line in kept) < _LEAST_KEPT * len(text):
        return text
    headline = normalise(title)
    added = [
        (place, block.text)
        for place, block in enumerate(page.blocks)
        if not base.held[place] and likelihood[place] > LIKELY and _may_be_added(block, page, headline)
    ]
    lines = [line for _, line in sorted([*kept, *added], key=lambda placed: placed[0])]
    has_headline = len(lines) > 1 and normalise(lines[0]) == headline
    return "\n".join(lines[has_headline:])


def _kept(lines: Sequence[str], base: Base, likelihood: Sequence[float]) -> list[tuple[int, str]]:
    """The likely lines, each with the place of its block. A line whose blocks are unknown stays, after the line before it."""
    kept: list[tuple[int, str]] = []
    before = -1
    for line, places in zip(lines, base.lines, strict=True):
        place = min((one for one in places if one > before), default=before)
        if not places or max(likelihood[one] for one in places) >= LIKELY:
            kept.append((place, line))
            before = max(before, place)
    return kept


def _may_be_added(block: Block, page: Blocks, headline: str) -> bool:
    """Whether a block can be a paragraph: not a headline, furniture, code or data, and not in a place for such."""
    return (
        _stands_with_text(block, page)
        and normalise(block.text) not in ("", headline)
        and not is_furniture(block.text)
        and not _NO_PROSE.search(block.text)
    )


def _stands_with_text(block: Block, page: Blocks) -> bool:
    """Whether a block is more than links, not a headline, and not in a place for comments, navigation and the like."""
    around = page.containers[block.container]
    is_elsewhere = around.tag == "h1" or around.signs & _ELSEWHERE
    return not is_elsewhere and block.linked <= _MOST_LINKED * len(block.text)
