"""`wirewatch schema`: the JSON Schema of the documents that commands print and webhooks are sent."""

import json
from typing import Any

import click
import msgspec

from results.alert import Alert, Firing, History
from results.alerts import Alerts, AlertStatus, Tested
from results.article import Article
from results.counts import Counts
from results.desk import Mark, Marks
from results.digest import Digest
from results.doctor import Diagnosis
from results.edits import Changes, Version
from results.entity import Entity
from results.error import Error
from results.json_schema import json_schema, schema_name
from results.move import Moved
from results.parts import Hit
from results.query import Checked, Completions
from results.search import Search
from results.sources import FeedPlan, FoundSource, Imported, SourceHealth, Sources
from results.status import DeadLetter, Quarantine, Status
from results.story import Stories, Story
from results.topics import Report, TopicDefinition, TopicList, TopicTrial
from stream.errors import ConfigError
from stream.suggest import did_you_mean
from web.access.audit import Change, Recorded
from wirewatch.commands import (
    backup,
    check,
    feeds,
    quarantine,
    query,
    setup,
    tokens,
    translate,
    users,
)
from wirewatch.commands.alerts import sources as alert_sources
from wirewatch.commands.screen import Screen

DOCUMENTS: dict[type[msgspec.Struct], str] = {
    Search: "search --json",
    Hit: "search --jsonl",
    Counts: "search --count ... --by ... --json",
    Article: "show --json",
    Changes: "show --changes --json",
    Version: "show --version N --json",
    Stories: "stories --json",
    Story: "story --json, stories --jsonl (without its reports)",
    Entity: "the API, /api/v1/entities/{id}",
    Alert: "webhooks, the channels file and stdout, and (with more fields for Kibana) the index of alerts",
    History: "alerts history --json",
    Firing: "alerts history --jsonl",
    Status: "status --json",
    Diagnosis: "doctor --json",
    feeds.Listed: "feeds list --json",
    feeds.ListedFeed: "feeds list --jsonl",
    FeedPlan: "feeds show --json",
    Sources: "sources --json",
    SourceHealth: "sources --jsonl",
    FoundSource: "the API: a feed that was found for an address",
    Imported: "the API: an OPML file that was taken in",
    Quarantine: "quarantine list --json",
    DeadLetter: "quarantine list --jsonl",
    quarantine.Shown: "quarantine show --json",
    Report: "topics check --json",
    TopicList: "the API: the topics as they are defined",
    TopicDefinition: "the API: one of them",
    TopicTrial: "the API: what a definition would tag",
    Checked: "query check --json",
    Completions: "the API's /complete",
    translate.Translated: "query translate --json",
    query.InKibana: "query kibana --json",
    Alerts: "alerts list --json",
    AlertStatus: "alerts list --jsonl, alerts show --json",
    Tested: "alerts test --json",
    alert_sources.Named: "alerts test --json, of an alert about sources",
    Digest: "digest --json, webhooks that a digest is sent to",
    Marks: "marks list --json",
    Mark: "marks list --jsonl, marks export",
    users.Listed: "users list --json",
    tokens.Listed: "tokens list --json",
    Recorded: "audit --json",
    Change: "audit --jsonl, the file audit.jsonl",
    backup.Backup: "backup --json, restore --json",
    Moved: "move --json",
    check.Report: "check --json",
    setup.Done: "setup --json",
    setup.Exported: "setup --export FOLDER --json",
    Error: "any command that fails, with --json or --jsonl",
}
"""Every document, and where it is used."""

EXAMPLES = """
\b
Examples:
  wirewatch schema                     list the documents, and where each is used
  wirewatch schema article             print the JSON Schema of one
  wirewatch schema search > search.json && check-jsonschema --schemafile search.json found.json
"""


@click.command(epilog=EXAMPLES)
@click.argument("name", required=False)
def schema(name: str | None) -> None:
    """Print the JSON Schema of a document, or list them.

    Each document names its schema in the field `schema`, such as `wirewatch/article/1`. The number rises when a field is
    removed, renamed or changes its meaning; it stays when fields and values are added.
    """
    if name is None:
        width = max(map(len, by_name()))
        for known, kind in by_name().items():
            Screen().line(f"{known:<{width}}  {schema_name(kind)}: {DOCUMENTS[kind]}", hang=width + 2)
        return
    found = by_name().get(name)
    if found is None:
        raise ConfigError(f"no schema is called {name!r}{did_you_mean(name, list(by_name()))}")
    Screen().raw(printed(found))


def by_name() -> dict[str, type[msgspec.Struct]]:
    """The documents by the middle part of their schema's name."""
    return {schema_name(kind).split("/")[1]: kind for kind in DOCUMENTS}


def printed(kind: type[msgspec.Struct]) -> str:
    """A document's schema as it is printed, and kept in docs/schema/."""
    found: dict[str, Any] = json_schema(kind)
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"
