"""The topics that articles are tagged with: the user's file, re-read when it changes, or the bundled one."""

import hashlib
import importlib.resources
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import structlog
import tomlkit
from tomlkit import TOMLDocument

from enrich.topics import Topic as NewsTopic
from enrich.topics import load_topics
from stream.errors import ConfigError, EditConflict, FieldError
from stream.suggest import did_you_mean
from stream.toml import read_toml
from wirewatch.config import Paths
from wirewatch.lists.entries import Section, TakenIn, take_in
from wirewatch.lists.keeper import Keeper

log_line = structlog.get_logger("wirewatch.lists.topics")

BUNDLED = "the bundled topics.toml"
SECTIONS = (Section("topic", "id"),)
_ON_A_LINE = 100
"""Characters of a query; a longer one is written over several lines."""


def file_of(paths: Paths) -> Path:
    """The topics that count, as a file, unless they are the bundled ones: it need not exist."""
    return paths.shared_topics if paths.shared and paths.shared_topics.exists() else paths.own_topics


def is_bundled(paths: Paths) -> bool:
    """Whether the topics are those that come with wirewatch: the configuration names no file, and there is none."""
    return paths.topics is None and not file_of(paths).exists()


def news_topics(paths: Paths) -> tuple[NewsTopic, ...]:
    """The topics that articles are tagged with."""
    data = _read(paths)
    return load_topics(bundled(), BUNDLED) if data is None else load_topics(data, str(file_of(paths)))


def tables(paths: Paths) -> dict[str, dict[str, Any]]:
    """The topics' tables as the file has them, by id. The file is one that `news_topics` accepts."""
    data = _read(paths)
    content = read_toml(bundled() if data is None else data, str(file_of(paths)))
    return {table["id"]: table for table in content.get("topic", [])}


def _read(paths: Paths) -> bytes | None:
    """The user's file; None where the bundled topics count."""
    try:
        return file_of(paths).read_bytes()
    except FileNotFoundError as error:
        if paths.topics is None:
            return None
        raise ConfigError(f"topics.file: {paths.topics}: can't be read: {error}") from error
    except OSError as error:
        raise ConfigError(f"topics.file: {file_of(paths)}: can't be read: {error}") from error


def bundled() -> bytes:
    """The topics that come with wirewatch."""
    return importlib.resources.files("wirewatch").joinpath("defaults/topics.toml").read_bytes()


def changed(before: bytes | None, change: Callable[[TOMLDocument], None], name: str) -> bytes:
    """The topics after a change; comments, order and blank lines stay, and a new list begins with the bundled topics.

    Args:
        before: the list as it is; None if there is none.
        change: changes the document; may raise ConfigError.
        name: what errors call the list.

    Raises ConfigError if the list before or the result is no list of topics.
    """
    start = bundled() if before is None else before
    load_topics(start, name)  # one that is broken already is reported as such
    document = tomlkit.parse(start.decode("utf-8-sig"))
    change(document)
    after = tomlkit.dumps(document).encode()
    load_topics(after, name)
    return after


class TopicList:
    """The topics, to be edited.

    Args:
        keeper: keeps them.
    """

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self.place = keeper.place
        """Where they are, for a person."""

    def edit(self, change: Callable[[TOMLDocument], None]) -> None:
        """Change the topics in one step. Others may edit them at the same time: each change is made to what the others have
        written, so it may be called again.

        Raises ConfigError, and leaves the topics as they were, if the result is no list of topics.
        """
        self._keeper.edit(lambda before: changed(before, change, self.place))

    def take_in(self, data: bytes, name: str, *, replace: bool = False) -> TakenIn:
        """Add the topics of a file; those that are there stay unless `replace`. `name` is what errors call the file."""
        load_topics(data, name)
        other, found = tomlkit.parse(data.decode("utf-8-sig")), TakenIn()

        def change(document: TOMLDocument) -> None:
            nonlocal found
            found = take_in(document, other, SECTIONS, replace=replace)

        self._keeper.edit(lambda before: changed(data if before is None else before, change, self.place))
        return found

    def toml(self) -> bytes:
        """The topics as a file."""
        data = self._keeper.read()
        return bundled() if data is None else data


