"""The worker processes: what they load, and what they begin with."""

from enrich.in_worker import begin_with
from enrich.names.gazetteer import Source, load_gazetteer
from enrich.names.recognisers import SHIPPED, recogniser
from stream.clock import utc_now
from stream.errors import ConfigError
from stream.workers import Workers
from wirewatch.config import Config, Paths
from wirewatch.lists.topics import news_topics

PARSERS = ("ingest.page.extract", "ingest.formats.feeds")
"""The modules of what every process's workers do."""
TAGGERS = ("enrich.preload",)
"""Those of what only the workers of a process do that tags articles: they take some 150 MB."""


def parsing_workers(config: Config) -> Workers:
    """Processes that feeds and pages are read in. Blocks until they run."""
    settings = config.extract
    return Workers(settings.workers, settings.memory_bytes, settings.cpu_seconds, PARSERS)


def tagging_workers(config: Config, paths: Paths) -> Workers:
    """Processes that articles are tagged in, besides. Blocks until they run.

    Raises ConfigError if the topics, the user's gazetteer or the model are wrong: that is found out before there are any.
    """
    names = own_names(paths)
    load_gazetteer((), names)
    if config.entities.model != SHIPPED:
        recogniser(config.entities.model)
    begin = begin_with(news_topics(paths), names, config.entities.model, utc_now)
    settings = config.extract
    return Workers(settings.workers, settings.memory_bytes, settings.cpu_seconds, (*PARSERS, *TAGGERS), begin)


def own_names(paths: Paths) -> tuple[Source, ...]:
    """The user's own gazetteer, if there is one."""
    if paths.gazetteer is None:
        return ()
    try:
        return ((str(paths.gazetteer), paths.gazetteer.read_bytes()),)
    except OSError as error:
        raise ConfigError(f"entities.gazetteer: {paths.gazetteer}: can't be read: {error}") from error
