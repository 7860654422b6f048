"""Changes at the desk, made for the person who asks."""

import asyncio

from aiohttp import web

from stream.errors import ConfigError
from web.access.gate import ABOUT
from web.access.person import person
from web.archive import Archive
from web.desk.changes import Change
from web.desk.desk import ME, Desk
from web.errors import BadRequest


async def make(request: web.Request, change: Change, desk: Desk, archive: Archive) -> None:
    """Make a change; raises BadRequest for what can't be a mark, and 404 where there is no such article."""
    request[ABOUT] = change.said()
    name = person().name
    if change.sets and await archive.read(lambda store: store.get(change.article)) is None:
        raise web.HTTPNotFound(reason="No article has this id.")
    value = name if change.kind == "assigned" and change.value.lower() == ME else change.value
    do = desk.add if change.sets else desk.remove
    try:
        await asyncio.to_thread(do, change.kind, name, change.article, value, change.name)
    except ConfigError as error:
        raise BadRequest("value", str(error)) from None
