"""The section [elasticsearch] of the configuration: addresses, credentials, how long indices are kept."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec

from stream.settings import Count, Fault, NotNegative, Positive, login_faults

Period = Literal["month", "week", "day"]

_NODE = re.compile(r"https?://[^/?#@\s]+:\d{1,5}/?[^?#@\s]*")
_PREFIX = re.compile(r"[a-z][a-z0-9_-]{0,99}")


class Elasticsearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The archive in Elasticsearch, instead of the embedded one."""

    hosts: tuple[str, ...] = ()
    """URLs of its nodes, such as `https://search.example:9200`; empty: use the embedded archive."""
    api_key: str = ""
    """An API key, as Kibana shows it (base64)."""
    username: str = ""
    """The user name, in place of an API key."""
    password: str = ""
    """The user's password."""
    ca_file: str = ""
    """The authorities (PEM) that may sign its certificate; empty: the system's."""
    prefix: str = "wirewatch"
    """The prefix of all index names."""
    timeout_seconds: Positive = 30.0
    """The limit for one request."""
    period: Period = "month"
    """Articles first seen in the same month, week (ISO 8601, UTC) or day share an index: see docs/deploy.md. A change
    applies to new articles; older indices are read as before."""
    shards: Count = 1
    """Primary shards of each new index."""
    replicas: Annotated[int, msgspec.Meta(ge=-1)] = -1
    """Copies of each shard; -1: one, as soon as there is a second node. `wirewatch setup` also applies it to older indices."""
    compression: Literal["fast", "best"] = "fast"
    """How stored articles are compressed in new indices: `best` is smaller (Zstandard), and slower to read."""
    keep_days: NotNegative = 0.0
    """How many days after its last article was first seen Elasticsearch deletes an index (`wirewatch setup` sets it up); 0:
    never."""

    def faults(self) -> Iterator[Fault]:
        """See `stream.settings.Checked`."""
        if not all(_NODE.fullmatch(host) for host in self.hosts):
            yield Fault(
                "hosts",
                "expected URLs like https://search.example:9200, with the port and without a password"
                " (elasticsearch.username, elasticsearch.password)",
            )
        if not _PREFIX.fullmatch(self.prefix):
            yield Fault(
                "prefix",
                f"expected up to 100 lower-case letters, digits, - and _, a letter first; got {self.prefix!r}",
            )
        yield from login_faults(self.username, self.password, self.api_key, "elasticsearch")


def alias_of(prefix: str) -> str:
    """The alias that all periods are read under; their index template has the same name."""
    return f"{prefix}-articles"
