"""`wirewatch show`: everything that is known of one article."""

from urllib.parse import quote

import click
import msgspec
from rich.text import Text

from alerts.results import firing_document
from enrich.names.salience import is_salient
from index.results import article_document
from index.store import Document
from results.article import Article
from stream.errors import ConfigError
from web.access.person import LOCAL_NAME
from wirewatch.commands.alerts.history import delivered_at, lines_of, read_past
from wirewatch.commands.desk import desk_of, mark_as_text
from wirewatch.commands.marks import KINDS
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.remote import Remote, with_server
from wirewatch.commands.render import article_as_text
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.times import clock
from wirewatch.commands.versions import print_changes, print_version
from wirewatch.composition.kibana import archive_in_kibana
from wirewatch.composition.stores import open_store

EXAMPLES = """
\b
Examples:
  wirewatch show 3f9a1c20
  wirewatch show 3f9a1c20 --json | jq '.topics[] | .name, .clause'
  wirewatch show 3f9a1c20 --json | jq -r .text
  wirewatch show 3f9a1c20 --changes     what was changed since it was first read
  wirewatch show 3f9a1c20 --version 0   as it was first read
  wirewatch show 3f9a1c20 --server https://desk.example
"""


@click.command(epilog=EXAMPLES)
@click.argument("article_id", metavar="ID")
@click.option("--changes", is_flag=True, help="Show what was changed since it was first read, word by word.")
@click.option(
    "--version", "number", type=click.IntRange(min=0), help="Show an earlier version; 0 is the first."
)
@with_json
@with_server
@with_settings
def show(
    settings: Settings,
    article_id: str,
    changes: bool,  # noqa: FBT001 - a flag of click
    number: int | None,
    form: Form,
    server: Remote | None,
) -> None:
    """Show one article, its tags and why it has them.

    Also where it was found, the alerts it fired, and when it passed each stage. The first digits of the ID are enough.

    Articles are read again ([edits] of the configuration): --changes and --version show what their outlets changed.
    """
    if changes and number is not None:
        raise ConfigError("show: --changes and --version don't go together")
    if server:
        _show_there(server, article_id, form, only_whole=not changes and number is None)
        return
    document = find_article(settings, article_id)
    if changes:
        print_changes(document.enriched.article, form)
    elif number is not None:
        print_version(document.enriched.article, number, form)
    else:
        _print_whole(settings, document, form)


def _print_whole(settings: Settings, document: Document, form: Form) -> None:
    """Everything that is known of the article, and of the alerts that reported it."""
    past = read_past(settings)
    article = document.enriched.article
    story, place = document.enriched.story or article.id, (article.id, article.time)
    archive = archive_in_kibana(settings.config)
    ours = [one for one in past.fired if story == one.mention.story or article.id == one.mention.article]
    if form == "json":
        alerts = [firing_document(one, delivered_at(one, past.deliveries)) for one in ours]
        found = article_document(document, is_salient, alerts)
        print_document(msgspec.structs.replace(found, kibana=archive.article(*place)) if archive else found)
    else:
        lines = [line for one in ours for line in lines_of(one, past.deliveries)]
        Screen().print(article_as_text(article_document(document, is_salient, ()), lines))
        for mark in desk_of(settings).listed(KINDS, LOCAL_NAME, article.id):
            Screen().line(f"Marked by {mark.person}: {mark_as_text(mark)}")
        if archive:
            Screen().line(f"In Kibana: {archive.article(*place)}")
            Screen().line(f"Its story: {archive.story(story)}")


def _show_there(server: Remote, article_id: str, form: Form, *, only_whole: bool) -> None:
    """The same of another wirewatch."""
    if not only_whole:
        raise ConfigError("show: --changes and --version show articles of this machine; leave out --server")
    article = server.document(f"/api/v1/articles/{quote(article_id.lower(), safe='')}", Article)
    if form == "json":
        print_document(article)
        return
    alerts = [
        Text(f"  {clock(one.fired)}  {one.alert} [{one.severity}]: {one.reason}") for one in article.alerts
    ]
    Screen().print(article_as_text(article, alerts))


def find_article(settings: Settings, article_id: str) -> Document:
    """The article whose id begins so; raises ConfigError if it is not one."""
    with open_store(settings.config, settings.paths, readonly=True) as store:
        ids = store.find_ids(article_id.lower())
        if len(ids) != 1:
            raise ConfigError(f"article {article_id!r}: {_not_one(ids)}")
        document = store.get(ids[0])
    if document is None:
        raise ConfigError(f"article {ids[0]}: it has just been removed")
    return document


def _not_one(ids: list[str]) -> str:
    if not ids:
        return "no article has this ID; `wirewatch search` lists them"
    return f"{len(ids)} or more IDs start like this: {', '.join(one[:12] for one in ids)}"
