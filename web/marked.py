"""A text with marks, cut into runs that a template can print."""

from collections.abc import Iterable, Iterator

import msgspec


class Run(msgspec.Struct, frozen=True):
    """A stretch of text under the same marks.

    Attributes:
        text: the stretch.
        kinds: the classes of its marks.
        about: what they stand for.
        anchor: a name to link to, where a mark that has one begins; '' elsewhere.
    """

    text: str
    kinds: tuple[str, ...] = ()
    about: str = ""
    anchor: str = ""


class Marked(msgspec.Struct, frozen=True):
    """Offsets into the text, end exclusive; `kind` is the mark's class, `about` what it stands for; see `Run`."""

    start: int
    end: int
    kind: str
    about: str = ""
    anchor: str = ""


def runs(text: str, marks: Iterable[Marked]) -> Iterator[Run]:
    """The text from its beginning to its end; marks may overlap."""
    edges: list[tuple[int, int, Marked]] = []
    for mark in marks:
        start, end = max(0, mark.start), min(mark.end, len(text))
        if start < end:
            edges += [(start, 1, mark), (end, 0, mark)]
    edges.sort(key=lambda one: one[:2])
    active: list[Marked] = []
    before = 0
    for place, begins, mark in edges:
        if place > before:
            yield _run(text[before:place], active, before)
            before = place
        if begins:
            active.append(mark)
        else:
            active.remove(mark)
    if before < len(text):
        yield Run(text[before:])


def paragraphs(found: Iterable[Run]) -> list[list[Run]]:
    """The runs by paragraphs: one a line of the text."""
    lines: list[list[Run]] = [[]]
    for run in found:
        first, *rest = run.text.split("\n")
        lines[-1].append(msgspec.structs.replace(run, text=first))
        lines += [[msgspec.structs.replace(run, text=part)] for part in rest]
    return [line for line in lines if any(run.text.strip() for run in line)]


def _run(text: str, active: list[Marked], start: int) -> Run:
    kinds = tuple(dict.fromkeys(mark.kind for mark in active))
    about = "; ".join(dict.fromkeys(mark.about for mark in active if mark.about))
    anchor = next((mark.anchor for mark in active if mark.anchor and mark.start == start), "")
    return Run(text, kinds, about, anchor)
