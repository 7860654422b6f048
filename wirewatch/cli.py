"""The command line: puts the commands together, and turns errors into words and an exit code."""

import importlib
import sys
import traceback
from typing import Any

import click

from results.error import Error
from stream.errors import ConfigError, QueryError, Reject, RetryLater, WirewatchError
from stream.log.base import LogError
from wirewatch.commands.output import asked_form, print_document
from wirewatch.commands.screen import GatedStream, complain

SECTIONS = {
    "Everyday": {
        "run": "Poll feeds, read and tag their articles, and make them searchable.",
        "search": "Find articles.",
        "export": "Write all articles of a search for other programs.",
        "show": "Show one article, its tags and why it has them.",
        "stories": "List the events with the most articles.",
        "story": "Show one event: who reported it, when, and who copied whom.",
        "digest": "Show or send what a day brought, by topic and saved search.",
        "status": "Show what is running, what is waiting and what failed.",
        "demo": "Try wirewatch without the internet.",
    },
    "Feeds, topics and alerts": {
        "feeds": "Manage the feed list.",
        "sources": "List the sources that fail or have gone quiet.",
        "topics": "Manage the topics, and check what each tags.",
        "query": "Check how a query is understood, or translate one of another language.",
        "alerts": "Manage and test alerts.",
        "channels": "Manage where alerts are sent.",
    },
    "The page": {
        "serve": "Serve the page and the API.",
        "mark": "Star, tag and annotate an article.",
        "marks": "List, export and import what people marked.",
        "users": "Manage who may log in to the page.",
        "tokens": "Manage the tokens that programs call the API with.",
        "audit": "Show what was changed through the page, and by whom.",
    },
    "Running as services": {
        "poll": "Poll feeds for new entries.",
        "fetch": "Fetch the pages of new entries.",
        "extract": "Read the article out of each page.",
        "enrich": "Tag articles with language, topics and entities.",
        "relate": "Group articles that tell the same story.",
        "index": "Make articles searchable.",
        "alert": "Match articles against the alerts.",
        "deliver": "Send alerts to their channels.",
    },
    "Upkeep": {
        "quarantine": "List and retry what could not be processed.",
        "replay": "Run stages again over stored articles or pages.",
        "backup": "Save everything in one file.",
        "restore": "Make a data folder from a backup.",
        "backfill": "Fetch the articles of a past period.",
        "warc": "Read and write WARC files.",
        "move": "Write the archive into Elasticsearch, or back.",
        "doctor": "Examine the installation, and say what to do about what is wrong.",
        "check": "Find damage in the stored data, and repair it.",
        "schema": "Print the JSON Schema of what `--json` prints.",
        "setup": "Prepare Kafka, Elasticsearch and Kibana.",
    },
}
"""Each is the function of its name, in the file of its name in wirewatch/commands/ unless `FILES` says otherwise."""
COMMANDS = {name: text for section in SECTIONS.values() for name, text in section.items()}
FILES = {
    **dict.fromkeys(SECTIONS["Running as services"], "stages"),
    "alerts": "alerts.manage",
    "digest": "digests.command",
    "stories": "story",
    "restore": "backup",
}

EPILOG = """
\b
First steps:
  wirewatch demo                          a small news world, no internet needed
  wirewatch run                           start with the bundled list of public feeds
  wirewatch search 'syria AND "peace talks"'

\b
Exit codes:
  0  success
  1  something failed: a server, a disk, or every feed (`run --once`)
  2  the command line, the configuration or a query is wrong

`wirewatch COMMAND --help` shows the options and examples of a command.
"""


class _Commands(click.Group):
    """Loads a command only when it is called: a search need not wait for the page parsers to be imported."""

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
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


@click.group(
    cls=_Commands,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="wirewatch")
def cli() -> None:
    """A streaming news monitor: feeds in, searchable and tagged articles out."""


def main() -> None:
    """The entry point. Exit codes: 0 success, 1 something failed, 2 wrong use, configuration or query."""
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code = cli(prog_name="wirewatch", standalone_mode=False)
    except click.Abort:
        complain("wirewatch: stopped")
        return 1
    except click.ClickException as error:
        error.show(file=GatedStream(sys.stderr))  # type: ignore[arg-type]  # click only writes and flushes
        return error.exit_code
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left, as `head` does
        return 1
    except Exception as error:  # noqa: BLE001 - also the text of a bug may come from a stranger: it passes the gate
        complain(f"wirewatch: {_in_words(error)}")
        return 2 if _is_users(error) else 1
    return code if isinstance(code, int) else 0


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


def _in_words(error: Exception) -> str:
    match error:
        case QueryError():
            return f"query: {error}"
        case RetryLater():
            return error.reason
        case WirewatchError() | LogError() | OSError():
            return str(error)
        case _:
            return "this is a bug in wirewatch:\n" + "".join(traceback.format_exception(error))


def _is_users(error: Exception) -> bool:
    """Whether the user's command line, files or query are to blame."""
    return isinstance(error, WirewatchError | LogError) and not isinstance(error, RetryLater)
