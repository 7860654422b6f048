"""An installation's settings in a folder."""

from pathlib import Path
from typing import Any

import msgspec

from wirewatch.commands.settings import Settings
from wirewatch.config import Config, Paths


def settings_in(folder: Path, **fetch: Any) -> Settings:
    """The defaults, except for some of `[fetch]`, with all files in a folder."""
    config = Config()
    config = msgspec.structs.replace(config, fetch=msgspec.structs.replace(config.fetch, **fetch))
    return Settings(config, Paths(data=folder, feeds=folder / "feeds.opml", topics=None))
