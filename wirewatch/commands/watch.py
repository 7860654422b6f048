"""Shows something again and again, until Ctrl-C: in place on a terminal, one below the other elsewhere."""

import io
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from stream.errors import RetryLater, WirewatchError
from wirewatch.commands.screen import Gated, Screen, plain_console

Show = Callable[[Screen], None]
"""Prints what there is to see now."""


def watch(show: Show, seconds: float) -> None:
    """Show until Ctrl-C or SIGTERM, which leave the terminal as it was.

    The first time, errors of `show` are raised; later ones are shown, and it is tried again.
    """
    console = plain_console()
    text = _drawn(show, console)
    with _stopped_by_signals():
        if not console.is_terminal:
            _print_again(show, console, text, seconds)
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(Gated(text), refresh=True)
                time.sleep(seconds)
                text = _drawn_or_why(show, console)


def _print_again(show: Show, console: Console, text: Text, seconds: float) -> None:
    while True:
        console.print(Gated(text), soft_wrap=True)
        time.sleep(seconds)
        text = _drawn_or_why(show, console)


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """End the block quietly when the process is asked to stop."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def _drawn_or_why(show: Show, console: Console) -> Text:
    try:
        return _drawn(show, console)
    except WirewatchError as error:
        why = error.reason if isinstance(error, RetryLater) else error
        return Text(f"It can't be told now: {why}", style="yellow")


def _drawn(show: Show, console: Console) -> Text:
    """What is shown, as one text with its styles."""
    sheet = Console(
        file=io.StringIO(),
        width=console.width,
        force_terminal=console.is_terminal,
        color_system="standard" if console.color_system else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    with sheet.capture() as captured:
        show(Screen(console=sheet))
    return Text.from_ansi(captured.get())
