"""`wirewatch query`: what a query means, before anyone relies on it."""

import click
import msgspec

from query.parse import parse
from query.tree import show
from results.parts import QueryWarning
from stream.errors import QueryError
from wirewatch.commands.lint import lint_query
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings

EXAMPLES = """
\b
Examples:
  wirewatch query check 'syria OR truce AND geneva'
  wirewatch query check '"assad talks"~5 -sport* published:[2016-03-01 TO 2016-03-14]'
  wirewatch query check 'topic:syria lang:english' --json | jq .warnings
"""


@click.group()
def query() -> None:
    """Check how a query is understood."""


class Checked(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/query/1"):
    """How a query is understood, and what in it may not be meant."""

    query: str
    understood: str
    """Fully bracketed."""
    warnings: tuple[QueryWarning, ...]


@query.command(epilog=EXAMPLES)
@click.argument("text", metavar="QUERY")
@with_json
@with_settings
def check(settings: Settings, text: str, form: Form) -> None:
    """Show a query with all its brackets, and warn of likely mistakes.

    The exit code is 2 if the query can't be understood, and 0 if there are only warnings.
    """
    screen = Screen()
    tree = parse(text)
    warnings = lint_query(text, settings.paths)
    if form == "json":
        told = tuple(QueryWarning(one.kind, one.position, one.message) for one in warnings)
        print_document(Checked(query=text, understood=show(tree), warnings=told))
        return
    screen.print(f"Understood as: {show(tree)}")
    for warning in warnings:
        screen.print(f"\nwarning: {QueryError(warning.message, text, warning.position)}")
