"""What a form or a program sends."""

from typing import Any

import msgspec
from aiohttp import web
from multidict import MultiDict

from stream.errors import ConfigError, FieldError
from web.errors import BadRequest


async def posted(request: web.Request) -> MultiDict[str]:
    """The fields of a form that are texts; raises BadRequest if it can't be read."""
    try:
        sent = await request.post()
    except (
        ValueError,
        LookupError,
    ) as error:  # without its boundary, cut off, in a charset that nobody knows
        raise BadRequest("body", f"not a form that can be read: {error}") from None
    return MultiDict((name, value) for name, value in sent.items() if isinstance(value, str))


async def json_object(request: web.Request) -> dict[str, Any]:
    """The object of a JSON body; raises BadRequest if it is not one."""
    if request.content_type != "application/json":
        raise BadRequest("body", f"expected application/json, found {request.content_type[:100]}")
    try:
        found = msgspec.json.decode(await request.read())
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadRequest("body", f"not valid JSON: {error}") from None
    except RecursionError:
        raise BadRequest("body", "nested too deeply") from None
    if not isinstance(found, dict):
        raise BadRequest("body", "expected a JSON object")
    return found


def key_of(error: ConfigError | None) -> str:
    """The field of a form that an error is about; '' if it is about none, or there is none."""
    return error.key if isinstance(error, FieldError) else ""
