"""Translates a query of another language into ours, and says where the translation differs."""

from collections.abc import Callable, Mapping

import msgspec

from query.lex import MAX_LENGTH
from query.parse import parse
from query.translate import factiva, google, kql, nexis
from query.translate.grammar import Read
from query.translate.nodes import Note
from query.translate.write import Writer
from stream.errors import QueryError

LANGUAGES: Mapping[str, Callable[[str], Read]] = {
    "factiva": factiva.read_query,
    "nexis": nexis.read_query,
    "google": google.read_query,
    "kql": kql.read_query,
}

_STRAIGHT = str.maketrans("“”„‟＂", '"' * 5)


class Translation(msgspec.Struct, frozen=True):
    """A query in this language.

    Attributes:
        text: the query; None if nothing of the original could be translated.
        notes: where it differs from the original, by position.
    """

    text: str | None
    notes: tuple[Note, ...]

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return self.text is not None and all(note.kind != "left-out" for note in self.notes)


def translate(language: str, query: str) -> Translation:
    """Translate a query from one of `LANGUAGES`.

    Raises QueryError, with the position in the original, if the query can't be read or exceeds a query's limits.
    """
    if len(query) > MAX_LENGTH:
        raise QueryError(f"a query can have at most {MAX_LENGTH:,} characters", query, MAX_LENGTH)
    found = LANGUAGES[language](query.translate(_STRAIGHT))
    writer = Writer(found.notes)
    text = writer.write(found.node)
    if text:
        _check(text, query)
    notes = sorted(dict.fromkeys((*writer.notes, *found.remarks)), key=lambda note: note.position)
    return Translation(text or None, tuple(notes))


def _check(text: str, query: str) -> None:
    """Raises QueryError if the translation is not a valid query: too long, or with too many words."""
    try:
        parse(text)
    except QueryError as error:
        raise QueryError(f"translated, this is not a valid query here: {error.reason}", query, 0) from error
