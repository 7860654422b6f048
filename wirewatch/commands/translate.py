"""`wirewatch query translate`: a query of another service's language in wirewatch's."""

from typing import Literal

import click
import msgspec

from query.translate.translate import LANGUAGES, Translation
from query.translate.translate import translate as translated
from stream.errors import QueryError
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen, complain
from wirewatch.commands.settings import Settings, with_settings

EXAMPLES = """
\b
Examples:
  wirewatch query translate --from factiva 'hd=syria and (sanction$ near5 iran)'
  wirewatch query translate --from nexis 'HEADLINE(peace talks) AND syria OR iraq'
  wirewatch query translate --from google 'intitle:syria truce OR ceasefire -sport'
  wirewatch query translate --from kql 'title: (syria or iraq) and not lang: en'
  wirewatch search "$(wirewatch query translate --from nexis 'syria w/5 talks' 2>/dev/null)"
"""


class TranslationNote(msgspec.Struct, frozen=True):
    """Where a translation differs from the original."""

    kind: Literal["differs", "left-out"]
    """`differs`: translated into something that finds more or less. `left-out`: not translated."""
    position: int
    """Where in the original, in code points."""
    message: str


class Translated(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/translation/1"
):
    """A query of another language, in this one."""

    language: Literal["factiva", "nexis", "google", "kql"]
    original: str
    query: str | None
    """The translation; null if nothing of the original could be translated."""
    complete: bool
    """False if anything was left out."""
    notes: tuple[TranslationNote, ...]
    """In the order of the places."""


@click.command(epilog=EXAMPLES)
@click.argument("text", metavar="QUERY")
@click.option(
    "--from", "language", type=click.Choice(sorted(LANGUAGES)), required=True, help="The language of QUERY."
)
@with_json
@with_settings
def translate(_settings: Settings, text: str, language: str, form: Form) -> None:
    """Translate a query from Factiva, Nexis, Google or Kibana (KQL).

    The translation goes to standard output, what it can't say as the original did to standard error. Where nothing is exact,
    what finds more is preferred. The exit code is 1 if anything had to be left out, and 2 if QUERY can't be understood.
    """
    translation = translated(language, text)
    if form == "json":
        print_document(_document(text, language, translation))
    else:
        _tell(text, translation)
    if not translation.is_complete:
        click.get_current_context().exit(1)


def _document(text: str, language: str, translation: Translation) -> Translated:
    return Translated(
        language=language,  # type: ignore[arg-type]  # click has checked it
        original=text,
        query=translation.text,
        complete=translation.is_complete,
        notes=tuple(TranslationNote(note.kind, note.position, note.message) for note in translation.notes),
    )


def _tell(text: str, translation: Translation) -> None:
    if translation.text:
        Screen().print(translation.text)
    else:
        complain("nothing of this query can be translated")
    for note in translation.notes:
        complain(f"{note.kind}: {QueryError(note.message, text, note.position)}")
