"""Makes docs/commands.md of the commands' own help, docs/configuration.md of the settings' defaults and docstrings, and
docs/metrics.md of the table of metrics.

python -m docs.reference
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import click
import msgspec

from wirewatch.cli import COMMANDS, cli
from wirewatch.composition.metric_row import Row, Timed
from wirewatch.composition.metric_table import TABLE
from wirewatch.composition.page_metrics import PAGE_TABLE
from wirewatch.config import Config
from wirewatch.pipeline import ALL

FOLDER = Path(__file__).parent
WIDTH = 100
COMMANDS_HEAD = """# Commands

What each command says with `--help`. This page is made by `python -m docs.reference`.

Every command takes `--data DIR` (or `WIREWATCH_DATA`) for the data folder, `--config FILE` (or `WIREWATCH_CONFIG`) for the
`wirewatch.toml` to use, and `--feeds FILE` for the feed list. Exit codes: 0 done, 1 stopped by a fault, 2 wrong use or
configuration; `wirewatch sources --silent` has one of its own.
"""
CONFIGURATION_HEAD = """# Configuration

Every key, with its default. This page is made by `python -m docs.reference` from the settings in the code.

wirewatch reads `wirewatch.toml` in the working directory, else in the data folder; `--config FILE` or `WIREWATCH_CONFIG` names
another file. An environment variable `WIREWATCH_<SECTION>_<KEY>` beats the file, such as `WIREWATCH_FETCH_GAP_SECONDS=2`. Write
text in it as it is, and anything else as in TOML: `WIREWATCH_ELASTICSEARCH_HOSTS='["https://search.example:9200"]'`. A wrong
key or value stops the start; the message names the file, the key and what was expected. Keep passwords in the environment.

```toml
[poll]
pace_seconds = 2400           # half as many requests; news is found later
[fetch]
contact = "desk@example.org"  # in the User-Agent, so that a site can reach you
[topics]
file = "topics.toml"          # your own topics, beside this file
```
"""
METRICS_HEAD = """# Metrics

What each process tells Prometheus. This page is made by `python -m docs.reference` from the table in the code.

Set `[service] port` (and `host`, if Prometheus runs elsewhere). `wirewatch run`, each stage and `wirewatch serve` then answer
`/metrics` there, beside `/healthz` and `/readyz`, as text or as OpenMetrics. Each process on a machine needs a port of its
own. It is not the page's, so that readers of the page don't see metrics. No metric names a feed, an article or a query. A
scrape waits for nothing: sizes and sources are measured in the background, at most every 30 seconds, and only while someone
scrapes.

```sh
WIREWATCH_SERVICE_PORT=8790 wirewatch run &
curl -s http://127.0.0.1:8790/metrics
```

`deploy/prometheus/alerts.yml` has alert rules. They expect `job_name: wirewatch`, as in the example
`deploy/prometheus/prometheus.yml`. `deploy/grafana/wirewatch.json` is a dashboard to import. `python -m deploy.monitoring`
makes all three. Kafka and Elasticsearch have exporters of their own.

