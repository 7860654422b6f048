"""The topics that articles are tagged with: the user's file, or the bundled one."""

import importlib.metadata
import importlib.resources

from enrich.topics import Topic as NewsTopic
from enrich.topics import load_topics
from stream.errors import ConfigError
from wirewatch.config import Paths


def news_topics(paths: Paths) -> tuple[NewsTopic, ...]:
    """The topics that articles are tagged with."""
    if paths.topics is None:
        bundled = importlib.resources.files("wirewatch").joinpath("defaults/topics.toml")
        return load_topics(bundled.read_bytes(), "the bundled topics.toml")
    try:
        return load_topics(paths.topics.read_bytes(), str(paths.topics))
    except OSError as error:
        raise ConfigError(f"topics.file: {paths.topics}: can't be read: {error}") from error
