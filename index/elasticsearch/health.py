"""How Elasticsearch does, for those who run it."""

from collections.abc import Mapping
from contextlib import closing

import msgspec

from index.elasticsearch.cluster import Cluster
from index.elasticsearch.settings import Elasticsearch, alias_of


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """What Elasticsearch says of itself and of our indices."""

    version: str
    status: str
    """`green`, `yellow` or `red`; '' if this user may not ask."""
    nodes: int
    readonly: tuple[str, ...]
    """Our indices that take no documents."""
    disks: Mapping[str, float]
    """How full the disk of each node is, from 0 to 1."""
    has_template: bool
    date: str
    """Its clock, as in the header `Date`; '' if it sends none."""

    @property
    def major(self) -> int:
        """The first number of its version; 0 if it is none."""
        first = self.version.partition(".")[0]
        return int(first) if first.isdigit() else 0


def ask(settings: Elasticsearch) -> Health:
    """Ask it. Raises RetryLater if it does not answer, ConfigError if it denies access."""
    alias = alias_of(settings.prefix)
    with closing(Cluster(settings)) as cluster:
        version, date = cluster.version()
        status, nodes = cluster.status()
        return Health(
            version=version,
            status=status,
            nodes=nodes,
            readonly=tuple(cluster.readonly(f"{settings.prefix}-*")),
            disks=cluster.disks(),
            has_template=cluster.has_template(alias),
            date=date,
        )
