"""`wirewatch show`: everything that is known of one article."""

from datetime import datetime

import click
import msgspec

from stream.errors import ConfigError
from stream.messages import Enriched
from wirewatch.commands.alerts.history import Past, as_past, lines_of, read_past
from wirewatch.commands.render import as_json as to_json
from wirewatch.commands.render import document_as_text, screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.stores import open_store


class Shown(msgspec.Struct, frozen=True):
    """What `wirewatch show --json` prints."""

    enriched: Enriched
    indexed: datetime
    alerts: list[Past]
    """That told of the article, or of another that tells its story."""


@click.command(
    epilog="\b\nExamples:\n  wirewatch show 3f9a1c20\n  wirewatch show 3f9a1c20 --json | jq .enriched.topics"
)
@click.argument("article_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="One object, for programs.")
@with_settings
def show(settings: Settings, article_id: str, as_json: bool) -> None:  # noqa: FBT001 - click's flag
    """Show an article's text, why it was tagged, and when it passed each stage. The first digits of the ID will do."""
    with open_store(settings.config, settings.paths, readonly=True) as store:
        ids = store.find_ids(article_id.lower())
        if len(ids) != 1:
            found = (
                f"{len(ids)} or more articles have ids like that: {', '.join(i[:12] for i in ids)}"
                if ids
                else "none"
            )
            raise ConfigError(
                f"article {article_id!r}: expected the id (or its first digits) of one, found {found}"
            )
        document = store.get(ids[0])
    if document is None:
        raise ConfigError(f"article {ids[0]}: was removed just now")
    fired, _, deliveries = read_past(settings)
    ours = [one for one in fired if one.mention.story == (document.enriched.story or ids[0])]
    if as_json:
        click.echo(
            to_json(Shown(document.enriched, document.indexed, [as_past(one, deliveries) for one in ours]))
        )
    else:
        lines = [line for one in ours for line in lines_of(one, deliveries)]
        console = screen()
        console.print(document_as_text(document, lines))
