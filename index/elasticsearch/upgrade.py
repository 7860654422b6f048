"""Upgrades indices created by an older version: adds missing fields, and rewrites their articles."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

import structlog

from index.elasticsearch.bulk import MOST_DOCUMENTS
from index.elasticsearch.cluster import Cluster
from index.elasticsearch.setup import MADE_BY, outdated, template_of
from index.elasticsearch.store import ElasticsearchStore
from index.elasticsearch.writer import Writer

_log = structlog.get_logger()


def upgrade(cluster: Cluster, alias: str, now: Callable[[], datetime]) -> Iterator[str]:
    """Upgrade each index behind an alias; yields the name of each when it is done.

    An index counts as done only when all of it is rewritten; after a crash it starts over. Only derived fields and the time
    `indexed` of an article change. An article that Elasticsearch refuses stays as it is, and is named in the log. Raises
    ConfigError if a field exists with another type.
    """
    for index in outdated(cluster, alias):
        cluster.put_mapping(index, {"properties": template_of(alias)["template"]["mappings"]["properties"]})
        _write_again(cluster, index, Writer(cluster, alias, now))
        cluster.put_mapping(index, {"_meta": MADE_BY})
        yield index


def _write_again(cluster: Cluster, index: str, writer: Writer) -> None:
    articles = ElasticsearchStore(cluster, index, None).scan()
    while some := list(islice(articles, MOST_DOCUMENTS)):
        for document in some:
            writer.add(document.enriched)
        for article, error in writer.flush().items():
            _log.warning(
                "an article could not be brought up to date", index=index, id=article, reason=str(error)
            )
