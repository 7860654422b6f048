"""Small bar charts, as SVG that the templates draw."""

from collections.abc import Sequence

import msgspec

_GAP = 0.2
"""Of a bar's place."""


class Piece(msgspec.Struct, frozen=True):
    """A part of a bar, from its top left corner."""

    y: float
    height: float
    colour: int


class Bar(msgspec.Struct, frozen=True):
    """A bar: its left edge, its parts from the bottom up, and what it says in words."""

    x: float
    pieces: tuple[Piece, ...]
    label: str


class Bars(msgspec.Struct, frozen=True):
    """A chart; `top` is the number of the highest bar, `wide` the width of each."""

    bars: tuple[Bar, ...]
    width: float
    height: float
    wide: float
    top: int


def bars(values: Sequence[tuple[str, tuple[int, ...]]], width: float = 480.0, height: float = 96.0) -> Bars:
    """A chart.

    Args:
        values: of each bar what it says, and the numbers of its parts, from the bottom up; the place is the colour.
        width, height: of the picture, in its own units.
    """
    place = width / max(len(values), 1)
    top = max((sum(parts) for _, parts in values), default=0)
    drawn = (
        Bar(round((at + _GAP / 2) * place, 2), _pieces(parts, top, height), label)
        for at, (label, parts) in enumerate(values)
    )
    return Bars(tuple(drawn), width, height, round(place * (1 - _GAP), 2), top)


def _pieces(parts: Sequence[int], top: int, height: float) -> tuple[Piece, ...]:
    pieces, bottom = [], height
    for colour, number in enumerate(parts):
        if number:
            tall = height * number / top
            bottom -= tall
            pieces.append(Piece(round(bottom, 2), round(tall, 2), colour))
    return tuple(pieces)
