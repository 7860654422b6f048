"""The options that every command shares: where its data and configuration are."""

import functools
import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from wirewatch import config as configuration
from wirewatch.commands.times import use_utc
from wirewatch.config import Config, Paths

F = TypeVar("F", bound=Callable[..., Any])

FILE_NAME = "wirewatch.toml"


@dataclass(frozen=True)
class Settings:
    """What a command works with."""

    config: Config
    paths: Paths
    file: Path | None = None
    """The configuration's file; None if there is none."""


@dataclass(frozen=True)
class Places:
    """What was said on the command line of where things are; None: where they usually are."""

    data: Path | None
    config: Path | None
    feeds: Path | None

    def load(self) -> Settings:
        """Find and read the configuration; raises ConfigError."""
        return load(self.data, self.config, self.feeds)


def with_settings(command: F) -> F:
    """Add --data, --config, --feeds and --utc to a command, which gets them as its first argument, a Settings."""

    @functools.wraps(command)
    def wrapped(places: Places, **rest: Any) -> Any:
        return command(places.load(), **rest)

    return with_places(wrapped)  # type: ignore[return-value]  # click's options change the signature at run time


def with_places(command: F) -> F:
    """Add the same options to a command, which gets them as its first argument, Places; nothing is read yet."""

    @click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="The data folder.")
    @click.option("--config", "config_file", type=click.Path(path_type=Path), help=f"The {FILE_NAME} to use.")
    @click.option("--feeds", type=click.Path(path_type=Path), help="The feed list (OPML).")
    @click.option("--utc", is_flag=True, help="Show times in UTC instead of your time zone.")
    @functools.wraps(command)
    def wrapped(
        data: Path | None,
        config_file: Path | None,
        feeds: Path | None,
        utc: bool,  # noqa: FBT001 - click's flag
        **rest: Any,
    ) -> Any:
        if utc:
            use_utc()
        return command(Places(data, config_file, feeds), **rest)

    return wrapped  # type: ignore[return-value]  # click's options change the signature at run time


def load(data: Path | None, config_file: Path | None, feeds: Path | None) -> Settings:
    """Find and read the configuration; raises ConfigError."""
    folder = data or _from_environment("WIREWATCH_DATA") or configuration.default_data()
    file = (
        config_file
        or _from_environment("WIREWATCH_CONFIG")
        or _first_existing(Path(FILE_NAME), folder / FILE_NAME)
    )
    config = configuration.load(file)
    beside = file.parent if file else Path()
    topics = beside / config.topics.file if config.topics.file else _first_existing(folder / "topics.toml")
    alerts = beside / config.alerts.file if config.alerts.file else None
    gazetteer = beside / config.entities.gazetteer if config.entities.gazetteer else None
    corrections = beside / config.entities.corrections if config.entities.corrections else None
    paths = Paths(
        data=folder,
        feeds=feeds or folder / "feeds.opml",
        topics=topics,
        alerts_file=alerts,
        gazetteer=gazetteer,
        corrections=corrections,
        shared=bool(config.kafka.bootstrap_servers),
    )
    return Settings(config, paths, file)


def hint(settings: Settings, command: str) -> str:
    """A wirewatch command for the same data folder, ready to be pasted into a shell."""
    data = settings.paths.data
    where = "" if data == configuration.default_data() else f" --data {shlex.quote(str(data))}"
    return f"wirewatch {command}{where}"


def allowing(config: Config, networks: tuple[str, ...]) -> Config:
    """The configuration with more private networks allowed."""
    allowed = (*config.fetch.allow_private, *networks)
    return replace(config, fetch=msgspec.structs.replace(config.fetch, allow_private=allowed))


def replace(config: Config, **sections: Any) -> Config:
    """The configuration with some sections replaced, checked like any other."""
    return configuration.checked(msgspec.structs.replace(config, **sections), "the command line")


def _from_environment(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


def _first_existing(*candidates: Path) -> Path | None:
    return next((path for path in candidates if path.exists()), None)
