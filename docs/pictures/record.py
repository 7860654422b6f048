"""Records the README's picture: runs the real commands over the demo world in a terminal, and draws what they print.

    python docs/pictures/record.py

Writes docs/pictures/terminal.svg. Nothing is made up; of long answers whole paragraphs are left out, and `...` says where.
"""

import errno
import fcntl
import os
import pty
import shlex
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

PICTURE = Path(__file__).with_name("terminal.svg")
WIDTH = 112
PORT = 8819
SHOWN = {"Topics": 5, "Times (UTC)": 20}
"""Of `wirewatch show`, how many lines of which paragraphs are in the picture, besides the headline and the text's beginning."""
OF_THE_TEXT = 2


def main() -> None:
    """Record and write the picture."""
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True, highlight=False)
        os.environ["WIREWATCH_DATA"] = folder
        show(console, "wirewatch demo --once", f"--port {PORT} --data {folder}", first_line)
        found = show(console, "wirewatch search '\"peace talks\" AND syria' --limit 2")
        show(console, f"wirewatch show {found.plain.split()[0]}", shorten=shortened)
    PICTURE.write_text(console.export_svg(title="wirewatch", theme=MONOKAI), "utf-8")
    print(f"wrote {PICTURE}")


def show(
    console: Console, command: str, rest: str = "", shorten: Callable[[Text], Text] | None = None
) -> Text:
    """Run a command (with options that the picture leaves out), and show its prompt and what it prints."""
    printed = run(f"{command} {rest}")
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    console.print(shorten(printed) if shorten else printed)
    console.print()
    return printed


def first_line(printed: Text) -> Text:
    """The summary; what follows it names this run's folder."""
    return printed.split("\n")[0]


def shortened(printed: Text) -> Text:
    """The headline, the text's beginning, and the paragraphs of `SHOWN`."""
    head, text, *others = printed.split("\n\n")
    named = ((paragraph, SHOWN.get(paragraph.plain.partition("\n")[0])) for paragraph in others)
    kept = [beginning(paragraph, lines) for paragraph, lines in named if lines]
    return Text("\n\n").join([head, beginning(text, OF_THE_TEXT), *kept])


def beginning(paragraph: Text, lines: int) -> Text:
    """So many lines, and three dots in place of the others."""
    every = paragraph.split("\n")
    dots = [Text("  ...", style="dim")] if len(every) > lines else []
    return Text("\n").join([*every[:lines], *dots])


def run(command: str) -> Text:
    """What a command prints on a terminal of our width."""
    words = shlex.split(command)
    words[0] = str(Path(sys.executable).with_name(words[0]))
    outer, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": str(WIDTH)}
    with subprocess.Popen(
        words, stdin=inner, stdout=inner, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        os.close(inner)
        said = b"".join(_read(outer))
    if process.returncode:
        sys.exit(f"{command}: exit {process.returncode}: {said.decode()}")
    return Text.from_ansi(said.decode().replace("\r\n", "\n").rstrip())


def _read(terminal: int) -> Iterator[bytes]:
    """Everything up to the end, which Linux reports as an I/O error."""
    while True:
        try:
            some = os.read(terminal, 65_536)
        except OSError as error:
            if error.errno == errno.EIO:
                return
            raise
        if not some:
            return
        yield some


if __name__ == "__main__":
    main()
