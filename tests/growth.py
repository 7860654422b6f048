"""Measures how a function's work grows with its input, in executed lines instead of time: the same on any machine."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

SIZE = 3_000
"""Characters of the smaller input."""
LINEAR = 2.6
"""So much more work at most may twice the input be: n log n is 2.2 at this size, n squared is 4."""


def adversarial(size: int) -> dict[str, str]:
    """Texts of a given length, each made to be expensive for some reader of texts."""

    def repeated(text: str) -> str:
        return (text * (size // len(text) + 1))[:size]

    def counted(form: str) -> str:
        written = (form.format(letters(number)) for number in range(size))
        found, length = [], 0
        while length < size:
            found.append(next(written))
            length += len(found[-1])
        return "".join(found)

    return {
        "repeated names": repeated("Syria peace talks Geneva Assad Putin "),
        "one name": repeated("Assad\n"),
        "capitalised": repeated("New York City New York "),
        "all capitals": repeated("SYRIA PEACE TALKS IN GENEVA "),
        "one token": "A" * size,
        "no spaces": repeated("敘利亞和平談判"),
        "combining marks": repeated("a\u0301\u0302\u0303"),
        "nothing but marks": "a" + "\u0301" * size,
        "initials": repeated("A. B. "),
        "possessives": repeated("Assad's’s "),
        "nested punctuation": repeated("((([[[''\"\"—…"),
        "titles": repeated("Mr President Mr "),
        "different words": counted("x{} "),
        "people who share a name": counted("Mr John {} said. "),
        "people who share a surname": counted("Mr {} Smith said. "),
        "organisations that share a head": counted("The {} Council met. The Council "),
        "acronyms": counted("High {} Committee (HC) "),
    }


def letters(number: int) -> str:
    """A capitalised word of letters, another for each number."""
    word = chr(65 + number % 26)
    while number := number // 26:
        word += chr(97 + number % 26)
    return word


def work(function: Callable[[], object]) -> int:
    """The lines of Python that a call executes."""
    lines = 0

    def count(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        function()
    finally:
        sys.settrace(before)
    return lines


def growth(prepared: Callable[[str], Callable[[], object]], name: str, size: int = SIZE) -> float:
    """How many times the work doubling an adversarial text takes.

    Args:
        prepared: returns the function to measure for a text.
        name: of the text.
        size: of the smaller text.
    """
    for text in (adversarial(size)[name], adversarial(2 * size)[name]):
        prepared(text)()  # what is loaded once and kept (lists, caches) is not growth
    small, large = (work(prepared(adversarial(length)[name])) for length in (size, 2 * size))
    return large / max(small, size // 10)
