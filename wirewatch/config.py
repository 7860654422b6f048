"""wirewatch.toml and the environment, as one typed, frozen object.

A value comes from the defaults below, the file, an environment variable `WIREWATCH_<SECTION>_<KEY>` (such as
`WIREWATCH_FETCH_GAP_SECONDS=2`), or an option of the command line; each overrides those before it. Every fault is a ConfigError
that names its place, the key, and what was expected.
"""

import os
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_origin

import msgspec
import platformdirs

from alerts.settings import Alerts, Digest
from enrich.settings import Entities, Stories, Topics
from index.elasticsearch.settings import Elasticsearch
from index.embedded.settings import Archive
from ingest.edits.settings import Edits
from ingest.fetching.settings import Fetch
from ingest.page.settings import Extract
from ingest.polling.settings import Poll
from ingest.warc.settings import Warc
from ingest.websub.settings import Websub
from kibana.settings import Kibana
from stream.errors import ConfigError
from stream.explain import explain, unknown_field
from stream.log.kafka.access import Kafka
from stream.log.settings import Log
from stream.settings import Checked
from stream.suggest import did_you_mean
from stream.toml import read_toml
from web.settings import Web
from wirewatch.process.settings import Service, Traces

ENVELOPE_BYTES = 1_000_000
"""Bytes that a message may need besides a page's body: the entry, headers, a reason."""
OTHER_VARIABLES = frozenset({"WIREWATCH_DATA", "WIREWATCH_CONFIG", "WIREWATCH_SERVER", "WIREWATCH_TOKEN"})
"""Read by the command line itself; WIREWATCH_TEST_* belongs to the tests."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set, with the defaults."""

    poll: Poll = Poll()
    fetch: Fetch = Fetch()
    warc: Warc = Warc()
    websub: Websub = Websub()
    extract: Extract = Extract()
    edits: Edits = Edits()
    topics: Topics = Topics()
    stories: Stories = Stories()
    alerts: Alerts = Alerts()
    digest: Digest = Digest()
    entities: Entities = Entities()
    log: Log = Log()
    archive: Archive = Archive()
    service: Service = Service()
    traces: Traces = Traces()
    web: Web = Web()
    kafka: Kafka = Kafka()
    elasticsearch: Elasticsearch = Elasticsearch()
    kibana: Kibana = Kibana()


class Paths(msgspec.Struct, frozen=True):
    """Where files are: in the data folder, unless the user says otherwise."""

    data: Path
    feeds: Path
    """The feed list, an OPML file."""
    topics: Path | None
    """None: the bundled topics, since the configuration names none and the data folder has no topics.toml."""
    alerts_file: Path | None = None
    """None: alerts.toml in the data folder."""
    gazetteer: Path | None = None
    """The user's own names; None if there are none."""
    corrections: Path | None = None
    """What the user says of names; None if there is nothing."""

    shared: bool = False
    """Whether alerts and topics are shared through the log. Then copies of them in the data folder count, once there are."""

    @property
    def alerts(self) -> Path:
        """The alerts file that people write; it need not exist."""
        return self.alerts_file or self.data / "alerts.toml"

    @property
    def shared_alerts(self) -> Path:
        """The copy of the alerts that are shared through the log."""
        return self.data / "alerts.shared.toml"

    @property
    def alerts_in_force(self) -> Path:
        """The alerts that count on this machine, as a file; it need not exist."""
        return self.shared_alerts if self.shared and self.shared_alerts.exists() else self.alerts

    @property
    def own_topics(self) -> Path:
        """The topics file that people write; it need not exist."""
        return self.topics or self.data / "topics.toml"

    @property
    def shared_topics(self) -> Path:
        """The copy of the topics that are shared through the log."""
        return self.data / "topics.shared.toml"

    @property
    def log(self) -> Path:
        """The embedded log's file."""
        return self.data / "log.sqlite"

    @property
    def index(self) -> Path:
        """The embedded store's folder."""
        return self.data / "index"

    def nothing_yet(self, what: str) -> ConfigError:
        """The error of a command that finds no data; `what` completes "there ... yet"."""
        demo = demo_data()
        elsewhere = f"; the demo's data is in another folder: --data {shlex.quote(str(demo))}"
        known = elsewhere if demo.exists() and demo != self.data else ""
        return ConfigError(
            f"{self.data}: there {what} yet; start with: wirewatch run (or wirewatch demo){known}"
        )


def default_data() -> Path:
    """The user's data folder for wirewatch, as the operating system has it."""
    return Path(platformdirs.user_data_dir("wirewatch"))


def demo_data() -> Path:
    """The data folder of the demo, unless it is given another one."""
    return default_data() / "demo"


