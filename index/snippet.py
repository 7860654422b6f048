"""The passage of an article's text that best shows why it was found."""

from collections.abc import Sequence

import msgspec

from stream.messages import Span

WIDTH = 240
"""Code points of a snippet, about; it begins and ends between words."""


class Snippet(msgspec.Struct, frozen=True):
    """A stretch of text; `marks` are the matched parts, as offsets into `text`, in order."""

    text: str
    marks: tuple[tuple[int, int], ...]


def snippet(text: str, spans: Sequence[Span], width: int = WIDTH) -> Snippet:
    """The window of about `width` code points with the most matched spans, or the beginning if none is in the text."""
    found = sorted((span.start, span.end) for span in spans if span.field == "text")
    start, end = _around(text, *_densest(found, width), width)
    marks = [(max(a, start) - start, min(b, end) - start) for a, b in found if a < end and b > start]
    return Snippet(text[start:end].replace("\n", " "), tuple(marks))


def _densest(found: Sequence[tuple[int, int]], width: int) -> tuple[int, int]:
    """The first and last offset of the most spans that fit into a window."""
    best, first = (0, 0, 0), 0
    for last, (_, end) in enumerate(found):
        while end - found[first][0] > width and first < last:
            first += 1
        best = max(best, (last - first + 1, found[first][0], end), key=lambda one: one[0])
    return best[1], best[2]


def _around(text: str, first: int, last: int, width: int) -> tuple[int, int]:
    """A window of about `width` with the stretch in its middle, cut between words."""
    spare = max(width - (last - first), 0)
    start = max(first - spare // 2, 0)
    end = min(max(start + width, last), len(text))
    start = max(min(start, end - width), 0)
    if start > 0:
        start = min(_next_space(text, start), first)
    if end < len(text):
        end = max(text.rfind(" ", start, end), last)
    return start, end


def _next_space(text: str, start: int) -> int:
    space = text.find(" ", start)
    return space + 1 if space >= 0 else start
