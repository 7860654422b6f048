"""The desk of this installation, for commands."""

from query.marks import Marks
from results.desk import Mark
from stream.clock import utc_now
from web.access.person import LOCAL_NAME
from web.desk.desk import Desk
from wirewatch.commands.settings import Settings

_SAID = {
    "star": "starred",
    "read": "read",
    "tag": "tag",
    "note": "note",
    "assigned": "for",
    "not-topic": "not the topic",
    "wrong-name": "wrong name",
    "search": "search",
}


def desk_of(settings: Settings) -> Desk:
    """The marks in the data folder."""
    return Desk(settings.paths.data, utc_now)


def marks_here(settings: Settings) -> Marks:
    """What the query language looks up for whoever uses the command line."""
    return desk_of(settings).marks_of(LOCAL_NAME)


def mark_as_text(mark: Mark) -> str:
    """A mark in a line, without its article."""
    named = f"{mark.name} " if mark.kind == "search" else ""
    return f"{_SAID[mark.kind]} {named}{mark.value}".rstrip()
