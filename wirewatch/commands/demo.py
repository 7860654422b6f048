"""`wirewatch demo`: a made-up news world on this machine, read by the real pipeline."""

import asyncio
from contextlib import nullcontext
from pathlib import Path

import click
import msgspec

from alerts.settings import Digest
from demo.server import Serving
from demo.server import serve as serve_world
from stream.supervisor import Supervisor
from web.traffic import Traffic
from wirewatch import config as configuration
from wirewatch.commands import coverage
from wirewatch.commands.page.serving import page_beside
from wirewatch.commands.run import hints, search_hint, summary
from wirewatch.commands.screen import Screen
from wirewatch.commands.service import run_pipeline, say, serve
from wirewatch.commands.settings import Settings, load, replace
from wirewatch.lists.alerts import default_alerts
from wirewatch.process.private import make_folder

PORT = 8765
POLL_SECONDS = 2.0
AGAIN_AFTER_HOURS = (1 / 90, 1 / 30, 0.5)
"""When the demo's articles are read again: its outlets edit them within the first minute."""

EXAMPLES = """
\b
Examples:
  wirewatch demo                       news keeps coming until Ctrl-C
  wirewatch demo --once                everything at once, then a summary
  wirewatch demo --every 0.5           a new article every half second
  wirewatch search 'peace talks' --data ~/.local/share/wirewatch/demo
"""


@click.command(epilog=EXAMPLES)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The data folder. Default: `demo` in the usual one.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=PORT,
    show_default=True,
    help="The port on 127.0.0.1 that serves the world.",
)
@click.option(
    "--head-start",
    type=click.IntRange(0),
    default=40,
    show_default=True,
    help="Articles that are out at the start.",
)
@click.option(
    "--every",
    type=click.FloatRange(0, min_open=True),
    default=2.0,
    show_default=True,
    help="Seconds between new articles.",
)
@click.option("--once", is_flag=True, help="Process all articles at once, print a summary and exit.")
def demo(data: Path | None, port: int, head_start: int, every: float, once: bool) -> None:  # noqa: FBT001 - click's flag
    """Try wirewatch without the internet.

    A small made-up news world of early 2016 is served on this machine and fetched over HTTP like any other. Within the
    first minute (not with --once) its outlets correct, rewrite or withdraw a few articles: wirewatch search changed:any
    """
    folder = data or configuration.demo_data()

    async def main(stop: asyncio.Event) -> None:
        start = None if once else head_start
        async with serve_world(port=port, head_start=start, every=every, edits=not once) as world:
            settings = _settings(folder, world)
            job = Supervisor.run_once if once else Supervisor.run
            traffic = Traffic()
            async with nullcontext("") if once else page_beside(settings, traffic) as address:
                hint, asked = hints(settings, address), traffic if address else None
                say(f"The demo world is on port {world.port}; the data is in {folder}.\n{hint}")
                supervisor = await run_pipeline(settings, stop, job, hint=hint, traffic=asked)
        Screen().print(summary(settings, supervisor))
        Screen().print(search_hint(settings))
        coverage.check_ourselves(*await asyncio.to_thread(coverage.read, settings.config, settings.paths))

    serve(main)


def _settings(folder: Path, world: Serving) -> Settings:
    """The user's configuration, pointed at the world: its feeds, its hosts, and no gap between requests."""
    make_folder(folder)
    feeds = folder / "feeds.opml"
    feeds.write_text(world.opml, "utf-8")
    settings = load(folder, None, feeds)
    config = settings.config
    if not settings.paths.alerts.exists():
        settings.paths.alerts.write_bytes(default_alerts())
    fetch = msgspec.structs.replace(
        config.fetch, gap_seconds=0.0, hosts=dict(world.hosts), allow_private=("127.0.0.0/8",)
    )
    poll = msgspec.structs.replace(config.poll, every_seconds=POLL_SECONDS, longest_seconds=5 * POLL_SECONDS)
    edits = msgspec.structs.replace(config.edits, after_hours=AGAIN_AFTER_HOURS)
    no_digest = Digest()  # nobody is to be sent made-up news
    return Settings(replace(config, fetch=fetch, poll=poll, edits=edits, digest=no_digest), settings.paths)
