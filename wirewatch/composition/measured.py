"""What takes too long to measure while a scrape waits: sizes of files, and how many sources are heard."""

import asyncio
import shutil
import time
from collections.abc import Callable, Mapping

import msgspec
import structlog

from stream.clock import utc_now
from stream.errors import WirewatchError
from stream.log.base import Log, LogError
from wirewatch.composition.archive_upkeep import sizes
from wirewatch.composition.source_health import source_counts
from wirewatch.config import Config, Paths
from wirewatch.topics import feed_list, feed_states

log_line = structlog.get_logger("wirewatch.measured")

FRESH_SECONDS = 30.0
"""How old a figure may be before it is measured again."""


class Measured(msgspec.Struct, frozen=True):
    """What was measured last; None, or nothing, where that is not this machine's business."""

    log_bytes: int | None = None
    archive_bytes: int | None = None
    free_bytes: int | None = None
    sources: Mapping[str, int] = {}
    """By status."""


class Measures:
    """Measures in the background when it is asked, and answers at once with what it found the last time.

    Args:
        measure: measures; called in a thread.
    """

    def __init__(self, measure: Callable[[], Measured]) -> None:
        self._measure = measure
        self._last = Measured()
        self._at = float("-inf")
        self._task: asyncio.Task[None] | None = None

    def __call__(self) -> Measured:
        """What was measured last."""
        if self._task is None and time.monotonic() - self._at > FRESH_SECONDS:
            self._task = asyncio.create_task(self.renew())
        return self._last

    async def renew(self) -> None:
        """Measure now; what hinders that is logged, and the last figures stand."""
        try:
            self._last = await asyncio.to_thread(self._measure)
        except (WirewatchError, LogError, OSError) as error:
            log_line.warning("metrics could not be measured", reason=str(error))
        except Exception:  # a fault in what is measured must not end the process that it is measured for
            log_line.exception("metrics could not be measured because of a bug")
        finally:
            self._at, self._task = time.monotonic(), None

    async def close(self) -> None:
        """Wait for a measurement under way."""
        if self._task is not None:
            await self._task


def measure(config: Config, paths: Paths, log: Log, *, polls: bool) -> Measured:
    """The sizes of what is on this machine; how the sources do, if this process polls. Raises WirewatchError, OSError."""
    sources: Mapping[str, int] = {}
    if polls:
        listed = feed_list(config, paths, log)
        sources = source_counts(listed.load() if listed.exists() else [], feed_states(log), utc_now())
    in_log, articles, index = sizes(paths)
    return Measured(
        log_bytes=None if config.kafka.bootstrap_servers else in_log,
        archive_bytes=None if config.elasticsearch.hosts else articles + index,
        free_bytes=shutil.disk_usage(paths.data).free,
        sources=sources,
    )
