"""The web application: routes, who is answered, and how faults are told."""

from collections.abc import Awaitable, Callable, Collection
from http import HTTPStatus
from pathlib import Path

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from stream.errors import ConfigError, EditConflict, FieldError, RetryLater
from web.access.audit_page import AuditPage
from web.access.gate import Gate
from web.access.login import LogInPage
from web.access.needed import needed
from web.access.services import Access
from web.access.shared_address import is_link
from web.alerts.api import AlertsApi
from web.alerts.page import AlertPages
from web.api.articles import ArticlesApi
from web.api.page import ApiPage
from web.archive import Archive
from web.article.api import VersionsApi
from web.article.page import ArticlePage
from web.box.api import BoxApi
from web.desk.api import DeskApi
from web.desk.page import DeskPage
from web.entity.api import EntitiesApi
from web.entity.page import EntityPage
from web.errors import BadRequest, Refused, is_for_a_program, problem
from web.events.stream import EventStream
from web.guard import headers_for, refusal
from web.images.page import ImagePage
from web.search.asked import Asked
from web.search.exports import Exports
from web.search.page import SearchPage
from web.services import Services
from web.share.page import SharePage, shared_routes
from web.sources.api import SourcesApi
from web.sources.page import SourcePages
from web.status.page import StatusPage
from web.story.api import StoriesApi
from web.story.page import StoryPages
from web.templating import Templates
from web.topics.api import TopicsApi
from web.topics.page import TopicPages

STATIC = Path(__file__).parent / "static"
_OUR_FAULT = "This is a fault of wirewatch itself: its log says which."
_log = structlog.get_logger("web.app")


def make_app(services: Services, names: Collection[str]) -> web.Application:
    """The application, not yet started.

    Args:
        services: what it is made over.
        names: the values of the Host header that it answers to, in lower case.
    """
    archive = Archive(services.open_store)
    login = services.access.login
    templates = Templates(images=services.images is not None, sharing=bool(login and login.shares))
    events = EventStream(services, archive)
    areas = (
        SearchPage(services, archive, templates),
        Exports(services, archive),
        ArticlePage(services, archive, templates),
        VersionsApi(archive),
        ArticlesApi(services, archive),
        ApiPage(templates, encrypted=services.access.encrypted),
        StoryPages(services, archive, templates),
        StoriesApi(services, archive),
        EntityPage(services, archive, templates),
        EntitiesApi(services, archive),
        events,
        BoxApi(services, archive),
        AlertPages(services, archive, templates),
        AlertsApi(services, archive),
        DeskPage(services, archive, templates),
        DeskApi(services, archive),
        LogInPage(services.access, templates),
        AuditPage(services.access, templates),
        SourcePages(services, archive, templates),
        SourcesApi(services),
        StatusPage(services, templates),
        TopicPages(services, archive, templates),
        TopicsApi(services, archive),
    )
    app = web.Application(
        middlewares=[services.traffic.count, _guarded(names), _told(templates), Gate(services.access).admit]
    )
    routes = [route for area in areas for route in area.routes()]
    app.add_routes(routes)
    if services.images:
        images = ImagePage(services.images, archive)
        app.add_routes(images.routes())
        app.on_shutdown.append(images.close)
    if login and login.shares:
        app.add_routes(
            SharePage(login.shares, login.share_days, templates, encrypted=services.access.encrypted).routes()
        )
        app.add_routes(shared_routes(routes))
    app.add_routes([web.static("/static", STATIC)])
    app.on_response_prepare.append(_with_headers(services.access))

    async def close(_: web.Application) -> None:
        archive.close()
        services.desk.close()

    app.on_shutdown.append(events.close)
    app.on_cleanup.append(close)
    return app


def _guarded(names: Collection[str]) -> web.middleware:  # type: ignore[valid-type]  # aiohttp has no type for it
    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        reason = refusal(request.method, request.headers, names)
        if not reason:
            return await handler(request)
        if is_for_a_program(request.path):
            return _problem(403, reason)
        return web.Response(text=reason, status=403)

    return guarded


def _told(templates: Templates) -> web.middleware:  # type: ignore[valid-type]
    """Faults of a request as a page, or as a problem document where a program asked."""

    @web.middleware
    async def told(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except BadRequest as error:
            more = {"parameter": error.parameter, "position": error.position}
            return _failed(request, templates, 400, error.reason, **more)
        except Refused as error:
            return _refused(request, templates, error)
        except web.HTTPClientError as error:
            return _failed_as_http(request, templates, error)
        except EditConflict as error:
            return _failed(request, templates, 409, str(error))
        except FieldError as error:
            more = {"parameter": error.key, "position": error.position}
            return _failed(request, templates, 422, error.reason, **more)
        except (ConfigError, RetryLater) as error:
            return _failed(request, templates, 503, str(error))
        except Exception as error:  # noqa: BLE001 - raised again where it isn't ours
            return _fault_of_ours(request, templates, error)

    return told


def _failed(
    request: web.Request, templates: Templates, status: int, message: str, **more: object
) -> web.StreamResponse:
    if is_for_a_program(request.path):
        return _problem(status, message, **more)
    bare = {"bare": True} if is_link(request.path) else {}
    return templates.page("error.html", status, asked=Asked(), message=message, status=status, **bare)


def _problem(status: int, message: str, **more: object) -> web.Response:
    body = problem(status, message, **more)
    return web.Response(status=status, body=body, content_type="application/problem+json")


def _failed_as_http(
    request: web.Request, templates: Templates, error: web.HTTPClientError
) -> web.StreamResponse:
    """What a handler, or aiohttp itself, says of a request that it can't answer."""
    said = "" if error.reason == HTTPStatus(error.status).phrase else error.reason
    match error:
        case web.HTTPNotFound():
            said = said or "There is nothing at this address."
        case web.HTTPMethodNotAllowed():
            said = f"This address answers to {' and '.join(sorted(error.allowed_methods))} alone."
        case web.HTTPRequestEntityTooLarge():
            said = error.text or ""
    response = _failed(request, templates, error.status, said or f"{error.reason}.")
    if allowed := error.headers.get("Allow"):
        response.headers["Allow"] = allowed
    return response


def _fault_of_ours(request: web.Request, templates: Templates, error: Exception) -> web.StreamResponse:
    """Say that it is one, and log it; raises the error again where it is none, or where the answer has begun."""
    theirs = isinstance(error, (web.HTTPException, web.RequestPayloadError, ConnectionError))
    if theirs or request.writer.output_size:
        raise error
    _log.error("a request could not be answered", path=request.path[:200], exc_info=error)
    return _failed(request, templates, 500, _OUR_FAULT)


def _refused(request: web.Request, templates: Templates, error: Refused) -> web.StreamResponse:
    if error.again:
        return templates.page("again.html", again=error.again)
    response = _failed(request, templates, error.status, error.reason)
    response.headers.update(error.headers)
    return response


def _with_headers(access: Access) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    headers = headers_for(encrypted=access.encrypted)

    async def with_headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)
        if is_link(request.path):
            response.headers["X-Robots-Tag"] = "noindex"
        private = response.headers.get("Cache-Control", "").startswith("private")
        if access.login and not private and needed(request.method, request.path):
            response.headers["Cache-Control"] = "private, no-cache"  # no proxy shows it to the next reader

    return with_headers
