"""What the requests that change something share."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from stream.errors import ConfigError, EditConflict, FieldError
from web.errors import BadRequest

MISSING = "give the `version` of what you change, in quotes: nobody else's change is to be overwritten"


def version_of(request: web.Request) -> str:
    """The version that `If-Match` names; raises BadRequest if it names none."""
    if not (named := request.if_match):
        raise BadRequest("If-Match", MISSING)
    return named[0].value


@contextmanager
def no_such_keys() -> Iterator[None]:
    """Report missing or unknown keys as a fault of the request."""
    try:
        yield
    except (FieldError, EditConflict):
        raise
    except ConfigError as error:
        raise BadRequest("body", str(error)) from None


def done() -> web.Response:
    """There is nothing more to say."""
    return web.Response(status=204)
