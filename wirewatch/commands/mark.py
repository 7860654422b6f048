"""`wirewatch mark`: star, tag and annotate an article."""

from collections.abc import Iterator

import click

from results.desk import MarkKind, Marks
from stream.errors import ConfigError
from web.access.accounts import name_of
from web.access.person import LOCAL_NAME
from wirewatch.commands.desk import desk_of, mark_as_text
from wirewatch.commands.marks import KINDS
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.commands.show import find_article
from wirewatch.commands.users import note as note_in_audit

EXAMPLES = """
\b
Examples:
  wirewatch mark 3f9a1c20 --star --tag urgent --note "call the ministry"
  wirewatch mark 3f9a1c20 --assign ann --not-topic syria
  wirewatch mark 3f9a1c20 --unstar --untag urgent
  wirewatch search 'tag:urgent AND starred:true'
"""
_MOST = 10_000


@click.command(epilog=EXAMPLES)
@click.argument("article_id", metavar="ID")
@click.option("--star/--unstar", default=None, help="Star it, or no longer.")
@click.option("--read/--unread", default=None, help="Mark it as read, or as unread.")
@click.option("--tag", "tags", multiple=True, help="Add a tag. Repeatable.")
@click.option("--untag", "untags", multiple=True, help="Remove a tag. Repeatable.")
@click.option("--note", "notes", multiple=True, help="Add a note. Repeatable.")
@click.option("--assign", help="Assign it to a person.")
@click.option("--unassign", is_flag=True, help="Assign it to nobody.")
@click.option(
    "--not-topic", "not_topics", multiple=True, help="Say that it is not about this topic (its id)."
)
@click.option(
    "--wrong-name",
    "wrong_names",
    multiple=True,
    help="Say that this person, place or organisation is not meant.",
)
@click.option("--as", "person", default=LOCAL_NAME, show_default=True, help="Whose stars and notes they are.")
@with_json
@with_settings
def mark(settings: Settings, article_id: str, person: str, form: Form, **asked: object) -> None:
    """Mark an article at your desk, as the page does.

    The first digits of the ID are enough. Without an option, the marks are shown. They are kept apart from the archive: replays
    and upgrades leave them as they are. Searches find them: tag:urgent, note:ministry, starred:true, read:false, assigned:ann.
    """
    article = find_article(settings, article_id).enriched.article
    desk, person = desk_of(settings), name_of(person)
    changes = list(_changes(**asked))  # type: ignore[arg-type]  # click has typed them
    for kind, sets, value in changes:
        if sets:
            desk.add(kind, person, article.id, value)
        elif not desk.remove(kind, person, article.id, value):
            raise ConfigError(f"{kind}{f' {value!r}' if value else ''}: the article has no such mark")
        note_in_audit(settings, "mark", person=person, article=article.id, kind=kind, value=value[:200])
    found = desk.listed(KINDS, person, article.id, _MOST)
    if form == "json":
        print_document(Marks(tuple(found)))
        return
    Screen().line(f"{article.id[:8]}  {article.title}")
    for one in found:
        Screen().line(f"          {mark_as_text(one)}  ({one.person})")
    if not found:
        Screen().print("          no marks")


def _changes(
    *,
    star: bool | None,
    read: bool | None,
    tags: tuple[str, ...],
    untags: tuple[str, ...],
    notes: tuple[str, ...],
    assign: str | None,
    unassign: bool,
    not_topics: tuple[str, ...],
    wrong_names: tuple[str, ...],
) -> Iterator[tuple[MarkKind, bool, str]]:
    """What is to be set (True) or taken away, in the order of the options."""
    if star is not None:
        yield "star", star, ""
    if read is not None:
        yield "read", read, ""
    yield from (("tag", True, tag) for tag in tags)
    yield from (("tag", False, tag) for tag in untags)
    yield from (("note", True, text) for text in notes)
    if assign:
        yield "assigned", True, assign
    if unassign:
        yield "assigned", False, ""
    yield from (("not-topic", True, topic) for topic in not_topics)
    yield from (("wrong-name", True, name) for name in wrong_names)