def version_of(table: Mapping[str, Any]) -> str:
    """A hash of a topic's table, which differs after each change of this table, and of no other."""
    return hashlib.blake2b(msgspec.json.encode(dict(table), order="deterministic"), digest_size=8).hexdigest()


def add_to(document: TOMLDocument, table: Mapping[str, Any]) -> None:
    """Put a new topic into the document."""
    wanted = str(table.get("id", ""))
    if any(one.get("id") == wanted for one in document.get("topic", [])):
        raise FieldError(f"topic {wanted!r}", "id", "there is a topic of this id; choose another")
    added = tomlkit.table()
    added.update({key: _written(value) for key, value in table.items()})
    document.setdefault("topic", tomlkit.aot()).append(added)


def put_into(document: TOMLDocument, topic: str, table: Mapping[str, Any], version: str) -> None:
    """Give a topic other keys; its comments stay. Raises EditConflict if it is not the one that `version` was made of."""
    found = _unchanged(document, topic, version)
    for key in [key for key in found if key not in table and key != "id"]:
        del found[key]
    for key, value in table.items():
        if key != "id" and str(found.get(key, "")).strip() != value:
            found[key] = _written(value)


def take_out(document: TOMLDocument, topic: str, version: str) -> None:
    """Take a topic out of the document. Raises EditConflict as `put_into` does."""
    found = _unchanged(document, topic, version)
    document["topic"].remove(found)


def drop(document: TOMLDocument, topic: str) -> None:
    """Take a topic out of the document as it is now; raises ConfigError if there is none."""
    listed = document.get("topic", [])
    found = next((table for table in listed if table.get("id") == topic), None)
    if found is None:
        known = did_you_mean(topic, [str(table.get("id")) for table in listed])
        raise ConfigError(f"no topic is called {topic!r}{known}")
    listed.remove(found)


def _written(value: Any) -> Any:
    """A value as it stands in the file: a long query over several lines, as people write it."""
    if not isinstance(value, str) or ("\n" not in value and len(value) <= _ON_A_LINE):
        return value
    if "'''" in value:
        return tomlkit.string(f"{value}\n", multiline=True)
    return tomlkit.parse(f"text = '''\n{value}\n'''")["text"]


def _unchanged(document: TOMLDocument, topic: str, version: str) -> Any:
    """The table of a topic that is still what its editor read."""
    found = next((table for table in document.get("topic", []) if table.get("id") == topic), None)
    if found is None:
        raise EditConflict(f"topic {topic!r}: has been removed in the meantime")
    if version_of(found.unwrap()) != version:
        raise EditConflict(f"topic {topic!r}: has been changed in the meantime; nothing was overwritten")
    return found


class TopicFile:
    """The current topics, for those who ask often; a change gives another object. It can be pickled.

    A file that was broken by an edit is reported, and the last good one stays in force.
    """

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._stamp: tuple[int, int, int] | None = None
        self._topics: Sequence[NewsTopic] | None = None

    def __call__(self) -> Sequence[NewsTopic]:
        """The topics as the file has them now."""
        stamp = self._read_stamp()
        if self._topics is None:
            self._stamp, self._topics = stamp, news_topics(self._paths)
        elif stamp != self._stamp:
            self._stamp = stamp
            self._topics = self._renewed(self._topics)
        return self._topics

    def _renewed(self, before: Sequence[NewsTopic]) -> Sequence[NewsTopic]:
        try:
            found = news_topics(self._paths)
        except ConfigError as error:
            log_line.error("topics not read, the last good ones stay", reason=str(error))
            return before
        log_line.info("topics read again", file=str(file_of(self._paths)), topics=len(found))
        return found

    def _read_stamp(self) -> tuple[int, int, int] | None:
        try:
            found = file_of(self._paths).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