def load(file: Path | None, environment: Mapping[str, str] | None = None) -> Config:
    """Read the configuration; `file` None means that there is none. Raises ConfigError."""
    raw = _read_toml(file) if file else {}
    where = {section: str(file) for section in raw}
    variables = os.environ if environment is None else environment
    for name, value in sorted(variables.items()):
        if name.startswith("WIREWATCH_") and not _is_other(name):
            section, key = _section_and_key(name)
            raw[section] = {**_table(raw, section, str(file)), key: _value(value, section, key, name)}
            where[f"{section}.{key}"] = f"environment variable {name}"
    place = str(file) if file else "the environment"
    return checked(_convert(raw, where, place), place)


def _is_other(name: str) -> bool:
    return name in OTHER_VARIABLES or name.startswith("WIREWATCH_TEST_")


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return read_toml(file.read_bytes(), str(file))
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file") from None
    except OSError as error:
        raise ConfigError(f"{file}: can't be read: {error}") from error


def _section_and_key(name: str) -> tuple[str, str]:
    """`WIREWATCH_FETCH_GAP_SECONDS` -> ("fetch", "gap_seconds")."""
    section, _, key = name.removeprefix("WIREWATCH_").lower().partition("_")
    known = {s.name: [k.name for k in msgspec.structs.fields(s.type)] for s in msgspec.structs.fields(Config)}
    if key not in known.get(section, ()):
        names = [f"WIREWATCH_{s}_{k}".upper() for s, keys in known.items() for k in keys]
        raise ConfigError(f"environment variable {name}: there is no such setting{did_you_mean(name, names)}")
    return section, key


def _table(raw: Mapping[str, Any], section: str, file: str) -> dict[str, Any]:
    table = raw.get(section, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: {section}: expected a table [{section}], found {table!r}")
    return table


def _value(text: str, section: str, key: str, name: str) -> Any:
    """An environment variable's text: a plain string where the key is one, else a TOML value."""
    struct = next(s.type for s in msgspec.structs.fields(Config) if s.name == section)
    kind = next(k.type for k in msgspec.structs.fields(struct) if k.name == key)
    if kind is str or get_origin(kind) is Literal:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        raise ConfigError(f"environment variable {name}: expected a TOML value, found {text!r}") from None


def _convert(raw: dict[str, Any], where: Mapping[str, str], file: str) -> Config:
    try:
        return msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        key, sentence = explain(str(error), raw, Config)
        place = where.get(".".join(key.split(".")[:2]), where.get(key.split(".")[0], file))
        name = unknown_field(str(error))
        raise ConfigError(_unknown(place, key, name) if name else f"{place}: {key}: {sentence}") from None


def _unknown(place: str, key: str, name: str) -> str:
    """What to say of a section or key that does not exist."""
    sections = {s.name: s.type for s in msgspec.structs.fields(Config)}
    known = [f.name for f in msgspec.structs.fields(sections[key])] if key else list(sections)
    full = f"{key}.{name}" if key else name
    what = "key" if key else "section"
    return f"{place}: {full}: there is no such {what}{did_you_mean(name, known)}"


def checked(config: Config, place: str) -> Config:
    """The configuration unchanged, if it passes the checks that types can't make; else ConfigError naming `place`."""
    for section, key, expected in _faults(config):
        raise ConfigError(f"{place}: {section}.{key}: {expected}")
    return config


def _faults(config: Config) -> Iterator[tuple[str, str, str]]:
    """What is wrong: section, key, expectation. Each section checks itself; the last checks are between two."""
    sections: tuple[tuple[str, Checked], ...] = (
        ("poll", config.poll),
        ("fetch", config.fetch),
        ("websub", config.websub),
        ("digest", config.digest),
        ("traces", config.traces),
        ("web", config.web),
        ("kafka", config.kafka),
        ("elasticsearch", config.elasticsearch),
        ("kibana", config.kibana),
    )
    for section, checks in sections:
        for fault in checks.faults():
            yield section, fault.key, fault.expected
    if config.elasticsearch.hosts and config.archive.keep_days:
        yield "archive", "keep_days", "the archive is in Elasticsearch: set elasticsearch.keep_days instead"
    needed = config.fetch.max_bytes + ENVELOPE_BYTES
    if config.kafka.bootstrap_servers and config.kafka.max_message_bytes < needed:
        expected = (
            f"expected at least {needed:,} (fetch.max_bytes and {ENVELOPE_BYTES:,} for what travels with a page), found"
            f" {config.kafka.max_message_bytes:,}"
        )
        yield "kafka", "max_message_bytes", expected
