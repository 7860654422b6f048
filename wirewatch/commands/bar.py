"""A bar that says how far a long command is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TimeRemainingColumn

from wirewatch.commands.screen import complain, plain_console

_LINES = 10
"""Lines that a log gets."""


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error where that is a terminal, else a line for each tenth.

    Yields a function that is told how many are done, of how many.
    """
    console = plain_console(stderr=True)
    if not console.is_terminal:
        yield _teller(what)
        return
    columns = (BarColumn(), MofNCompleteColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _teller(what: str) -> Callable[[int, int], None]:
    told = 0

    def tell(done: int, total: int) -> None:
        nonlocal told
        if total and (tenth := _LINES * done // total) > told:
            told = tenth
            complain(f"{done:,} of {total:,} {what}")

    return tell
