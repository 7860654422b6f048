"""`wirewatch show`: everything that is known of one article."""

import click
import msgspec

from alerts.results import firing_document
from enrich.names.salience import is_salient
from index.results import article_document
from index.store import Document
from stream.errors import ConfigError
from wirewatch.commands.alerts.history import delivered_at, lines_of, read_past
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.render import document_as_text
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.kibana import archive_in_kibana
from wirewatch.composition.stores import open_store

EXAMPLES = """
\b
Examples:
  wirewatch show 3f9a1c20
  wirewatch show 3f9a1c20 --json | jq '.topics[] | .name, .clause'
  wirewatch show 3f9a1c20 --json | jq -r .text
"""


@click.command(epilog=EXAMPLES)
@click.argument("article_id", metavar="ID")
@with_json
@with_settings
def show(settings: Settings, article_id: str, form: Form) -> None:
    """Show one article, its tags and why it has them.

    Also where it was found, the alerts it fired, and when it passed each stage. The first digits of the ID are enough.
    """
    document = _find(settings, article_id)
    past = read_past(settings)
    article = document.enriched.article
    story, place = document.enriched.story or article.id, (article.id, article.time)
    archive = archive_in_kibana(settings.config)
    ours = [one for one in past.fired if one.mention.story == story]
    if form == "json":
        alerts = [firing_document(one, delivered_at(one, past.deliveries)) for one in ours]
        found = article_document(document, is_salient, alerts)
        print_document(msgspec.structs.replace(found, kibana=archive.article(*place)) if archive else found)
    else:
        lines = [line for one in ours for line in lines_of(one, past.deliveries)]
        Screen().print(document_as_text(document, lines))
        if archive:
            Screen().line(f"In Kibana: {archive.article(*place)}")
            Screen().line(f"Its story: {archive.story(story)}")


def _find(settings: Settings, article_id: str) -> Document:
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
