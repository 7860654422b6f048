"""Differences between two texts by words, and restoring one text from the other.

An article's earlier versions are kept as differences from the next one, since most edits change a few words of a long text.
The work is bounded: passages too long for a comparison word by word are compared line by line, or count as replaced.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

import msgspec

MOST_WORDS = 800
"""The longest changed passage that is compared word by word, in either text."""
MOST_LINES = 3_000
"""The longest text that is compared line by line."""
MOST_PASSAGES = 100
"""The most passages that are compared word by word; all others count as replaced."""
MOST_PAIRS = 40_000
"""The most pairs of equal lines or words: difflib's time grows with them. Two typical texts of 800 words have 10,000."""

_FARTHEST = 200  # the farthest that a stretch is moved, in characters

_WORD = re.compile(r"(?:[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|\w+|[^\w\s])\s*|\s+")


class Hunk(msgspec.Struct, frozen=True, gc=False):
    """A stretch of one text that replaces a stretch of another: offsets in code points, ends exclusive."""

    start: int
    end: int
    other_start: int
    other_end: int


class Patch(msgspec.Struct, frozen=True, gc=False):
    """The other text's replacement for a stretch of this one (code points, end exclusive)."""

    start: int
    end: int
    text: str


def hunks(text: str, other: str) -> list[Hunk]:
    """The differences between two texts, in order; word by word if they are short enough."""
    head = _common(text, other)
    tail = _common(text[head:][::-1], other[head:][::-1])
    head, tail = _at_word(text, other, head, tail)
    end, other_end = len(text) - tail, len(other) - tail
    if head == end and head == other_end:
        return []
    lines, other_lines = (
        text[head:end].splitlines(keepends=True),
        other[head:other_end].splitlines(keepends=True),
    )
    if max(len(lines), len(other_lines)) > MOST_LINES:
        return [Hunk(head, end, head, other_end)]
    found: list[Hunk] = []
    for number, passage in enumerate(_differing(lines, other_lines, head, head)):
        found += _by_words(text, other, passage) if number < MOST_PASSAGES else [passage]
    return [_from_line(text, other, hunk) for hunk in found]


def difference(text: str, other: str) -> tuple[Patch, ...]:
    """The patches that turn `text` into `other`."""
    return tuple(
        Patch(one.start, one.end, other[one.other_start : one.other_end]) for one in hunks(text, other)
    )


def patched(text: str, patches: Iterable[Patch]) -> str:
    """The other text, restored with the patches from `difference`."""
    parts, at = [], 0
    for patch in patches:
        parts += [text[at : patch.start], patch.text]
        at = patch.end
    return "".join([*parts, text[at:]])


def _from_line(text: str, other: str, hunk: Hunk) -> Hunk:
    """A mere addition or removal, moved to the beginning of a line if the result is the same text."""
    if hunk.start == hunk.end:
        steps = _steps_to_line(other, hunk.other_start, hunk.other_end)
    elif hunk.other_start == hunk.other_end:
        steps = _steps_to_line(text, hunk.start, hunk.end)
    else:
        return hunk
    return Hunk(hunk.start + steps, hunk.end + steps, hunk.other_start + steps, hunk.other_end + steps)


def _steps_to_line(text: str, start: int, end: int) -> int:
    """How far a stretch can be moved forward to begin at the start of a line without changing the whole text; 0 if it can't."""
    for steps in range(min(_FARTHEST, len(text) - end) + 1):
        if text[start + steps] == "\n" or (start + steps and text[start + steps - 1] == "\n"):
            return steps
        if end + steps >= len(text) or text[start + steps] != text[end + steps]:
            return 0
    return 0


def _common(text: str, other: str) -> int:
    """The length of the common beginning of two texts, in characters."""
    low, high = 0, min(len(text), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if text[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _at_word(text: str, other: str, head: int, tail: int) -> tuple[int, int]:
    """The common beginning and end, shortened to whole words."""
    while head and _joins(text, head) | _joins(other, head):
        head -= 1
    while tail and _joins(text, len(text) - tail) | _joins(other, len(other) - tail):
        tail -= 1
    return head, tail


def _joins(text: str, at: int) -> bool:
    """Whether a place in a text is inside a word."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _by_words(text: str, other: str, passage: Hunk) -> Iterator[Hunk]:
    words = _WORD.findall(text[passage.start : passage.end])
    others = _WORD.findall(other[passage.other_start : passage.other_end])
    if max(len(words), len(others)) > MOST_WORDS:
        yield passage
    else:
        yield from _differing(words, others, passage.start, passage.other_start)


def _differing(parts: Sequence[str], others: Sequence[str], start: int, other_start: int) -> Iterator[Hunk]:
    """The differences of two sequences of parts, as offsets into the texts, where they begin at `start` and `other_start`."""
    ends, other_ends = _ends(parts, start), _ends(others, other_start)
    counts, other_counts = Counter(parts), Counter(others)
    if sum(number * other_counts[part] for part, number in counts.items()) > MOST_PAIRS:
        yield Hunk(start, ends[-1], other_start, other_ends[-1])
        return
    steps = SequenceMatcher(None, parts, others, autojunk=False).get_opcodes()
    for tag, first, last, other_first, other_last in steps:
        if tag != "equal":
            yield Hunk(ends[first], ends[last], other_ends[other_first], other_ends[other_last])


def _ends(parts: Sequence[str], start: int) -> list[int]:
    """Where each part begins, and where the last one ends."""
    found = [start]
    for part in parts:
        found.append(found[-1] + len(part))
    return found
