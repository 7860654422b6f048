"""The user's lists: feeds, topics, alerts with their channels, names."""

import os
import socket
from collections.abc import Callable, Iterator, Sequence, Set
from pathlib import Path
from urllib.parse import urlsplit

from alerts.channels.definitions import Channel, Feed, File, Webhook
from alerts.definitions import Definitions
from alerts.settings import Digest
from ingest.sources.feed import Feed as NewsFeed
from results.doctor import Part, Remark, Severity
from stream.errors import WirewatchError
from stream.log.base import Log
from stream.words import plural
from wirewatch.composition.doctor.extras import unwritable
from wirewatch.composition.lists import shared_alerts
from wirewatch.composition.workers import own_names
from wirewatch.config import Config, Paths
from wirewatch.lists.alerts import AlertList
from wirewatch.lists.alerts import load as load_alerts
from wirewatch.lists.feeds import FeedFile
from wirewatch.lists.topics import file_of, is_bundled, news_topics

CONNECT_SECONDS = 5.0
ADD_CHANNEL = "Add it, or take it out of [digest]: wirewatch channels add"


def judge_lists(config: Config, paths: Paths) -> Iterator[Remark]:
    """What is wrong with the files of topics and names, and with the feed list if it is one."""
    topics = None if is_bundled(paths) else file_of(paths)
    yield from _read("topics", topics, lambda: news_topics(paths), "topics that are tagged")
    if config.archive.keep_days and not config.elasticsearch.hosts:
        yield from _kept_topics(config, paths)
    for what, path in (("gazetteer", paths.gazetteer), ("corrections", paths.corrections)):
        if path is not None and not os.access(path, os.R_OK):
            where = f"entities.{what}"
            yield Remark(
                "error", "lists", f"{path} can't be read", where, "Put it there, or take out the key."
            )
    yield from (
        _read("gazetteer", paths.gazetteer, lambda: own_names(paths), "files of names")
        if _is_there(paths.gazetteer)
        else ()
    )
    if not config.kafka.bootstrap_servers and paths.feeds.exists():
        yield from _read("feed list", paths.feeds, FeedFile(paths.feeds).load, "feeds")


def _kept_topics(config: Config, paths: Paths) -> Iterator[Remark]:
    try:
        known = {topic.id for topic in news_topics(paths)}
    except WirewatchError:
        return  # it is told where they are read
    if missing := sorted(set(config.archive.keep_topics) - known):
        what = f"There is no topic {', '.join(map(repr, missing))}: until that is fixed, no old article is deleted"
        advice = "`wirewatch topics export` has the ids."
        yield Remark("warning", "lists", what, "archive.keep_topics", advice)


def _is_there(path: Path | None) -> bool:
    return path is not None and os.access(path, os.R_OK)


def _read(name: str, path: Path | None, load: Callable[[], Sequence[object]], items: str) -> Iterator[Remark]:
    where = str(path or "built in")
    try:
        found = load()
    except WirewatchError as error:
        yield Remark(
            "error",
            "lists",
            f"The {name} can't be read: {_first_line(error)}",
            where,
            "Mend the file at the place named.",
        )
        return
    if found:
        yield Remark("ok", "lists", f"{len(found):,} {items}", where)
    else:
        yield Remark("warning", "lists", f"The {name} is empty", where, "Put something into it.")


def _first_line(error: WirewatchError) -> str:
    """What is wrong; a query that is shown below it, with a mark at the place, needs lines of its own."""
    return str(error).partition("\n")[0]


def judge_feeds(feeds: Sequence[NewsFeed]) -> Iterator[Remark]:
    """What is wrong with a feed list as such."""
    part: Part = "feeds"
    if not feeds:
        yield Remark("error", part, "There are no feeds", "", "Add one: wirewatch feeds add URL")
    elif all(feed.paused for feed in feeds):
        yield Remark("error", part, "All feeds are paused", "", "Let them go on: wirewatch feeds resume URL")


def shared_list(log: Log, paths: Paths) -> AlertList | None:
    """The alerts that machines share, as the log has them; None if nobody has begun the list: this machine's file will."""
    keeper = shared_alerts(log, paths).keeper
    return AlertList(keeper) if keeper.read() is not None else None


def judge_alerts(
    paths: Paths,
    connects: Callable[[str, int], str],
    digest: Digest = Digest(),  # noqa: B008 - frozen
    shared: AlertList | None = None,
) -> Iterator[Remark]:
    """What is wrong with the alerts and their channels, and those of the digest. Nothing is sent.

    Args:
        paths: where they are.
        connects: tries to connect to a host and port; returns why that fails, '' if it doesn't.
        digest: what is sent once a day.
        shared: the alerts that all machines share; None: those of the file on this machine count.
    """
    where = shared.place if shared else str(paths.alerts_in_force)
    try:
        definitions = shared.load() if shared else load_alerts(paths.alerts_in_force)
    except WirewatchError as error:
        advice = "Mend the file at the place named: until then no alert is sent."
        yield Remark("error", "lists", f"The alerts can't be read: {_first_line(error)}", where, advice)
        return
    if not definitions.alerts:
        advice = "Add one: wirewatch alerts add NAME QUERY"
        yield Remark("note", "lists", "There are no alerts", where, advice)
    else:
        yield Remark("ok", "lists", plural(len(definitions.alerts), "alert"), where)
    daily = {*digest.channels, *(one for each in digest.people.values() for one in each)}
    known = definitions.channels.keys() | definitions.broken.keys()
    for name in sorted(daily - known if digest.at else ()):
        yield _channel("error", "The digest goes to it, and there is no such channel", name, ADD_CHANNEL)
    of_alerts = {name for alert in definitions.alerts.values() for name in alert.channels}
    yield from _channels(definitions, of_alerts | (daily if digest.at else set()), paths.data, connects)


def _channels(
    definitions: Definitions, used: Set[str], data: Path, connects: Callable[[str, int], str]
) -> Iterator[Remark]:
    for name, why in definitions.broken.items():
        yield _channel(
            "error", f"It can't be used: {why}", name, "Set what it refers to, for this user, too."
        )
    for name in sorted(used & definitions.channels.keys()):
        fault = fault_of(definitions.channels[name], data, connects)
        if fault:
            yield _channel(
                "error", fault, name, "Messages for it wait for a day and a half, then in quarantine."
            )
        else:
            yield _channel("ok", "It is in order, as far as can be told without sending anything", name)


def _channel(severity: Severity, what: str, name: str, advice: str = "") -> Remark:
    return Remark(severity, "channels", what, f"channel {name}", advice)


def fault_of(channel: Channel, data: Path, connects: Callable[[str, int], str]) -> str:
    """Why nothing can be sent to a channel; '' if it seems to be in order."""
    match channel:
        case Webhook(url=url):
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            return connects(parts.hostname or "", port)
        case File(path=path) | Feed(path=path):
            return unwritable((data / path).parent)
    return ""


def connects(host: str, port: int) -> str:
    """Why no connection can be made; '' if one can."""
    try:
        socket.create_connection((host, port), CONNECT_SECONDS).close()
    except (OSError, UnicodeError) as error:
        return f"{host}:{port} can't be reached: {getattr(error, 'strerror', None) or error}"
    return ""
