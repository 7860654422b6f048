"""`wirewatch move`: the archive into Elasticsearch, and back."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack

import click

from index.store import Store
from results.move import Moved, To
from stream.errors import ConfigError
from stream.words import plural
from wirewatch.commands.bar import bar
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen, plain_console
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.moving import move as moved_into
from wirewatch.composition.stores import embedded, in_elasticsearch
from wirewatch.process.logs import to_console

_NAMES: Mapping[To, str] = {"elasticsearch": "Elasticsearch", "embedded": "the data folder"}
_SHOWN = 10

EXAMPLES = """
\b
Examples:
  wirewatch move --to elasticsearch      with [elasticsearch] hosts in wirewatch.toml
  wirewatch move --to embedded           back into the data folder
"""


@click.command(epilog=EXAMPLES)
@click.option("--to", type=click.Choice(["elasticsearch", "embedded"]), required=True, help="Where to.")
@with_json
@with_settings
def move(settings: Settings, to: To, form: Form) -> None:
    """Write the archive into Elasticsearch, or back into the data folder.

    Articles come with all their versions, stories and times. The archive that they come from stays as it is, and what the other
    has already is not written again: a move that was stopped goes on. At the end the articles of both are counted by topic,
    source, language and name; the exit code is 1 if an article is missing. Marks stay where they are, and count for both.
    """
    if not settings.config.elasticsearch.hosts:
        raise ConfigError("move: set elasticsearch.hosts first, which says where Elasticsearch is")
    to_console(plain_console(stderr=True))
    with ExitStack() as held:
        source, target = _stores(settings, to)
        held.enter_context(source)
        held.enter_context(target)
        tell = held.enter_context(bar("articles"))
        moved = moved_into(source, target, to, tell)
    if form == "json":
        print_document(moved)
    else:
        _tell(moved)
    if moved.lacking:
        sys.exit(1)


def _stores(settings: Settings, to: To) -> tuple[Store, Store]:
    """The archive that is moved, and the one that it goes to."""
    there = settings.config.elasticsearch
    if to == "elasticsearch":
        return embedded(settings.paths, readonly=True), in_elasticsearch(there, readonly=False)
    return in_elasticsearch(there, readonly=True), embedded(settings.paths, readonly=False)


def _tell(moved: Moved) -> None:
    screen = Screen()
    screen.print(
        f"{plural(moved.articles, 'article')} read, {moved.written:,} of them written;"
        f" {_NAMES[moved.to]} has {plural(moved.there, 'article')} now."
    )
    for key, reason in list(moved.refused.items())[:_SHOWN]:
        screen.line(f"{key[:8]} was refused: {reason}", style="red", hang=9)
    if moved.lacking:
        some = ", ".join(key[:8] for key in moved.lacking[:_SHOWN])
        screen.line(
            f"{plural(len(moved.lacking), 'article')} did not arrive as they should: {some}", style="red"
        )
    for line in moved.differences:
        screen.line(line, style="yellow")
    if not moved.differences:
        screen.print("Both archives have the same articles, by topic, source, language and name.")
    if moved.to == "embedded":
        screen.print("To use it, take elasticsearch.hosts out of your configuration.")
