"""The command line: puts the commands together, and turns errors into words and an exit code."""

import importlib
import sys
from typing import Any

import click

from results.error import Error
from stream.errors import ConfigError, QueryError, Reject, RetryLater, WirewatchError
from stream.log.base import LogError
from wirewatch.commands.output import asked_form, print_document

COMMANDS = {
    "run": "Poll feeds, read their articles, tag them and make them searchable.",
    "demo": "Try wirewatch without internet.",
    "search": "Find articles.",
    "schema": "The JSON Schema of what `--json` prints and of what webhooks are sent.",
    "query": "Look at a query: how it is understood, what in it may not be meant.",
    "topics": "What each topic tags of the archive's articles.",
    "show": "Show an article: its text, why it was tagged, when it passed each stage.",
    "status": "Show what each stage has done, which feeds fail, what lies in quarantine.",
    "sources": "Show which sources fail, went silent, slowed down or moved.",
    "feeds": "The feed list: add, list, show, remove, import, export.",
    "quarantine": "What could not be handled: list it, look at it, try it again.",
    "setup": "Make what Kafka, Elasticsearch and Kibana need, where they are configured.",
    "alerts": "Who is told of what: add, list, show, test, history, mute, remove.",
    "replay": "Run stages again, over what the log or the archive holds.",
    "check": "Examine the stored data, and repair what is damaged.",
    "poll": "The stages as long-lived processes of their own, as many copies as wanted: poll feeds,",
    "fetch": "... fetch pages,",
    "extract": "... read them,",
    "enrich": "... tag articles,",
    "relate": "... find which tell the same story,",
    "index": "... make them searchable,",
    "alert": "... hold them against the alerts,",
    "deliver": "... tell who wants to know.",
}
"""Each is the function of its name, in the file of its name in wirewatch/commands/ unless `FILES` says otherwise."""
FILES = {
    **dict.fromkeys(("poll", "fetch", "extract", "enrich", "relate", "index", "alert", "deliver"), "stages"),
    "alerts": "alerts.manage",
}

EPILOG = """
\b
First steps:
  wirewatch demo                          a small news world, without internet
  wirewatch run                           the bundled list of public news feeds
  wirewatch search 'syria AND "peace talks"'
"""


class _Commands(click.Group):
    """Loads a command only when it is called: a search need not wait for what reads pages to be imported."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click calls it
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"wirewatch.commands.{FILES.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for. A program that asked for JSON gets its errors as JSON, too."""
        typed = {"--json", "--jsonl"} & {*ctx.args}
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if typed or asked_form(ctx) != "text":  # the options may not have been read
                print_document(_as_document(error))
            raise
        except (WirewatchError, LogError, OSError) as error:
            if asked_form(ctx) != "text" and not isinstance(error, BrokenPipeError):
                print_document(_as_document(error))
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click calls it
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="wirewatch")
def cli() -> None:
    """A streaming news monitor: feeds in, searchable and tagged articles out."""


def main() -> None:
    """The entry point. Exit codes: 0 done, 1 stopped by a fault, 2 wrong use or configuration."""
    try:
        cli()
    except QueryError as error:
        _fail(f"query: {error}", 2)
    except (WirewatchError, LogError) as error:
        _fail(str(error), 2)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has left, as `head` does
    except OSError as error:
        _fail(str(error), 1)


def _as_document(error: Exception) -> Error:
    """An error, for programs."""
    match error:
        case QueryError(reason=reason, query=query, position=position):
            return Error(kind="query", message=reason, query=query, position=position)
        case Reject(kind=kind, reason=reason) | RetryLater(kind=kind, reason=reason):
            return Error(kind=kind, message=reason, query=None, position=None)
        case click.UsageError():
            kind, message = "usage", error.format_message()
        case ConfigError():
            kind, message = "configuration", str(error)
        case _:
            kind, message = "system", str(error)
    return Error(kind=kind, message=message, query=None, position=None)


def _fail(message: str, code: int) -> None:
    click.echo(f"wirewatch: {message}", err=True)
    sys.exit(code)
