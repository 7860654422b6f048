"""Who is named with an entity, as a small graph: the same data always give the same picture."""

import math
from collections.abc import Sequence

import msgspec

from results.entity import Companion, Entity, Pair

WIDTH, HEIGHT = 640.0, 400.0
_RADIUS_X, _RADIUS_Y = 205.0, 150.0
_SMALLEST, _LARGEST = 5.0, 14.0
_FEWEST = 2
"""Articles that two must share to be joined."""
_STEEP = 0.2
_CUT = 24
"""Characters of a name that are drawn."""


class Node(msgspec.Struct, frozen=True):
    """A companion: its place, size, what is drawn beside it and at which side (an SVG text-anchor)."""

    companion: Companion
    x: float
    y: float
    radius: float
    text: str
    text_x: float
    text_y: float
    anchor: str


class Edge(msgspec.Struct, frozen=True):
    """A line between two companions, or from the entity itself to one."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    is_own: bool


class Graph(msgspec.Struct, frozen=True):
    """The picture, with the entity in the middle of it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(entity: Entity, most: int = 12) -> Graph:
    """The graph of an entity's most frequent companions."""
    companions = _ring(entity.companions[:most], entity.pairs)
    top = max((one.articles for one in companions), default=1)
    nodes = {one.name: _node(one, at, len(companions), top) for at, one in enumerate(companions)}
    own = [
        Edge(WIDTH / 2, HEIGHT / 2, node.x, node.y, _width(node.companion.articles, top), is_own=True)
        for node in nodes.values()
    ]
    most_together = max((pair.articles for pair in entity.pairs), default=1)
    least = max(_FEWEST, most_together / 4)
    between = [
        Edge(
            nodes[pair.first].x, nodes[pair.first].y, nodes[pair.second].x, nodes[pair.second].y,
            _width(pair.articles, most_together), is_own=False,
        )
        for pair in entity.pairs
        if pair.articles >= least and pair.first in nodes and pair.second in nodes
    ]  # fmt: skip
    return Graph(tuple(nodes.values()), (*between, *own))


def _ring(companions: Sequence[Companion], pairs: Sequence[Pair]) -> list[Companion]:
    """The companions so that each stands beside the one that it is named with most."""
    together = {frozenset((pair.first, pair.second)): pair.articles for pair in pairs}
    rest = list({one.name: one for one in reversed(companions)}.values())[::-1]
    ordered = rest[:1]
    rest = rest[1:]
    while rest:
        last = ordered[-1].name
        best = max(
            rest, key=lambda one: (together.get(frozenset((last, one.name)), 0), one.articles, one.name)
        )
        rest.remove(best)
        ordered.append(best)
    return ordered


def _node(companion: Companion, at: int, of: int, top: int) -> Node:
    angle = 2 * math.pi * at / of - math.pi / 2
    x, y = WIDTH / 2 + _RADIUS_X * math.cos(angle), HEIGHT / 2 + _RADIUS_Y * math.sin(angle)
    radius = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(companion.articles / top)
    text = companion.name if len(companion.name) <= _CUT else companion.name[: _CUT - 1] + "…"
    anchor, text_x, text_y = _label(x, y, radius, angle)
    return Node(
        companion,
        round(x, 1),
        round(y, 1),
        round(radius, 1),
        text,
        round(text_x, 1),
        round(text_y, 1),
        anchor,
    )


def _label(x: float, y: float, radius: float, angle: float) -> tuple[str, float, float]:
    """Where a name stands: beside its node, away from the middle; above or below it at the top and bottom."""
    side = math.cos(angle)
    if abs(side) < _STEEP:
        return "middle", x, y + (radius + 17 if math.sin(angle) > 0 else -radius - 8)
    return ("start", x + radius + 5, y + 4.5) if side > 0 else ("end", x - radius - 5, y + 4.5)


def _width(number: int, top: int) -> float:
    return round(0.75 + 2.25 * number / top, 2)
