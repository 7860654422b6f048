"""The alerts and topics of an installation: files of this machine, or where the log is shared, lists in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial

import structlog

from stream.errors import WirewatchError
from stream.log.base import Log, LogError
from stream.persist import until_possible
from wirewatch.config import Config, Paths
from wirewatch.lists import alerts as alertlist
from wirewatch.lists import topics as topiclist
from wirewatch.lists.alerts import AlertList, withhold
from wirewatch.lists.entries import TakenIn
from wirewatch.lists.keeper import OwnFile
from wirewatch.lists.shared import SharedList
from wirewatch.lists.topics import TopicList
from wirewatch.topics import ALERT_LIST, TOPIC_LIST, open_log

SECONDS = 5.0
"""Until a running process sees what another machine has changed."""
READERS = frozenset({"enrich", "alert", "deliver"})
"""The stages that read these lists."""

log_line = structlog.get_logger("wirewatch.lists")


@contextmanager
def open_alert_list(config: Config, paths: Paths, *, begins: bool = True) -> Iterator[AlertList]:
    """The alerts, to be read and edited; where they are shared, with the latest from the log. `begins` as for `open_log`."""
    if not paths.shared:
        yield AlertList(OwnFile(paths.alerts))
        return
    with open_log(config, paths, begins=begins) as log:
        shared = shared_alerts(log, paths)
        shared.bring()
        yield AlertList(shared.keeper)


@contextmanager
def open_topic_list(config: Config, paths: Paths, *, begins: bool = True) -> Iterator[TopicList]:
    """The topics, to be edited; where they are shared, the copy that `lists.topics` reads is brought up to date.
    `begins` as for `open_log`."""
    if not paths.shared:
        yield TopicList(OwnFile(paths.own_topics))
        return
    with open_log(config, paths, begins=begins) as log:
        shared = shared_topics(log, paths)
        shared.bring()
        yield TopicList(shared.keeper)


def bring_topics(config: Config, paths: Paths) -> None:
    """Bring the topics that this machine reads up to date, where they are shared."""
    with open_topic_list(config, paths, begins=False):
        pass


@dataclass(frozen=True)
class Shared:
    """A shared list, and the file of this machine that it may have begun with."""

    keeper: SharedList
    own: OwnFile
    take_in: Callable[[bytes, str], TakenIn]
    command: str

    def bring(self) -> None:
        """Bring this machine's copy up to date; its own file is taken over the first time."""
        self.keeper.begin(self.own, self.take_in)

    def warn(self) -> None:
        """Say that a file of this machine does not count, if people might think that it does."""
        if self.keeper.leaves_out(self.own):
            told = f"all machines share one list; to bring this file in: wirewatch {self.command} import FILE"
            log_line.warning("this file is not read", file=self.own.place, reason=told)


def shared_alerts(log: Log, paths: Paths) -> Shared:
    """The alerts in the log."""
    guard = partial(withhold, folder=paths.data)
    keeper = SharedList(log, ALERT_LIST.name, alertlist.SECTIONS, paths.shared_alerts, "alerts", guard)
    return Shared(keeper, OwnFile(paths.alerts), AlertList(keeper).take_in, "alerts")


def shared_topics(log: Log, paths: Paths) -> Shared:
    """The topics in the log."""
    keeper = SharedList(log, TOPIC_LIST.name, topiclist.SECTIONS, paths.shared_topics, "topics")
    return Shared(keeper, OwnFile(paths.own_topics), TopicList(keeper).take_in, "topics")


@asynccontextmanager
async def keep_lists(paths: Paths, log: Log, names: Sequence[str]) -> AsyncIterator[None]:
    """Keep the copies of this machine up to date while the block runs, if the lists are shared and a stage reads them.

    Raises ConfigError if the topics file of this machine, which is to be taken over, is broken. Broken alerts stop nothing
    but the stages that need them.
    """
    if not (paths.shared and READERS & {*names}):
        yield
        return
    alerts, topics = shared_alerts(log, paths), shared_topics(log, paths)
    await until_possible("log", topics.bring)
    await asyncio.to_thread(_noting, alerts.bring)
    for one in (alerts, topics):
        await asyncio.to_thread(_noting, one.warn)
    task = asyncio.create_task(_keep((alerts, topics)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _keep(lists: Sequence[Shared]) -> None:
    while True:
        await asyncio.sleep(SECONDS)
        for one in lists:
            await asyncio.to_thread(_noting, one.bring)


def _noting(do: Callable[[], None]) -> None:
    try:
        do()
    except (WirewatchError, LogError, OSError) as error:
        log_line.error("a list that machines share was not read", reason=str(error))
