"""`wirewatch setup`: prepares the shared servers for the first article: topics, index templates, Kibana's objects."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from alerts.channels.elasticsearch import MAPPING as ALERTS
from index.elasticsearch.cluster import Cluster
from index.elasticsearch.notes import Notes
from index.elasticsearch.setup import lifecycle_of, set_lifecycle, set_replicas, set_up
from index.elasticsearch.upgrade import upgrade
from kibana.access import analyst_role, make_space
from kibana.changes import Marks
from kibana.client import Kibana
from kibana.health import QUARANTINE, SOURCES
from kibana.load import Loader
from kibana.names import Names
from kibana.names import Topic as TopicName
from kibana.objects import Objects, export, generate
from kibana.rules import matches_template
from kibana.settings import Kibana as KibanaSettings
from stream.clock import utc_now
from stream.errors import ConfigError, RetryLater
from stream.words import plural
from wirewatch.commands.output import Form, print_document, with_json
from wirewatch.commands.screen import Screen
from wirewatch.commands.settings import Settings, with_settings
from wirewatch.composition.kibana import kibana_names
from wirewatch.composition.kibana_marks import MAPPING as MARKS
from wirewatch.composition.kibana_marks import StoredMarks
from wirewatch.config import Config
from wirewatch.lists.topics import news_topics
from wirewatch.topics import TOPICS, specs


class Item(msgspec.Struct, frozen=True):
    """One thing that setup creates."""

    system: Literal["kafka", "elasticsearch", "kibana"]
    what: str
    name: str
    result: Literal["planned", "created", "updated", "kept", "in place", "skipped"] = "planned"
    """`kept`: a person has changed it in Kibana, so it was left as it is."""


class Done(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/setup/1"):
    """What was set up, or is planned to be."""

    items: tuple[Item, ...]


class Exported(msgspec.Struct, frozen=True, tag_field="schema", tag="wirewatch/export/1"):
    """The files that hold Kibana's objects."""

    files: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """What one server needs.

    Attributes:
        address: where it is.
        plan: what would be created.
        make: creates it, and returns what became of each item.
    """

    address: str
    plan: tuple[Item, ...]
    make: Callable[[], Sequence[Item]]


EXAMPLES = """
\b
Examples:
  wirewatch setup --dry-run            show what would be created, and where
  wirewatch setup                      create it; run it again when topics or versions change
  wirewatch setup --space desk --analyst-role
                                       load into a space of its own, with a role that only reads there
  wirewatch setup --force              replace what people have changed in Kibana, too
  wirewatch setup --export objects/    write Kibana's objects as files, to import by hand
"""


@click.command(epilog=EXAMPLES)
@click.option("--dry-run", is_flag=True, help="Show what would be created; contact no server.")
@with_json
@click.option(
    "--export",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write Kibana's objects to a folder instead of loading them.",
)
@click.option("--space", help="Kibana's space, by its id, in place of kibana.space; created if need be.")
@click.option(
    "--analyst-role", "role", is_flag=True, help="Create a role in Kibana that reads this news, and no more."
)
@click.option("--force", is_flag=True, help="Replace what people have changed in Kibana, too.")
@with_settings
def setup(
    settings: Settings,
    dry_run: bool,  # noqa: FBT001 - click's flags
    form: Form,
    folder: Path | None,
    space: str | None,
    role: bool,  # noqa: FBT001
    force: bool,  # noqa: FBT001
) -> None:
    """Prepare Kafka, Elasticsearch and Kibana.

    Creates Kafka's topics, Elasticsearch's index templates, and the dashboard, searches and rules that analysts open in
    Kibana. It is safe to run at any time: it updates what it created, creates nothing twice, leaves disabled rules disabled,
    and keeps what people have changed in Kibana.
    """
    settings = Settings(_in_space(settings.config, space), settings.paths)
    names, objects = kibana_objects(settings)
    if folder:
        files = tuple(str(file) for file in export(objects, folder))
        if form == "json":
            print_document(Exported(files))
        for file in files if form == "text" else ():
            Screen().line(file)
        return
    done: list[Item] = []
    for part in parts(settings, names, objects, role=role, force=force):
        items = part.plan if dry_run else part.make()
        done += items
        if form == "text":
            _say(part, items)
    if form == "json":
        print_document(Done(tuple(done)))


def kibana_objects(settings: Settings) -> tuple[Names, Objects]:
    """What Kibana gets, for the configured topics and prefix."""
    names = kibana_names(settings.config)
    topics = tuple(
        TopicName(id=topic.id, name=topic.name, description=topic.description)
        for topic in news_topics(settings.paths)
    )
    return names, generate(names, topics)


def _in_space(config: Config, space: str | None) -> Config:
    """The configuration with the space of the option --space; raises ConfigError if none can be called so."""
    if space is None:
        return config
    chosen = msgspec.structs.replace(config.kibana, space=space)
    for fault in chosen.faults():
        raise ConfigError(f"--space: {fault.expected}")
    return msgspec.structs.replace(config, kibana=chosen)


def parts(settings: Settings, names: Names, objects: Objects, *, role: bool, force: bool) -> list[Part]:
    """What each configured server needs, in the order in which it must be created; raises ConfigError if there is none."""
    config = settings.config
    if config.kibana.url and not config.elasticsearch.hosts:
        raise ConfigError("kibana.url: needs elasticsearch.hosts, too: Kibana shows what is in Elasticsearch")
    found = []
    if config.kafka.bootstrap_servers:
        found.append(_kafka(config))
    if config.elasticsearch.hosts:
        found.append(_elasticsearch(config, names))
    if config.kibana.url:
        found.append(_kibana(config, names, objects, role=role, force=force))
    if not found:
        raise ConfigError(
            "nothing to set up: the embedded log and archive need no preparation; to use a server, set"
            " kafka.bootstrap_servers, elasticsearch.hosts or kibana.url"
        )
    return found


