"""wirewatch.toml and the environment, as one typed, frozen object.

A value comes from, in rising order: the defaults below, the file, an environment variable `WIREWATCH_<SECTION>_<KEY>` (such as
`WIREWATCH_FETCH_GAP_SECONDS=2`), an option of the command line. Whatever is wrong is a ConfigError that names where it
stands, the key, and what was expected.
"""

import difflib
import ipaddress
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

import msgspec
import platformdirs

from stream.errors import ConfigError

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]

ENVELOPE_BYTES = 1_000_000
"""What a message may need beside a page's body: the entry, headers, a reason."""
_NODE = re.compile(r"https?://[^/?#@\s]+:\d{1,5}/?[^?#@\s]*")
_KIBANA = re.compile(r"https?://[^/?#@\s]+(?:/[^?#@\s]*)?")
_CALLBACK = re.compile(r"https?://[^/?#@\s]+(?:/[^?#@\s]*)?")
_SPACE = re.compile(r"[a-z0-9_-]*")
_INDEX_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,99}")

OTHER_VARIABLES = frozenset({"WIREWATCH_DATA", "WIREWATCH_CONFIG"})
"""Read by the command line itself; WIREWATCH_TEST_* belongs to the tests."""


class Poll(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How feeds are polled."""

    pace_seconds: Positive = 1320.0
    """From one poll to the next of a feed that has an item an hour; others by the root of their rate. Less finds news sooner,
    and asks more often."""
    shortest_seconds: Positive = 60.0
    """No feed is asked more often."""
    quiet_seconds: Positive = 10_800.0
    """A feed without news is asked as often."""
    every_seconds: NotNegative = 0.0
    """Instead of all that a fixed interval for every feed, whatever it asks for; 0: each at its own pace."""
    longest_seconds: Positive = 86_400.0
    """How far errors may stretch the interval."""
    concurrency: Count = 32
    parse_timeout_seconds: Positive = 20.0


class Fetch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pages are fetched."""

    gap_seconds: NotNegative = 1.0
    """Between two requests for pages to one host."""
    timeout_seconds: Positive = 30.0
    """For one request in all, redirects included."""
    max_bytes: Count = 10_000_000
    """Of a decoded body."""
    concurrency: Count = 64
    robots: bool = True
    """Whether pages that a site's robots.txt forbids are left alone, and its Crawl-delay is kept (up to 30 s)."""
    contact: str = ""
    """A URL or mail address that is put into the User-Agent, so that a site can reach you."""
    allow_private: tuple[str, ...] = ()
    """Networks (CIDR) that may be reached although they are not public."""
    allow_ports: tuple[Annotated[int, msgspec.Meta(ge=1, le=65_535)], ...] = ()
    """Ports that may be connected to, besides 80, 443 and those from 1024 on that belong to no other protocol."""
    hosts: dict[str, str] = msgspec.field(default_factory=dict)
    """Addresses of hosts, as in /etc/hosts: looked up before the DNS."""


class Websub(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Being told of news by hubs (WebSub), beside polling."""

    callback_url: str = ""
    """Where hubs reach us from outside, such as `https://news.example/websub`; '' leaves it at polling."""
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 8765
    """Where we listen for what arrives at `callback_url`; 0: any free port."""


class Extract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How pages are read."""

    workers: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Worker processes; 0: one for each core."""
    cpu_seconds: Positive = 5.0
    """So much processor time may be spent on one page or feed; beyond it, it is quarantined and its worker replaced."""
    timeout_seconds: Positive = 20.0
    """The same by the clock, for what waits instead of working."""
    memory_bytes: Count = 2_000_000_000
    """Address space of a worker."""


class Topics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which topics articles are tagged with."""

    file: str = ""
    """A topics file, relative to the configuration's folder; '' takes the bundled one."""


class Stories(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which articles are held to tell the same story (near-duplicates)."""

    days: Positive = 3.0
    """How far back a story reaches from one of its articles to the next."""
    articles: Count = 50_000
    """So many articles at most are compared with a new one."""


class Alerts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told of what."""

    file: str = ""
    """An alerts file, relative to the configuration's folder; '' takes alerts.toml in the data folder."""


class Entities(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people, organisations and places are found."""

    model: str = "wirewatch"
    """In English texts: `wirewatch` (the shipped model), `gazetteer` (lists and simple rules alone: a tenth of the CPU), or
    the name of a spaCy pipeline that is installed, such as `en_core_web_sm`."""
    gazetteer: str = ""
    """Your own names: a CSV file with the columns name, type, id, aliases, relative to the configuration's folder."""


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log between the stages."""

    backlog: Count = 2_000
    """A stage rests while the next one has more than so many messages to do."""
    keep_days: Positive = 30.0
    keep_bytes: Count = 5_000_000_000
    """Of each topic's values."""


class Kafka(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log in Kafka, instead of the embedded one."""

    bootstrap_servers: str = ""
    """`host:port`, several with commas between; '' leaves the log embedded."""
    prefix: str = "wirewatch."
    """Of the names of all topics and consumer groups."""
    partitions: Count = 8
    """Of each topic: as many members can share a stage."""
    replication: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Copies of each topic that is created; 0 takes the broker's default."""
    retention_days: dict[str, Positive] = msgspec.field(default_factory=dict)
    """By topic: after so long the broker forgets messages, done or not. By default it forgets none by itself: what is done
    goes after `log.keep_days`."""
    compression: Literal["zstd", "lz4", "gzip", "none"] = "zstd"
    max_message_bytes: Count = 20_000_000
    timeout_seconds: Positive = 15.0
    """How long a call waits for an answer."""
    session_seconds: Positive = 10.0
    """A member that was not heard of for so long counts as dead."""
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    username: str = ""
    password: str = ""
    ca_file: str = ""
    """Certificates (PEM) of who may sign the brokers' certificates; '' takes the system's."""
    cert_file: str = ""
    """Our own certificate (PEM), where the brokers ask for one."""
    key_file: str = ""


class Elasticsearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The archive in Elasticsearch, instead of the embedded one."""

    hosts: tuple[str, ...] = ()
    """URLs of its nodes, such as `https://search.example:9200`; none leaves the archive embedded."""
    api_key: str = ""
    """As Kibana shows it (base64)."""
    username: str = ""
    password: str = ""
    ca_file: str = ""
    """Certificates (PEM) of who may sign its certificate; '' takes the system's."""
    prefix: str = "wirewatch"
    """Of the names of all indices."""
    timeout_seconds: Positive = 30.0
    """For one request."""
    keep_days: NotNegative = 0.0
    """`wirewatch setup` has Elasticsearch delete a month's index when its last article was first seen so long ago; 0: never."""


class Kibana(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where `wirewatch setup` loads the data view, the Discover sessions, the dashboard and the rules."""

    url: str = ""
    """Its base URL, such as `https://kibana.example:5601`; '' leaves Kibana alone."""
    space: str = ""
    """The id of a space; '' is the default one."""
    api_key: str = ""
    """As Kibana shows it (base64)."""
    username: str = ""
    password: str = ""
    ca_file: str = ""
    """Certificates (PEM) of who may sign its certificate; '' takes the system's."""
    timeout_seconds: Positive = 60.0
    """For one request."""


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a long-lived process shows of itself over HTTP."""

    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 0
    """Where /healthz and /readyz answer; 0: nowhere."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set, with the defaults."""

    poll: Poll = Poll()
    fetch: Fetch = Fetch()
    websub: Websub = Websub()
    extract: Extract = Extract()
    topics: Topics = Topics()
    stories: Stories = Stories()
    alerts: Alerts = Alerts()
    entities: Entities = Entities()
    log: Log = Log()
    service: Service = Service()
    kafka: Kafka = Kafka()
    elasticsearch: Elasticsearch = Elasticsearch()
    kibana: Kibana = Kibana()


class Paths(msgspec.Struct, frozen=True):
    """Where things are, under the data folder unless said otherwise."""

    data: Path
    feeds: Path
    """The feed list, an OPML file."""
    topics: Path | None
    """None: the bundled topics."""
    alerts_file: Path | None = None
    """None: alerts.toml in the data folder."""
    gazetteer: Path | None = None
    """The user's own names; None if there are none."""

    @property
    def alerts(self) -> Path:
        """The alerts file; it need not exist."""
        return self.alerts_file or self.data / "alerts.toml"

    @property
    def log(self) -> Path:
        """The embedded log's file."""
        return self.data / "log.sqlite"

    @property
    def index(self) -> Path:
        """The embedded store's folder."""
        return self.data / "index"

    def nothing_yet(self, what: str) -> ConfigError:
        """The error of a command that needs data where there are none; `what` is missing."""
        demo = demo_data()
        elsewhere = f"; the demo's are in another folder: --data {shlex.quote(str(demo))}"
        known = elsewhere if demo.exists() and demo != self.data else ""
        return ConfigError(
            f"{self.data}: there {what} yet; start with: wirewatch run (or wirewatch demo){known}"
        )


def default_data() -> Path:
    """The user's data folder for wirewatch, as the operating system has it."""
    return Path(platformdirs.user_data_dir("wirewatch"))


def demo_data() -> Path:
    """The data folder of the demo, if it is not given another one."""
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
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{file}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: can't be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from error


def _section_and_key(name: str) -> tuple[str, str]:
    """`WIREWATCH_FETCH_GAP_SECONDS` -> ("fetch", "gap_seconds")."""
    section, _, key = name.removeprefix("WIREWATCH_").lower().partition("_")
    known = {s.name: [k.name for k in msgspec.structs.fields(s.type)] for s in msgspec.structs.fields(Config)}
    if key not in known.get(section, ()):
        names = [f"WIREWATCH_{s}_{k}".upper() for s, keys in known.items() for k in keys]
        raise ConfigError(f"environment variable {name}: is not known{_did_you_mean(name, names)}")
    return section, key


def _table(raw: Mapping[str, Any], section: str, file: str) -> dict[str, Any]:
    table = raw.get(section, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: {section}: expected a table [{section}], got {table!r}")
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
        raise ConfigError(f"environment variable {name}: expected a TOML value, got {text!r}") from None


def _convert(raw: dict[str, Any], where: Mapping[str, str], file: str) -> Config:
    try:
        return msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        key = path.strip("`.").replace("[...]", "")
        place = where.get(".".join(key.split(".")[:2]), where.get(key.split(".")[0], file))
        raise ConfigError(_explain(place, key, message)) from None


def _explain(place: str, key: str, message: str) -> str:
    """msgspec's words in ours: file, key, what was expected."""
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message)
    if not unknown:
        return f"{place}: {key}: {message[0].lower()}{message[1:].replace('`', '')}"
    name = unknown[1]
    sections = {s.name: s.type for s in msgspec.structs.fields(Config)}
    known = [f.name for f in msgspec.structs.fields(sections[key])] if key else list(sections)
    full = f"{key}.{name}" if key else name
    return f"{place}: {full}: is not known{_did_you_mean(name, known)}"


def _did_you_mean(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; expected one of {', '.join(known)}"


def checked(config: Config, place: str) -> Config:
    """The configuration as it is, if it also meets what types alone can't say; else ConfigError naming `place`."""
    for network in config.fetch.allow_private:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise ConfigError(
                f"{place}: fetch.allow_private: expected a network like 10.0.0.0/8: {error}"
            ) from None
    for host, address in config.fetch.hosts.items():
        try:
            ipaddress.ip_address(address)
        except ValueError:
            raise ConfigError(
                f"{place}: fetch.hosts.{host}: expected an IP address, got {address!r}"
            ) from None
    if config.websub.callback_url and not _CALLBACK.fullmatch(config.websub.callback_url):
        raise ConfigError(
            f"{place}: websub.callback_url: expected a URL like https://news.example/websub, without a query, got"
            f" {config.websub.callback_url!r}"
        )
    if config.poll.shortest_seconds > config.poll.quiet_seconds:
        raise ConfigError(
            f"{place}: poll.quiet_seconds: expected no less than poll.shortest_seconds = {config.poll.shortest_seconds:g},"
            f" got {config.poll.quiet_seconds:g}"
        )
    if config.kafka.bootstrap_servers:
        _check_kafka(config, place)
    _check_elasticsearch(config.elasticsearch, place)
    _check_kibana(config.kibana, place)
    return config


def _check_kafka(config: Config, place: str) -> None:
    kafka = config.kafka
    if kafka.security_protocol.startswith("SASL") and not (kafka.username and kafka.password):
        raise ConfigError(
            f"{place}: kafka.username: {kafka.security_protocol} needs kafka.username and kafka.password"
            " (better as WIREWATCH_KAFKA_PASSWORD)"
        )
    if kafka.max_message_bytes < config.fetch.max_bytes + ENVELOPE_BYTES:
        raise ConfigError(
            f"{place}: kafka.max_message_bytes: a page may have fetch.max_bytes = {config.fetch.max_bytes}, and"
            f" needs {ENVELOPE_BYTES} more for what travels with it; got {kafka.max_message_bytes}"
        )


def _check_elasticsearch(elasticsearch: Elasticsearch, place: str) -> None:
    for host in elasticsearch.hosts:
        if not _NODE.fullmatch(host):
            raise ConfigError(
                f"{place}: elasticsearch.hosts: expected URLs like https://search.example:9200, with the port and without a"
                " password (elasticsearch.username, elasticsearch.password)"
            )
    if not _INDEX_PREFIX.fullmatch(elasticsearch.prefix):
        raise ConfigError(
            f"{place}: elasticsearch.prefix: expected small letters, digits, - and _, a letter first, up to 100;"
            f" got {elasticsearch.prefix!r}"
        )
    if elasticsearch.api_key and elasticsearch.username:
        raise ConfigError(
            f"{place}: elasticsearch.api_key: expected either a key, or elasticsearch.username and elasticsearch.password"
        )
    if bool(elasticsearch.username) != bool(elasticsearch.password):
        raise ConfigError(
            f"{place}: elasticsearch.username: elasticsearch.username and elasticsearch.password belong together"
        )


def _check_kibana(kibana: Kibana, place: str) -> None:
    if kibana.url and not _KIBANA.fullmatch(kibana.url):
        raise ConfigError(
            f"{place}: kibana.url: expected a URL like https://kibana.example:5601, without a password"
            " (kibana.username, kibana.password)"
        )
    if not _SPACE.fullmatch(kibana.space):
        raise ConfigError(
            f"{place}: kibana.space: expected a space's id (small letters, digits, _ and -), got {kibana.space!r}"
        )
    if kibana.api_key and kibana.username:
        raise ConfigError(
            f"{place}: kibana.api_key: expected either a key, or kibana.username and kibana.password"
        )
    if bool(kibana.username) != bool(kibana.password):
        raise ConfigError(f"{place}: kibana.username: kibana.username and kibana.password belong together")
