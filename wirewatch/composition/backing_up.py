"""What a backup has, and how a data folder is made from one."""

import importlib.metadata
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from index.embedded.store import EmbeddedStore
from ingest.sources.opml import write_opml
from stream.errors import ConfigError
from web.access.audit import NAME as AUDIT
from web.access.files import NAME as ACCESS
from web.desk.desk import NAME as DESK
from wirewatch.composition.archive_upkeep import NAME as SIZES
from wirewatch.composition.lists import open_alert_list, open_topic_list
from wirewatch.config import Config, Paths
from wirewatch.lists.alerts import WITHHELD
from wirewatch.process.backup_file import (
    Manifest,
    NotABackup,
    Source,
    Tell,
    Writer,
    count,
    is_name,
    reading,
    unpack,
    writing,
)
from wirewatch.topics import feed_list, open_log

LOG, ARCHIVE = "log.sqlite", "index/documents.sqlite"
_OUTSIDE = "outside"
"""The folder for files that the configuration names by an absolute path."""
_COUNTED = {
    ARCHIVE: ("articles", "SELECT count(*) FROM documents"),
    DESK: ("marks", "SELECT count(*) FROM marks"),
    ACCESS: ("users", "SELECT count(*) FROM people"),
}
"""What is counted of a database, and how."""


def back_up(
    config: Config, paths: Paths, config_file: Path | None, file: Path, now: datetime, tell: Tell
) -> Manifest:
    """Save an installation in a file, also while it runs.

    The log goes before the archive: what the log's copy still has to do is done again, and replaces itself in the archive's
    copy. The search index is not saved, but built again from the articles.

    Raises ConfigError if there is nothing to save, or the file exists.
    """
    if paths.shared:
        _bring_lists(config, paths)
    sources = [one for one in sources_of(config, paths, config_file) if one.path.is_file()]
    if not sources:
        raise paths.nothing_yet("is nothing to back up")
    with writing(file, tell) as writer:
        for source in sources:
            writer.add(source)
        if config.kafka.bootstrap_servers:
            _add_feeds(config, paths, writer)
        manifest = Manifest(
            wirewatch=importlib.metadata.version("wirewatch"),
            made=now,
            counts=writer.counts,
            missing=tuple(_missing(config)),
            files=tuple(writer.saved),
        )
        writer.finish(manifest)
    return manifest


def sources_of(config: Config, paths: Paths, config_file: Path | None) -> Iterator[Source]:
    """The files of an installation, whether or not each of them exists; the log first."""
    if not config.kafka.bootstrap_servers:
        yield Source(LOG, paths.log)
        yield Source("feeds.opml", paths.feeds, _was(paths.feeds, paths))
    if not config.elasticsearch.hosts:
        yield Source(ARCHIVE, paths.index / "documents.sqlite", count=_COUNTED[ARCHIVE])
    for name in (DESK, ACCESS, AUDIT, SIZES):
        yield Source(name, paths.data / name, count=_COUNTED.get(name))
    for secret in sorted((paths.data / WITHHELD).glob("*")):
        yield Source(f"{WITHHELD}/{secret.name}", secret)
    if config_file:
        yield Source("wirewatch.toml", config_file, _was(config_file, paths))
    for setting, path, usual in (
        (config.topics.file, paths.shared_topics if paths.shared else paths.own_topics, "topics.toml"),
        (config.alerts.file, paths.shared_alerts if paths.shared else paths.alerts, "alerts.toml"),
        (config.entities.gazetteer, paths.gazetteer, "gazetteer.csv"),
        (config.entities.corrections, paths.corrections, "corrections.csv"),
    ):
        if path:
            yield Source(_name_of(setting, usual), path, _was(path, paths))


def _name_of(setting: str, usual: str) -> str:
    """A list's name in a backup: where the restored configuration looks for it, if that is within the folder."""
    if not setting:
        return usual
    return setting if is_name(setting) else f"{_OUTSIDE}/{usual}"


def _was(path: Path, paths: Paths) -> str:
    """Where a file is, if not in the data folder."""
    return "" if path.absolute().is_relative_to(paths.data.absolute()) else str(path.absolute())


def _bring_lists(config: Config, paths: Paths) -> None:
    """Bring this machine's copies of the shared alerts and topics up to date."""
    with open_alert_list(config, paths, begins=False), open_topic_list(config, paths, begins=False):
        pass


def _add_feeds(config: Config, paths: Paths, writer: Writer) -> None:
    """The feed list, where it is a topic in Kafka."""
    with open_log(config, paths, begins=False) as log:
        feeds = feed_list(config, paths, log)
        content = write_opml(feeds.load() if feeds.exists() else [])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "feeds.opml"
        path.write_bytes(content)
        writer.add(Source("feeds.opml", path))


def _missing(config: Config) -> Iterator[str]:
    if config.kafka.bootstrap_servers:
        yield (
            "The log in Kafka is not in it, but its lists are: after a restore, put the feeds back with wirewatch feeds import"
            " feeds.opml."
        )
    if config.elasticsearch.hosts:
        yield "The archive in Elasticsearch is not in it: use Elasticsearch's snapshots (docs/deploy.md)."


def _counts(folder: Path, names: Collection[str]) -> dict[str, int]:
    """How many articles, marks and users the databases in a folder have."""
    found = {}
    for name, (what, query) in _COUNTED.items():
        if name in names:
            found[what] = count(folder / name, query)
    return found


def restore(file: Path, folder: Path, tell: Tell) -> Manifest:
    """Make a data folder from a backup. It appears when everything in it was checked, and the search index is built.

    Raises ConfigError if the folder has anything in it, or the backup can't be used.
    """
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
        raise ConfigError(f"{folder} is not empty: a backup is restored into a new folder (--data DIR)")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with reading(file) as (archive, manifest), _replacing(folder) as fresh:
        unpack(archive, manifest, fresh, tell)
        _check_counts(fresh, manifest)
        if (fresh / ARCHIVE).exists():
            tell("index/search", 0, 1)
            EmbeddedStore.open(fresh / "index").close()
            tell("index/search", 1, 1)
    return manifest


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A new folder beside an empty or missing one, which takes its place when the block has ended well."""
    fresh = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.restoring")
    fresh.mkdir(mode=0o700)
    try:
        yield fresh
        if folder.exists():
            folder.rmdir()
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _check_counts(folder: Path, manifest: Manifest) -> None:
    """Raises NotABackup if a database can't be read, or has not as much as was saved."""
    try:
        counts = _counts(folder, {one.name for one in manifest.files})
    except sqlite3.DatabaseError as error:
        raise NotABackup(f"a database in the backup can't be read: {error}") from error
    if counts != manifest.counts:
        raise NotABackup(f"the backup should have {dict(manifest.counts)}, but has {counts}")
