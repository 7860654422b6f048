"""What the feed list says of outlets, for the page."""

import threading
import time
from collections.abc import Mapping

from stream.errors import WirewatchError
from stream.log.base import LogError
from web.search.outlets import Outlet
from wirewatch.commands.settings import Settings
from wirewatch.topics import open_feed_list

KEPT_SECONDS = 60.0


class Listed:
    """The outlets, read again after a minute: each view of the page asks for them.

    Args:
        settings: of the command.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turn = threading.Lock()
        self._until = float("-inf")
        self._found: Mapping[str, Outlet] = {}

    def outlets(self) -> Mapping[str, Outlet]:
        """The outlets by name, as last read; none where there is no list."""
        with self._turn:
            if time.monotonic() > self._until:
                self._until = time.monotonic() + KEPT_SECONDS
                self._found = self._read()
            return self._found

    def _read(self) -> Mapping[str, Outlet]:
        try:
            with open_feed_list(self._settings.config, self._settings.paths, begins=False) as listed:
                feeds = listed.load() if listed.exists() else []
        except (WirewatchError, LogError):
            return self._found
        found: dict[str, Outlet] = {}
        for feed in feeds:
            before = found.get(feed.title or feed.url, Outlet())
            folders = filter(None, (feed.folder, *feed.more_folders))
            groups = tuple(dict.fromkeys((*before.groups, *folders)))
            found[feed.title or feed.url] = Outlet(groups, before.country or feed.country)
        return found
