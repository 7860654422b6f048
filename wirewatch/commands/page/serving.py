"""The page over what this installation has, served on this machine while a command runs."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from alerts.results import firing_document
from enrich.names.salience import is_salient
from ingest.http.server import Bounds, serve
from query.warning import Warning  # noqa: A004 - it is not the exception
from results.alert import Firing
from results.parts import Coverage
from stream.clock import utc_now
from stream.errors import ConfigError, QueryError
from web.access.services import OPEN, Access
from web.app import make_app
from web.certificate import tls_of
from web.desk.desk import Desk
from web.guard import own_names
from web.images.services import Images
from web.services import Services
from web.traffic import Traffic
from wirewatch.commands import coverage
from wirewatch.commands.alerts.history import delivered_at, read_past
from wirewatch.commands.lint import lint_query
from wirewatch.commands.page.access import access_of, address_of, names_of
from wirewatch.commands.page.alerts import AlertEditor
from wirewatch.commands.page.images import images_of
from wirewatch.commands.page.live import live_of
from wirewatch.commands.page.outlets import Listed
from wirewatch.commands.page.sources import SourceEditor
from wirewatch.commands.page.status import Operations
from wirewatch.commands.page.topics import TopicEditor
from wirewatch.commands.screen import complain
from wirewatch.commands.settings import Settings
from wirewatch.composition.stores import open_store
from wirewatch.lists.topics import news_topics

_BOUNDS = Bounds(connections=2_048, line_bytes=65_536)  # a query stands in the address, and may be long
"""Of which some 1,500 may listen to events all day."""


@asynccontextmanager
async def serve_page(
    settings: Settings, port: int, host: str = "", traffic: Traffic | None = None
) -> AsyncIterator[str]:
    """Serve the page while the block runs; yields its address.

    Args:
        settings: of the command.
        port: to listen on.
        host: to listen on; '' is that of the configuration.
        traffic: counts what is asked.

    Raises ConfigError if it can't listen there, or if other machines could reach it and nobody is named who may use it.
    """
    config = settings.config.web
    host = host or config.host
    access = access_of(settings, host)
    names = own_names(port, (*config.names, *names_of(config, host, port)))
    async with images_of(settings) as images:
        services = replace(services_of(settings, access, images), traffic=traffic or Traffic())
        app = make_app(services, names)
        async with serve("web", app, host, port, _BOUNDS, tls_of(config)):
            yield address_of(config, host, port)


@asynccontextmanager
async def page_beside(settings: Settings, traffic: Traffic) -> AsyncIterator[str]:
    """Serve the page beside a pipeline; yields its address, '' if there is none: nothing must keep articles from coming in."""
    async with AsyncExitStack() as held:
        address = ""
        if settings.config.web.port:
            try:
                serving = serve_page(settings, settings.config.web.port, traffic=traffic)
                address = await held.enter_async_context(serving)
            except ConfigError as error:
                complain(f"The page is not served: {error}")
        yield address


def services_of(settings: Settings, access: Access = OPEN, images: Images | None = None) -> Services:
    """What the page is made over."""
    config, paths = settings.config, settings.paths

    def warnings(query: str) -> Sequence[Warning]:
        try:
            return lint_query(query, paths)
        except QueryError:
            return ()

    def heard() -> Coverage | None:
        return coverage.shown(config, paths)

    def firings(story: str) -> Sequence[Firing]:
        past = read_past(settings)
        ours = (one for one in past.fired if one.mention.story == story)
        return [firing_document(one, delivered_at(one, past.deliveries)) for one in ours]

    return Services(
        open_store=lambda: open_store(config, paths, readonly=True),
        lint=warnings,
        coverage=heard,
        topic_names=lambda: {topic.id: topic.name for topic in news_topics(paths)},
        firings=firings,
        is_salient=is_salient,
        now=utc_now,
        alerts=AlertEditor(settings),
        desk=Desk(paths.data, utc_now),
        access=access,
        live=live_of(settings),
        outlets=Listed(settings).outlets,
        images=images,
        sources=SourceEditor(settings),
        status=Operations(settings),
        topics=TopicEditor(settings),
    )
