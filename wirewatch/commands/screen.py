"""The one gate to the reader: all that a command prints goes through here.

Nothing else in the command line prints (ruff forbids it). What strangers wrote can't drive the terminal, is never read as
markup, and shows no secret; see stream/display.py.
"""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from stream.display import one_line, to_json, visible, without_secrets

WIDE = 100_000
"""Columns of a file or pipe: rows are not folded there."""
LONGEST_CELL = 300
"""Characters of a cell of a table."""


class Screen:
    """Prints for a person: as wide as the terminal, and in a file or pipe as wide as the rows.

    Args:
        stderr: print to standard error instead of standard output.
        secrets: show the passwords in URLs.
        console: print to this one instead, which must read no markup.
    """

    def __init__(
        self, *, stderr: bool = False, secrets: bool = False, console: Console | None = None
    ) -> None:
        self._console = console or plain_console(stderr=stderr)
        self._secrets = secrets

    def print(self, what: RenderableType = "", *, style: str = "", hang: int = 0) -> None:
        """Print a text, line by line, or anything else that rich can show.

        A line that is too long for the terminal goes on below, indented by `hang` or by as much as it is itself.
        """
        if isinstance(what, str | Text):
            text = self._fit(Text(what) if isinstance(what, str) else what)
            folded = Text("\n").join(
                _hanging(line, hang, self._console) for line in text.split(allow_blank=True)
            )
            self._console.print(Gated(folded), style=style or None, soft_wrap=True)
        else:
            self._console.print(Gated(what), style=style or None)

    def line(self, text: str, *, style: str = "", hang: int = 0) -> None:
        """Print a text as one line, however many it has; the spaces in front stay."""
        indent = len(text) - len(text.lstrip(" "))
        self.print(" " * indent + one_line(text), style=style, hang=hang)

    def table(
        self, headings: Sequence[str], rows: Iterable[Sequence[str | Text]], right: Sequence[str] = ()
    ) -> None:
        """Print a table; the columns named in `right` are numbers."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in headings:
            table.add_column(heading, justify="right" if heading in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*map(self._cell, row))
        self.print(table)

    def _cell(self, cell: str | Text) -> Text:
        return self._fit(Text(one_line(cell, LONGEST_CELL)) if isinstance(cell, str) else cell)

    def _fit(self, text: Text) -> Text:
        """A text as it may be printed, before it is folded: a secret must not be torn in two."""
        if self._clean(text.plain) == text.plain:
            return text
        runs = text.render(self._console)
        return Text.assemble(*((self._clean(run.text), run.style or "") for run in runs))

    def _clean(self, text: str) -> str:
        return visible(text if self._secrets else without_secrets(text))

    def json(self, value: Any) -> None:
        """Print a value as one line of JSON."""
        self.raw(to_json(value, secrets=self._secrets) + "\n")

    def raw(self, text: str) -> None:
        """Write what is safe already, byte for byte."""
        self._console.file.write(text)


class Gated:
    """Something that rich can show, without what would act on the terminal."""

    def __init__(self, inner: RenderableType) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The segments as they may be printed."""
        for segment in console.render(self._inner, options):
            if segment.control:
                yield segment
            else:
                yield Segment(visible(segment.text), segment.style)


def plain_console(*, stderr: bool = False) -> Console:
    """A console that reads no markup and no emoji codes into what it is given."""
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDE
    return console


def _hanging(line: Text, hang: int, console: Console) -> Text:
    """A line, folded to the console's width with an indent."""
    indent = max(hang, len(line.plain) - len(line.plain.lstrip(" ")))
    if line.cell_len <= console.width or indent > console.width // 2:
        return line
    first, rest = line[:indent], line[indent:]
    folded = rest.divide(_breaks(rest.plain, console.width - indent))
    for part in folded:
        part.rstrip()
    starts = [first, *[Text(" " * indent)] * (len(folded) - 1)]
    return Text("\n").join(start + part for start, part in zip(starts, folded, strict=True))


def _breaks(text: str, width: int) -> list[int]:
    """Where to break a text into lines of `width` columns. A long URL stays whole, to be copied; other long words do not."""
    breaks: list[int] = []
    column = 0
    for word in re.finditer(r"\S+\s*", text):
        wide = cell_len(word[0].rstrip())
        if column and column + wide > width:
            breaks.append(word.start())
            column = 0
        if wide <= width or "://" in word[0]:
            column += cell_len(word[0])
            continue
        for at, char in enumerate(word[0], word.start()):
            if column + cell_len(char) > width:
                breaks.append(at)
                column = 0
            column += cell_len(char)
    return breaks


class GatedStream:
    """A text stream for what others print (click's own messages, tracebacks)."""

    def __init__(self, inner: TextIO) -> None:
        self._inner = inner

    def write(self, text: str) -> int:
        """Write what may be printed of a text."""
        self._inner.write(visible(without_secrets(text)))
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind."""
        self._inner.flush()


def complain(text: str) -> None:
    """Say what went wrong, on standard error."""
    stream = GatedStream(sys.stderr)
    stream.write(text + "\n")
    stream.flush()
