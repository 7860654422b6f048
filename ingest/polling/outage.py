"""Detects that this machine is offline: then no feed is at fault, and none is delayed for long."""

from collections import deque

from ingest.polling.schedule import is_network

LAST_POLLS = 12
HOSTS = 3


class Outage:
    """Watches recent polls. Any response ends the outage."""

    def __init__(self) -> None:
        self._hosts: deque[str] = deque(maxlen=LAST_POLLS)

    def note(self, host: str, kind: str) -> None:
        """A host was polled. `kind` is that of the failure; '' if there was none."""
        if is_network(kind):
            self._hosts.append(host)
        else:
            self._hosts.clear()

    def is_on(self) -> bool:
        """Whether the last twelve polls all failed in the network, at three hosts or more."""
        return len(self._hosts) == LAST_POLLS and len(set(self._hosts)) >= HOSTS
