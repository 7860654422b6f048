"""The store that the configuration names."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

from alerts.channels.elasticsearch import MAPPING
from index.elasticsearch.settings import Elasticsearch as Settings
from index.store import Store
from stream.clock import utc_now
from stream.log.base import Log
from wirewatch.config import Config, Paths
from wirewatch.topics import RELATED

PutDocument = Callable[[str, Mapping[str, Any]], None]
"""Stores a document under an id."""


def open_store(config: Config, paths: Paths, *, readonly: bool) -> Store:
    """The store; ConfigError where there is nothing to read yet, or it can't be opened. Only what is asked for is imported."""
    if config.elasticsearch.hosts:
        return in_elasticsearch(config.elasticsearch, readonly=readonly)
    return embedded(paths, readonly=readonly)


def embedded(paths: Paths, *, readonly: bool) -> Store:
    """The embedded archive; raises as `open_store` does."""
    from index.embedded.store import EmbeddedStore  # noqa: PLC0415 - see above

    if readonly and not paths.index.exists():
        raise paths.nothing_yet("is no archive")
    return EmbeddedStore.open(paths.index, readonly=readonly, now=utc_now)


def in_elasticsearch(settings: Settings, *, readonly: bool) -> Store:
    """The archive in Elasticsearch; raises as `open_store` does."""
    from index.elasticsearch.store import ElasticsearchStore  # noqa: PLC0415 - see above

    return ElasticsearchStore.open(settings, readonly=readonly, now=utc_now)


def is_being_written(config: Config, paths: Paths) -> bool:
    """Whether a process has the embedded archive open for writing; False for Elasticsearch, which has no single writer."""
    if config.elasticsearch.hosts:
        return False
    from index.embedded.writer import is_locked  # noqa: PLC0415 - see above

    return is_locked(paths.index)


def is_lost(config: Config, paths: Paths, log: Log) -> bool:
    """Whether there is no embedded archive although the log shows that articles were written to one."""
    if config.elasticsearch.hosts or (paths.index / "documents.sqlite").exists():
        return False
    return log.progress("index", RELATED.name).done > 0


@contextmanager
def open_alert_index(config: Config) -> Iterator[PutDocument | None]:
    """The function that writes to the index of alerts, while the block runs; None if the archive is not in Elasticsearch."""
    if not config.elasticsearch.hosts:
        yield None
        return
    from index.elasticsearch.notes import Notes  # noqa: PLC0415 - see above

    with closing(Notes(config.elasticsearch, f"{config.elasticsearch.prefix}-alerts", MAPPING)) as notes:
        yield notes.put
