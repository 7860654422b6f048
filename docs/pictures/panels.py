"""Draws a dashboard's panels from what Elasticsearch answered to their searches: with the content that Kibana would show."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from bench.material.kibana_charts import ChartSearch, value_of

Json = dict[str, Any]

COLUMN, ROW = 22, 22
"""Pixels of the dashboard's grid."""
_HEAD = 24
_LINE = 17
_COLOURS = (
    "#4c78a8",
    "#f58518",
    "#54a24b",
    "#e45756",
    "#72b7b2",
    "#b279a2",
    "#ff9da6",
    "#9d755d",
    "#bab0ac",
    "#eeca3b",
)


def draw(title: str, panels: Sequence[tuple[Json, ChartSearch | None, Json]]) -> str:
    """The dashboard as SVG; each panel with its search and the answer (none for text)."""
    rows = max(panel["grid"]["y"] + panel["grid"]["h"] for panel, _, _ in panels)
    width, height = 48 * COLUMN, rows * ROW + 40
    drawn = "\n".join(_panel(*one) for one in panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="Helvetica, Arial, sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#f5f7fa"/>\n'
        f'{_text(8, 24, title, size=15, weight="bold")}\n<g transform="translate(0 40)">\n{drawn}\n</g>\n</svg>\n'
    )


def is_empty(search: ChartSearch, answer: Json) -> bool:
    """Whether a panel would show nothing: no document, or only zeros and blanks."""
    if not search.metrics:
        return not answer["hits"]["hits"]
    if not search.rows:
        return not value_of(answer["aggregations"]["m0"])
    return not any(value_of(one["m0"]) for _, one in _leaves(answer["aggregations"], len(search.rows)))


def _panel(panel: Json, search: ChartSearch | None, answer: Json) -> str:
    grid = panel["grid"]
    width, height = grid["w"] * COLUMN - 6, grid["h"] * ROW - 6
    inside = "".join(_content(panel["config"], search, answer, width, height))
    return (
        f'<g transform="translate({grid["x"] * COLUMN + 3} {grid["y"] * ROW + 3})">'
        f'<rect width="{width}" height="{height}" rx="4" fill="white" stroke="#d3dae6"/>'
        f'<svg width="{width}" height="{height}">{inside}</svg></g>'
    )


