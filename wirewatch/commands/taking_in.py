"""Files that are taken into a list of alerts or topics, and lists that are written out: what the commands for it share."""

from pathlib import Path

import click

from stream.words import plural
from wirewatch.commands.screen import Screen
from wirewatch.lists.entries import TakenIn

replacing = click.option(
    "--replace", is_flag=True, help="Replace what is there under the same name with what the file has."
)


def print_taken_in(found: TakenIn, place: str) -> None:
    """Say what became of the parts of a file."""
    screen = Screen()
    for done, names in (("Added", found.added), ("Replaced", found.replaced)):
        if names:
            screen.print(f"{done} {', '.join(names)}.")
    for one in found.kept:
        screen.print(f"Kept {one}, which differs from the file's: --replace takes that one.", style="yellow")
    changed = len(found.added) + len(found.replaced)
    known = f"; {len(found.known):,} were there already" if found.known else ""
    screen.print(f"{plural(changed, 'change')} in {place}{known}.", style="dim")


def write_out(data: bytes, file: Path | None) -> None:
    """Write a list to a file or to standard output."""
    if file:
        file.write_bytes(data)
    else:
        Screen().raw(data.decode())
