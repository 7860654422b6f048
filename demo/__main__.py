"""`python -m demo`: serve the demo world until it is interrupted, or print the list of its feeds."""

import asyncio

import click

from demo.feeds import render_opml
from demo.server import serve
from demo.world import bundled
from stream.signals import on_stop


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one."
)
@click.option(
    "--head-start", type=click.IntRange(0), help="Articles that are out from the start [default: all]."
)
@click.option("--every", default=1.0, show_default=True, help="Seconds from one later article to the next.")
@click.option(
    "--opml", is_flag=True, help="Print the OPML list of the feeds for that port, and serve nothing."
)
def main(*, host: str, port: int, head_start: int | None, every: float, opml: bool) -> None:
    """Serve the demo news world."""
    if opml:
        click.echo(render_opml(bundled(), port))
        return
    try:
        asyncio.run(_serve_until_stopped(host, port, head_start, every))
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


async def _serve_until_stopped(host: str, port: int, head_start: int | None, every: float) -> None:
    stop = asyncio.Event()
    on_stop(lambda _: stop.set())
    async with serve(host=host, port=port, head_start=head_start, every=every) as world:
        click.echo(f"serving on http://{host}:{world.port} ({len(world.hosts)} outlets)")
        await stop.wait()


if __name__ == "__main__":
    main(prog_name="python -m demo")
