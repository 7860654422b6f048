"""`wirewatch query`: what a query means, before anyone relies on it."""

import click
import msgspec
from msgspec import UNSET, UnsetType

from kibana.language import say, to_kql, to_lucene
from query.parse import parse
from query.tree import show
from results.parts import QueryWarning
from results.query import Checked
from stream.clock import utc_now
from stream.errors import QueryError
from wirewatch.commands.lint import lint_query
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import moment, past
from wirewatch.commands.translate import translate
from wirewatch.composition.kibana import archive_in_kibana

EXAMPLES = """
\b
Examples:
  wirewatch query check 'syria OR truce AND geneva'
  wirewatch query check '"assad talks"~5 -sport* published:[2016-03-01 TO 2016-03-14]'
  wirewatch query check 'topic:syria lang:english' --json | jq .warnings
"""


@click.group()
def query() -> None:
    """Check how a query is understood, here and in Kibana; translate one of another language."""


query.add_command(translate)


class InKibana(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/kibana-query/1"):
    """A query as Kibana's search box takes it."""

    query: str
    kql: str | None
    """Null if KQL can't express it."""
    lucene: str
    differs: tuple[str, ...]
    """Where Kibana may find other articles, a sentence each."""
    url: str | UnsetType = UNSET
    """The address in Discover; missing if `[kibana] url` is not set."""


@query.command(epilog=EXAMPLES)
@click.argument("text", metavar="QUERY")
@with_json
@with_settings
def check(settings: Settings, text: str, form: Form) -> None:
    """Show how a query is understood, and warn of likely mistakes.

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


KIBANA_EXAMPLES = """
\b
Examples:
  wirewatch query kibana 'topic:syria "peace talks"'
  wirewatch query kibana 'entity:"Vladimir Putin" lang:en' --since 7d
  open "$(wirewatch query kibana 'title:geneva' --json | jq -r .url)"
"""


@query.command(epilog=KIBANA_EXAMPLES)
@click.argument("text", metavar="QUERY")
@click.option("--since", help="For the URL: published at or after: 2016-03-14, 24h, 7d.")
@click.option("--until", help="For the URL: published before.")
@with_json
@with_settings
def kibana(settings: Settings, text: str, since: str | None, until: str | None, form: Form) -> None:
    """Write a query for Kibana's search box.

    Prints it in KQL, if KQL can express it, and in Lucene; where Kibana may find other articles; and, if `[kibana] url` is
    set, the URL that opens it in Discover.
    """
    tree, now = parse(text), utc_now()
    archive = archive_in_kibana(settings.config)
    period = (past("--since", since, now) if since else None, moment(until, now) if until else None)
    found = InKibana(
        query=text,
        kql=to_kql(tree),
        lucene=to_lucene(tree).text,
        differs=say(tree).differs,
        url=archive.query(tree, *period) if archive else UNSET,
    )
    if form == "json":
        print_document(found)
    else:
        _show_in_kibana(found)


def _show_in_kibana(found: InKibana) -> None:
    screen = Screen()
    screen.line(
        f"KQL:     {found.kql or '(KQL cannot express this; choose Lucene in the menu of the search box)'}"
    )
    screen.line(f"Lucene:  {found.lucene}")
    if found.url:
        screen.line(f"URL:     {found.url}")
    for sentence in found.differs:
        screen.print(f"\nwarning: {sentence}.")