def _kafka(config: Config) -> Part:
    plan = tuple(Item("kafka", "topic", config.kafka.prefix + topic.name) for topic in TOPICS)

    def make() -> Sequence[Item]:
        from stream.log.kafka.log import KafkaLog  # noqa: PLC0415 - its client is slow to import

        with (
            _reached("kafka.bootstrap_servers"),
            KafkaLog(config.kafka, specs(config), now=utc_now) as log,
        ):
            return _done(plan, log.created)

    return Part(config.kafka.bootstrap_servers, plan, make)


def _elasticsearch(config: Config, names: Names) -> Part:
    plan = (
        Item("elasticsearch", "index template", names.articles),
        Item("elasticsearch", "index template", names.matches),
        *(Item("elasticsearch", "index", index) for index in _small_indices(names)),
    )
    keep = f"for {config.elasticsearch.keep_days:g} days" if config.elasticsearch.keep_days else "forever"
    lifecycle = Item(
        "elasticsearch", f"lifecycle policy (articles are kept {keep})", lifecycle_of(names.articles)
    )
    without = Item(
        "elasticsearch",
        "lifecycle policy (this server has no index lifecycle management, so old indices stay):",
        lifecycle.name,
        "skipped",
    )

    def make() -> Sequence[Item]:
        with _reached("elasticsearch.hosts"), closing(Cluster(config.elasticsearch)) as cluster:
            missing = {
                *(item.name for item in plan if item.what == "index" and not cluster.mappings(item.name)),
                *(item.name for item in plan if item.what != "index" and not cluster.has_template(item.name)),
            }
            renewed = [
                Item("elasticsearch", "index", index, "updated")
                for index in upgrade(cluster, config.elasticsearch, utc_now)
            ]
            set_up(cluster, config.elasticsearch, utc_now())
            set_replicas(cluster, config.elasticsearch)
            cluster.put_template(names.matches, matches_template(names))
            for index, mapping in _small_indices(names).items():
                with closing(Notes(config.elasticsearch, index, mapping)) as notes:
                    notes.set_up()
            has_lifecycles = set_lifecycle(cluster, config.elasticsearch)
        return [*renewed, *_done(plan, missing), *(_done([lifecycle]) if has_lifecycles else [without])]

    return Part(", ".join(config.elasticsearch.hosts), (*plan, lifecycle), make)


def _small_indices(names: Names) -> dict[str, Mapping[str, Any]]:
    """The indices beside the archive that the dashboard shows, with their mappings. A missing one would be an error there."""
    return {names.alerts: ALERTS, names.sources: SOURCES, names.quarantine: QUARANTINE}


def _kibana(config: Config, names: Names, objects: Objects, *, role: bool, force: bool) -> Part:
    settings = config.kibana
    plan = (
        *([Item("kibana", "space", settings.space)] if settings.space else []),
        *(Item("kibana", one["type"], one["id"]) for one in objects.saved),
        Item("kibana", "dashboard", objects.dashboard_id),
        Item("kibana", "connector", objects.connector.label),
        *(Item("kibana", "rule", rule.label) for rule in objects.rules),
        *([Item("kibana", "role", names.analyst)] if role else []),
    )

    async def loading(marks: Marks) -> list[Item]:
        done = await _space(settings)
        async with Kibana(settings) as kibana:
            loader = Loader(kibana, marks, force=force)
            loaded = await loader.load(objects)
            if role:
                loaded.append(await loader.role(names.analyst, analyst_role(names, settings.space)))
        return [*done, *(Item("kibana", one.what, one.name, one.result) for one in loaded)]

    def make() -> Sequence[Item]:
        with (
            _reached("elasticsearch.hosts"),
            closing(Notes(config.elasticsearch, names.marks, MARKS)) as notes,
        ):
            return asyncio.run(loading(StoredMarks(notes)))

    return Part(settings.url, plan, make)


async def _space(settings: KibanaSettings) -> list[Item]:
    """Create the space, if one is named and not there."""
    if not settings.space:
        return []
    async with Kibana(msgspec.structs.replace(settings, space="")) as kibana:
        created = await make_space(kibana, settings.space)
    return [Item("kibana", "space", settings.space, "created" if created else "in place")]


@contextmanager
def _reached(key: str) -> Iterator[None]:
    """Turns a server that does not answer into an error: setup does not wait for it."""
    try:
        yield
    except RetryLater as error:
        raise ConfigError(f"{error.reason}; is it running, and is {key} right?") from error


def _done(plan: Sequence[Item], created: Collection[str] = ()) -> list[Item]:
    """What was planned, as it is now: `created` names what was made, the rest was there."""
    return [
        msgspec.structs.replace(item, result="created" if item.name in created else "in place")
        for item in plan
    ]


def _say(part: Part, items: Sequence[Item]) -> None:
    screen = Screen()
    screen.line(f"{items[0].system} at {part.address}", style="bold")
    for item in items:
        screen.line(f"  {item.result:<9} {item.what} {item.name}", hang=12)
    if kept := sum(item.result == "kept" for item in items):
        it = "it" if kept == 1 else "them"
        screen.line(
            f"  {plural(kept, 'object')} kept: changed in Kibana since wirewatch loaded {it}; --force replaces {it}"
        )
