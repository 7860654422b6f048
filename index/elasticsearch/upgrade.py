"""Upgrades indices created by an older version: each is copied into a new one, which then takes its place.

A field's type can't be changed in place. While an index is copied it takes no writes, and readers see it alone.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from itertools import count, islice

import structlog

from index.elasticsearch.bulk import MOST_DOCUMENTS
from index.elasticsearch.cluster import Cluster
from index.elasticsearch.settings import Elasticsearch, alias_of
from index.elasticsearch.setup import COPY_OF, MADE_BY, copies, outdated, template_of
from index.elasticsearch.store import ElasticsearchStore
from index.elasticsearch.writer import Writer
from stream.errors import ConfigError, Reject

_log = structlog.get_logger()
_NAMED = 3
"""Refused articles in an error; all are in the log."""


def upgrade(cluster: Cluster, settings: Elasticsearch, now: Callable[[], datetime]) -> Iterator[str]:
    """Upgrade each index under the prefix of the settings; yields the name of each when it is done.

    The old index is deleted in the same step that points the alias to its copy, so after a crash one of the two is complete,
    and running this again finishes the work. Only derived fields and the time `indexed` of an article change. Raises
    ConfigError, and leaves the old index as it was, if Elasticsearch refuses any article.
    """
    alias = alias_of(settings.prefix)
    _settle_copies(cluster, alias)
    old = outdated(cluster, alias)
    if old:
        cluster.put_template(alias, template_of(settings))
    for index in old:
        new = _free_name(cluster, index)
        cluster.put_settings(index, {"index.blocks.write": True})
        try:
            _copy(cluster, index, new, alias, now)
        except BaseException:
            cluster.put_settings(index, {"index.blocks.write": False})
            raise
        cluster.replace_index(index, new, alias)
        cluster.put_mapping(new, {"_meta": MADE_BY})
        yield index


def _free_name(cluster: Cluster, index: str) -> str:
    """`...-2026.03` -> `...-2026.03-2`, or the next number that no index has."""
    period = re.sub(r"-\d+$", "", index)
    held = cluster.mappings(f"{period}*")
    return next(name for name in (f"{period}-{number}" for number in count(2)) if name not in held)


def _settle_copies(cluster: Cluster, alias: str) -> None:
    """Delete the copies that a crash left unfinished; accept the ones that have already replaced their index."""
    for copy, index in copies(cluster, alias).items():
        if cluster.mappings(index):
            cluster.delete_index(copy)
        else:
            cluster.put_mapping(copy, {"_meta": MADE_BY})


def _copy(cluster: Cluster, index: str, new: str, alias: str, now: Callable[[], datetime]) -> None:
    cluster.create_apart(new, alias, {"_meta": {**MADE_BY, COPY_OF: index}})
    writer, refused = Writer(cluster, index, now, {index: new}), dict[str, Reject]()
    old = ElasticsearchStore(cluster, index, None)
    articles = old.scan()
    while some := list(islice(articles, MOST_DOCUMENTS)):
        for document in some:
            writer.add(document.enriched)
        refused |= writer.flush()
    cluster.refresh(new)
    if refused or old.count() != ElasticsearchStore(cluster, new, None).count():
        raise ConfigError(f"the index {index} in Elasticsearch could not be upgraded: {_reasons(refused)}")


def _reasons(refused: Mapping[str, Reject]) -> str:
    for article, error in refused.items():
        _log.warning("an article could not be upgraded", id=article, reason=str(error))
    named = [f"{article}: {error}" for article, error in islice(refused.items(), _NAMED)]
    return "; ".join(named) or "its copy has a different number of articles"
