"""`wirewatch query`: what a query means, before it is relied on."""

import sys

import click

from query.parse import parse
from query.tree import show
from stream.errors import QueryError
from wirewatch.commands.lint import lint_query
from wirewatch.commands.render import as_json
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
    """Look at a query: how it is understood, and what in it may not be meant."""


@query.command(epilog=EXAMPLES)
@click.argument("text", metavar="QUERY")
@click.option("--json", "as_object", is_flag=True, help="One object, for programs.")
@with_settings
def check(settings: Settings, text: str, as_object: bool) -> None:  # noqa: FBT001 - click's flag
    """Show how a query is understood, fully bracketed, and warn of what may not be meant.

    Exit code 2 if it can't be understood; warnings alone are no fault.
    """
    try:
        tree = parse(text)
    except QueryError as error:
        if not as_object:
            raise
        fault = {"position": error.position, "message": error.reason}
        click.echo(as_json({"query": text, "understood": None, "error": fault, "warnings": []}))
        sys.exit(2)
    warnings = lint_query(text, settings.paths)
    if as_object:
        click.echo(as_json({"query": text, "understood": show(tree), "error": None, "warnings": warnings}))
        return
    click.echo(f"Understood as: {show(tree)}")
    for warning in warnings:
        click.echo(f"\nwarning: {QueryError(warning.message, text, warning.position)}")
