"""Changes at the desk, made for the person who asks."""

import asyncio

from aiohttp import web

from stream.errors import ConfigError
from web.access.gate import ABOUT
from web.access.person import person
from web.archive import Archive
from web.desk.changes import Change
from web.desk.desk import ME, Desk
from web.errors import BadRequest, Refused


async def make(request: web.Request, change: Change, desk: Desk, archive: Archive) -> None:
    """Make a change; raises BadRequest for what can't be a mark, and 404 where there is no such article."""
    request[ABOUT] = change.said()
    name = person().name
    if change.sets and await archive.read(lambda store: store.get(change.article)) is None:
        raise web.HTTPNotFound(reason="No article has this id.")
    if change.deed == "unnote":
        await _check_author(change, desk)
    value = name if change.kind == "assigned" and change.value.lower() == ME else change.value
    do = desk.add if change.sets else desk.remove
    try:
        await asyncio.to_thread(do, change.kind, name, change.article, value, change.name)
    except ConfigError as error:
        raise BadRequest("value", str(error)) from None


async def _check_author(change: Change, desk: Desk) -> None:
    """Notes are deleted by those who wrote them, and by admins."""
    notes = await asyncio.to_thread(desk.listed, ["note"], "", change.article)
    written = next((note for note in notes if note.name == change.name), None)
    if written is not None and written.person != person().name and not person().may("admin"):
        raise Refused(403, "Only its author or an admin may delete a note.")
