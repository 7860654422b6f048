"""The worker processes: what they load, and what they begin with."""

from collections.abc import Callable
from pathlib import Path

from enrich.in_worker import begin_with
from enrich.names.corrections import load_corrections
from enrich.names.gazetteer import Source, load_gazetteer
from enrich.names.recognisers import SHIPPED, recogniser
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.workers import Workers
from wirewatch.config import Config, Paths
from wirewatch.lists.topics import TopicFile, news_topics

PARSERS = ("ingest.page.extract", "ingest.formats.feeds")
"""The modules of what every process's workers do."""
TAGGERS = ("enrich.preload",)
"""Those of what only the workers of a process do that tags articles: they take some 150 MB."""


def parsing_workers(config: Config, ended: Callable[[str], object]) -> Workers:
    """Processes that feeds and pages are read in. Blocks until they run; `ended`: see Workers."""
    settings = config.extract
    return Workers(settings.workers, settings.memory_bytes, settings.cpu_seconds, PARSERS, ended=ended)


def tagging_workers(config: Config, paths: Paths, ended: Callable[[str], object]) -> Workers:
    """Processes that articles are tagged in, besides. Blocks until they run; `ended`: see Workers.

    Raises ConfigError if the topics, the user's gazetteer or corrections, or the model are wrong: that is found out before
    there are any.
    """
    names = own_names(paths)
    load_gazetteer((), names)
    if config.entities.model != SHIPPED:
        recogniser(config.entities.model)
    corrections = load_corrections(_read("corrections", paths.corrections))
    news_topics(paths)
    begin = begin_with(TopicFile(paths), names, config.entities.model, utc_now, corrections)
    settings = config.extract
    modules = (*PARSERS, *TAGGERS)
    return Workers(
        settings.workers, settings.memory_bytes, settings.cpu_seconds, modules, begin=begin, ended=ended
    )


def own_names(paths: Paths) -> tuple[Source, ...]:
    """The user's own gazetteer, if there is one."""
    return _read("gazetteer", paths.gazetteer)


def _read(key: str, path: Path | None) -> tuple[Source, ...]:
    """The file that a key of [entities] names, if it names one."""
    if path is None:
        return ()
    try:
        return ((str(path), path.read_bytes()),)
    except OSError as error:
        raise ConfigError(f"entities.{key}: {path}: can't be read: {error}") from error
