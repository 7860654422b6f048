"""The web application: routes, who is answered, and how faults are told."""

from collections.abc import Collection
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from stream.errors import ConfigError, RetryLater
from web.api import Api
from web.archive import Archive
from web.desk import Desk
from web.errors import BadRequest, problem
from web.exports import Exports
from web.guard import HEADERS, refusal
from web.pages import Pages

STATIC = Path(__file__).parent / "static"


def make_app(desk: Desk, names: Collection[str]) -> web.Application:
    """The application, not yet started.

    Args:
        desk: what it is made over.
        names: the values of the Host header that it answers to, in lower case.
    """
    archive = Archive(desk.open_store)
    pages, api, exports = Pages(desk, archive), Api(desk, archive), Exports(desk, archive)
    app = web.Application(middlewares=[_guarded(names), _told(pages)])
    app.add_routes(
        [
            web.get("/", pages.search),
            web.get("/article/{id}", pages.article),
            web.get("/search.json", api.articles),
            web.get("/search.{form:jsonl|csv|md}", exports.streamed),
            web.get("/search.atom", exports.feed),
            web.get("/api/v1/articles", api.articles),
            web.get("/api/v1/articles/{id}", api.article),
            web.get("/api/v1/counts", api.counts),
            web.get("/api/v1/openapi.json", api.openapi),
            web.static("/static", STATIC),
        ]
    )
    app.on_response_prepare.append(_with_headers)

    async def close(_: web.Application) -> None:
        archive.close()

    app.on_cleanup.append(close)
    return app


def _guarded(names: Collection[str]) -> web.middleware:  # type: ignore[valid-type]  # aiohttp has no type for it
    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if reason := refusal(request.headers, names):
            return web.Response(text=reason, status=403)
        return await handler(request)

    return guarded


def _told(pages: Pages) -> web.middleware:  # type: ignore[valid-type]
    """Faults of a request as a page, or as a problem document where a program asked."""

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except BadRequest as error:
            more = {"parameter": error.parameter, "position": error.position}
            return _failed(request, pages, 400, error.reason, **more)
        except web.HTTPNotFound:
            return _failed(request, pages, 404, "There is nothing at this address.")
        except web.HTTPMethodNotAllowed:
            return _failed(request, pages, 405, "This address can only be read.")
        except (ConfigError, RetryLater) as error:
            return _failed(request, pages, 503, str(error))

    return told


def _failed(
    request: web.Request, pages: Pages, status: int, message: str, **more: object
) -> web.StreamResponse:
    if request.path.startswith(("/api/", "/search.")):
        body = problem(status, message, **more)
        return web.Response(status=status, body=body, content_type="application/problem+json")
    return pages.failed(status, message)


async def _with_headers(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)