Counters end in `_total` and begin at 0 when a process starts. Kinds are those of `wirewatch quarantine list`; beyond the first
hundred, the rest counts as `other`.
"""


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
        print(f"wrote docs/{name}")


def pages() -> dict[str, str]:
    """The pages by name."""
    return {"commands.md": commands(), "configuration.md": configuration(), "metrics.md": metrics()}


# Commands


def commands() -> str:
    """A table of all commands, then the help of each."""
    table = ["| command | what it does |", "|---|---|"]
    sections = []
    for name in COMMANDS:
        if name in ALL:
            continue
        command = _command(cli, name)
        table.append(f"| [`wirewatch {name}`](#wirewatch-{name}) | {_cell(COMMANDS[name])} |")
        sections.append(_section(command, f"wirewatch {name}", 2))
    stages = ", ".join(f"`wirewatch {name}`" for name in ALL)
    table.append(f"| {stages} | [a stage, or several, as a process of its own](#stages) |")
    sections.append(f"## Stages\n\n{stages}:\n\n{_help(_command(cli, 'fetch'), 'wirewatch fetch')}")
    return "\n".join((COMMANDS_HEAD, *table, "", *sections))


def _command(group: click.Command, name: str) -> click.Command:
    assert isinstance(group, click.Group)
    command = group.get_command(click.Context(group), name)
    assert command
    return command


def _section(command: click.Command, path: str, level: int) -> str:
    parts = [f"{'#' * level} {path}\n\n{_help(command, path)}"]
    if isinstance(command, click.Group):
        names = command.list_commands(click.Context(command))
        parts += [_section(_command(command, name), f"{path} {name}", level + 1) for name in names]
    return "\n".join(parts)


def _help(command: click.Command, path: str) -> str:
    settings = {"terminal_width": WIDTH, "max_content_width": WIDTH, "help_option_names": ["-h", "--help"]}
    context = click.Context(command, info_name=path, **settings)  # type: ignore[arg-type]
    return f"```text\n{command.get_help(context).rstrip()}\n```\n"


# Configuration


def configuration() -> str:
    """A table for each section."""
    return "\n".join((CONFIGURATION_HEAD, *map(_settings, msgspec.structs.fields(Config))))


def _settings(section: msgspec.structs.FieldInfo) -> str:
    said, types = docstrings(section.type), get_type_hints(section.type, include_extras=True)
    rows = ["| key | default | kind | what it does |", "|---|---|---|---|"]
    for field in msgspec.structs.fields(section.type):
        default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        what = _cell(said.get(field.name, ""))
        rows.append(f"| `{field.name}` | `{toml(default)}` | {_cell(kind(types[field.name]))} | {what} |")
    return "\n".join((f"## [{section.name}]", "", inspect.getdoc(section.type) or "", "", *rows, ""))


def docstrings(struct: type) -> dict[str, str]:
    """What stands below each attribute of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(struct))).body[0]
    assert isinstance(body, ast.ClassDef)
    return dict(_documented(body))


def _documented(body: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for attribute, text in zip(body.body, body.body[1:], strict=False):
        match attribute, text:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                yield name, " ".join(said.split())


def toml(value: Any) -> str:
    """A default as it is written in the file."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case float():
            return f"{value:_.1f}"
        case int():
            return f"{value:_}"
        case tuple():
            return f"[{', '.join(map(toml, value))}]"
        case Mapping() if not value:
            return "{}"
    raise TypeError(f"no TOML for {value!r}")


def kind(hint: Any) -> str:
    """What a key takes, in words."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return f"{kind(parts[0])}{_bounds(parts[1])}"
    if origin is Literal:
        return " or ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        return f"list of {kind(parts[0])}"
    if origin is dict:
        return f"table of {kind(parts[1])}"
    if origin is Union:
        return " or ".join(map(kind, parts))
    return {str: "text", bool: "`true` or `false`", int: "whole number", float: "number"}[hint]


def _bounds(meta: msgspec.Meta) -> str:
    if meta.ge is not None and meta.le is not None:
        return f" from {meta.ge:g} to {meta.le:g}"
    return f" above {meta.gt:g}" if meta.gt is not None else f", at least {meta.ge:g}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").removeprefix("... ").rstrip(",")


# Metrics


def metrics() -> str:
    """A table of all metrics."""
    rows = map(_metric, (*TABLE, *PAGE_TABLE))
    lines = ["| metric | kind | labels | what it tells |", "|---|---|---|---|", *rows]
    process = "`process_*` tell of the process itself (not of its workers): processor time, memory, open files, start."
    return "\n".join((METRICS_HEAD, *lines, "", process, ""))


def _metric(row: Row[Any] | Timed[Any]) -> str:
    kind = "histogram" if isinstance(row, Timed) else row.kind
    labels = ", ".join(f"`{label}`" for label in row.labels)
    return f"| `{row.name}` | {kind} | {labels} | {_cell(row.text)} |"


if __name__ == "__main__":
    main()
