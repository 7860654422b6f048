"""What the page of operations is made over: what `wirewatch status` and `quarantine` ask."""

from collections.abc import Collection, Sequence

from results.status import Quarantine, Status
from stream.messages import Dead
from stream.quarantine import QUARANTINE, discard, read, retry
from wirewatch.commands.quarantine import row_of
from wirewatch.commands.settings import Settings
from wirewatch.commands.status import gather
from wirewatch.topics import open_log


class Operations:
    """See `web.status.services.StatusServices`.

    Args:
        settings: of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def status(self) -> Status:
        """What `wirewatch status` tells."""
        return gather(self._settings)

    def quarantine(self) -> Quarantine:
        """What could not be handled and waits for a person, oldest first."""
        config, paths = self._settings.config, self._settings.paths
        if not (config.kafka.bootstrap_servers or paths.log.exists()):
            return Quarantine(())
        with open_log(config, paths, begins=False) as log:
            return Quarantine(tuple(map(row_of, read(log, QUARANTINE))))

    def retry(self, ids: Collection[str]) -> int:
        """Put messages back where they came from."""
        with open_log(self._settings.config, self._settings.paths, begins=False) as log:
            return retry(log, _named(read(log, QUARANTINE), ids))

    def discard(self, ids: Collection[str]) -> int:
        """Take messages off the quarantine for good."""
        with open_log(self._settings.config, self._settings.paths, begins=False) as log:
            return discard(log, _named(read(log, QUARANTINE), ids))


def _named(dead: Sequence[Dead], ids: Collection[str]) -> list[Dead]:
    wanted = set(ids)
    return [one for one in dead if one.id in wanted]
