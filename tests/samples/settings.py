"""An installation's settings in a folder."""

from pathlib import Path

from wirewatch.commands.settings import Settings
from wirewatch.config import Config, Paths


def settings_in(folder: Path) -> Settings:
    """The defaults, with all files in a folder."""
    return Settings(Config(), Paths(data=folder, feeds=folder / "feeds.opml", topics=None))
