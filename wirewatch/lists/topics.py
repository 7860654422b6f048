"""The topics that articles are tagged with: the user's file, or the bundled one."""

import importlib.metadata
import importlib.resources
from functools import lru_cache

from enrich.topics import Topic as NewsTopic
from enrich.topics import load_topics
from stream.errors import ConfigError
from wirewatch.config import Paths


def news_topics(paths: Paths) -> tuple[NewsTopic, ...]:
    """The topics that articles are tagged with."""
    if paths.topics is None:
        bundled = importlib.resources.files("wirewatch").joinpath("defaults/topics.toml")
        return _parsed(bundled.read_bytes(), "the bundled topics.toml")
    try:
        return _parsed(paths.topics.read_bytes(), str(paths.topics))
    except OSError as error:
        raise ConfigError(f"topics.file: {paths.topics}: can't be read: {error}") from error


@lru_cache(maxsize=2)
def _parsed(data: bytes, name: str) -> tuple[NewsTopic, ...]:
    """The page asks for them with each view: the same bytes are parsed once."""
    return load_topics(data, name)