def _content(
    config: Json, search: ChartSearch | None, answer: Json, width: int, height: int
) -> Iterator[str]:
    if search is None:
        yield from (_text(10, 20 + 16 * n, line) for n, line in enumerate(config["content"].splitlines()))
        return
    yield _text(10, 17, config["title"], weight="bold")
    if is_empty(search, answer):
        yield _text(10, height // 2 + 10, "empty", fill="#b00", size=16)
    elif config.get("type") == "metric":
        number = value_of(answer["aggregations"]["m0"])
        yield _text(10, height - 18, f"{number:,.0f}", size=38, weight="bold")
    elif config.get("type") == "xy":
        yield from _chart(search, answer["aggregations"], width, height)
    else:
        rows = _hits(search, answer) if not search.metrics else _rows(search, answer["aggregations"], config)
        yield from _table(rows, width, height)


def _hits(search: ChartSearch, answer: Json) -> Iterator[list[str]]:
    yield [row["field"] for row in search.rows]
    for hit in answer["hits"]["hits"]:
        yield [_shown((hit["fields"].get(row["field"]) or [""])[0]) for row in search.rows]


def _rows(search: ChartSearch, aggregations: Json, config: Json) -> Iterator[list[str]]:
    yield [
        *(row.get("label", "") for row in search.rows),
        *(metric.get("label", "") for metric in search.metrics),
    ]
    leaves = list(_leaves(aggregations, len(search.rows)))
    if order := config.get("styling", {}).get("sort_by"):
        metric, descending = f"m{order['index']}", order["direction"] == "desc"
        leaves.sort(key=lambda one: value_of(one[1][metric]), reverse=descending)
    for keys, one in leaves:
        yield [*keys, *(_shown(value_of(one[f"m{number}"])) for number in range(len(search.metrics)))]


def _leaves(aggregations: Json, depth: int, level: int = 0) -> Iterator[tuple[list[str], Json]]:
    """The innermost buckets, each with the keys on the way to it."""
    for bucket in aggregations[f"b{level}"]["buckets"]:
        key = str(bucket.get("key_as_string", bucket["key"]))
        if level == depth - 1:
            yield [key], bucket
        else:
            yield from (([key, *keys], one) for keys, one in _leaves(bucket, depth, level + 1))


def _table(rows: Iterator[list[str]], width: int, height: int) -> Iterator[str]:
    head, *lines = rows
    fits = (height - _HEAD - 10) // _LINE - 1
    widths = [max(len(line[n]) for line in (head, *lines[:fits])) for n in range(len(head))]
    shares = [max(min(one, 70), 12) + 2 for one in widths]
    starts = [10 + (width - 14) * sum(shares[:n]) / sum(shares) for n in range(len(shares))]
    for number, line in enumerate((head, *lines[:fits])):
        y = _HEAD + 14 + number * _LINE
        for start, cell, share in zip(starts, line, shares, strict=True):
            room = int((width - 14) * share / sum(shares) / 6.4)
            cut = cell if len(cell) <= room else f"{cell[: max(room - 1, 1)]}…"
            yield _text(start, y, cut, fill="#69707d" if number == 0 else "#343741", size=11)
    if len(lines) > fits:
        yield _text(10, height - 5, f"and {len(lines) - fits} more below", fill="#98a2b3", size=10)


def _chart(search: ChartSearch, aggregations: Json, width: int, height: int) -> Iterator[str]:
    if len(search.rows) == 1:
        series = {
            metric["label"]: _points(aggregations["b0"], number)
            for number, metric in enumerate(search.metrics)
        }
        yield from _lines(series, width, height)
    else:
        buckets = aggregations["b0"]["buckets"]
        yield from _bars({str(one["key"]): _points(one["b1"], 0) for one in buckets}, width, height)


def _points(histogram: Json, metric: int) -> list[tuple[int, float | None]]:
    return [(one["key"], value_of(one[f"m{metric}"])) for one in histogram["buckets"]]


def _bars(series: dict[str, list[tuple[int, float | None]]], width: int, height: int) -> Iterator[str]:
    times = sorted({time for points in series.values() for time, _ in points})
    sums = dict.fromkeys(times, 0.0)
    for points in series.values():
        for time, value in points:
            sums[time] += value or 0
    plot = _Plot(times, max(sums.values()), width, height)
    yield from plot.axes()
    below = dict.fromkeys(times, 0.0)
    for number, points in enumerate(series.values()):
        for time, value in points:
            if value:
                top, bottom = plot.y(below[time] + value), plot.y(below[time])
                size = f'width="{plot.step * 0.85:.1f}" height="{bottom - top:.1f}"'
                yield f'<rect x="{plot.x(time):.1f}" y="{top:.1f}" {size} fill="{_colour(number)}"/>'
                below[time] += value
    yield from plot.legend(list(series))


def _lines(series: dict[str, list[tuple[int, float | None]]], width: int, height: int) -> Iterator[str]:
    times = sorted({time for points in series.values() for time, _ in points})
    plot = _Plot(times, max(value or 0 for points in series.values() for _, value in points), width, height)
    yield from plot.axes()
    for number, points in enumerate(series.values()):
        line = " ".join(
            f"{plot.x(time):.1f},{plot.y(value):.1f}" for time, value in points if value is not None
        )
        yield f'<polyline points="{line}" fill="none" stroke="{_colour(number)}" stroke-width="1.5"/>'
    yield from plot.legend(list(series))


class _Plot:
    """Where times and values lie in a panel."""

    def __init__(self, times: Sequence[int], most: float, width: int, height: int) -> None:
        self.times = times
        self.most = most or 1.0
        self.left, self.right = 44, width - 12
        self.top, self.bottom = _HEAD + 8, height - 76
        self.step = (self.right - self.left) / max(len(times), 1)
        self.width = width
        self.height = height

    def x(self, time: int) -> float:
        """Where a time is."""
        return self.left + self.times.index(time) * self.step

    def y(self, value: float) -> float:
        """Where a value is."""
        return self.bottom - (self.bottom - self.top) * value / self.most

    def axes(self) -> Iterator[str]:
        """The greatest value, zero, and the first and last day."""
        yield f'<path d="M{self.left} {self.top}V{self.bottom}H{self.right}" fill="none" stroke="#d3dae6"/>'
        yield _text(6, self.top + 5, f"{self.most:,.0f}", fill="#69707d", size=10)
        yield _text(6, self.bottom, "0", fill="#69707d", size=10)
        for time, x in ((self.times[0], self.left), (self.times[-1], self.right - 60)):
            yield _text(x, self.bottom + 13, _day(time), fill="#69707d", size=10)

    def legend(self, names: Sequence[str]) -> Iterator[str]:
        """What the colours stand for."""
        x, y = 10.0, self.height - 42
        for number, name in enumerate(names):
            wide = 16 + len(name) * 5.6
            if x + wide > self.width - 10:
                x, y = 10.0, y + 15
            yield f'<rect x="{x:.0f}" y="{y - 8}" width="8" height="8" fill="{_colour(number)}"/>'
            yield _text(x + 11, y, name, size=10)
            x += wide + 6


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


def _day(milliseconds: int) -> str:
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%b %d %H:%M}"


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"
    text = str(value)
    return text[:16].replace("T", " ") if text[4:5] == "-" and text[10:11] == "T" else text


def _text(
    x: float, y: float, text: str, *, size: int = 12, weight: str = "normal", fill: str = "#343741"
) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}">{escape(text)}</text>'
