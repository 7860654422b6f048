"""`wirewatch serve`: the page and the API."""

import asyncio

import click

from web.settings import DEFAULT_PORT
from web.traffic import Traffic
from wirewatch.commands.page.health import health_beside_page
from wirewatch.commands.page.serving import serve_page
from wirewatch.commands.screen import Screen
from wirewatch.commands.service import serve as run_until_stopped
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.process import logs
from wirewatch.process.manager import tell_manager

EXAMPLES = """
\b
Examples:
  wirewatch serve
  wirewatch users add ann --role admin && wirewatch serve --host 0.0.0.0
  wirewatch serve --port 9000 --data ~/.local/share/wirewatch/demo
  curl -s 'http://127.0.0.1:8770/api/v1/articles?q=topic:syria&since=7d' | jq '.hits[].article.title'
"""


@click.command(epilog=EXAMPLES)
@click.option("--host", default="", help="The address to listen on. Default: [web] host, which is 127.0.0.1.")
@click.option("--port", type=click.IntRange(1, 65_535), help="The port to listen on. Default: [web] port.")
@with_settings
def serve(settings: Settings, host: str, port: int | None) -> None:
    """Serve the page and the API, until Ctrl-C.

    Search the archive, count over time, narrow by topic, source and name, read articles with why they were tagged, and take
    results along as CSV, JSON or a feed.

    On this machine alone (127.0.0.1) there is no log-in until you add people. With any other --host, people must log in: add
    them with `wirewatch users add`, or let a proxy name them ([web] user_header).
    """
    logs.as_configured(settings.config.log)

    async def main(stop: asyncio.Event) -> None:
        config, traffic = settings.config, Traffic()
        async with (
            serve_page(settings, port or config.web.port or DEFAULT_PORT, host, traffic) as address,
            health_beside_page(config.service, traffic, stop),
        ):
            said = f"The page is at {address}"
            Screen().print(said)
            async with tell_manager(stop, lambda: said):
                await stop.wait()

    run_until_stopped(main)
