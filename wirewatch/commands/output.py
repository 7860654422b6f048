"""How a command prints: for a person, as one JSON document, or as lines of JSON.

`--json` is one document, with everything needed to judge its contents. `--jsonl` is only the items of its list, one a line, for
`jq`, `grep` and `wc -l`; commands with long lists have it.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

import click
import msgspec

from wirewatch.commands.screen import Screen

Form = Literal["text", "json", "jsonl"]

F = TypeVar("F", bound=Callable[..., Any])

_KEY = "wirewatch.form"


def with_json(command: F) -> F:
    """Add --json to a command, which gets `form`."""
    return _option("--json", "json", "Print one JSON document.")(command)


def with_json_lines(command: F) -> F:
    """Add --json and --jsonl to a command, which gets `form`."""
    lines = _option("--jsonl", "jsonl", "Print the items only, one JSON document per line.")
    return with_json(lines(command))


def _option(name: str, form: Form, text: str) -> Callable[[F], F]:
    return click.option(
        name, "form", flag_value=form, type=str, default="text", is_eager=True, callback=_note, help=text
    )


def _note(context: click.Context, _: click.Parameter, form: Form) -> Form:
    """Errors are printed in the same form, also those of the options that follow."""
    context.meta[_KEY] = form
    return form


def asked_form(context: click.Context) -> Form:
    """The form that was asked for; `text` where the command got no further than its name."""
    form: Form = context.meta.get(_KEY, "text")
    return form


def print_document(document: msgspec.Struct) -> None:
    """Print one document."""
    Screen().json(document)


def print_lines(items: Iterable[msgspec.Struct]) -> None:
    """Print a document a line."""
    screen = Screen()
    for item in items:
        screen.json(item)
