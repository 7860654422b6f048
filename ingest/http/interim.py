"""Limits interim responses (1xx, RFC 9110, section 15.2): a server may send any number of them, and each costs CPU."""

from typing import Any

import aiohttp

MAX_INTERIM = 16


class Answer(aiohttp.ClientResponse):
    """A response that gives up after sixteen interim ones. aiohttp itself reads any number of them, in `start`.

    After each of them, and only then, `start` checks whether somebody waits to continue (`_continue`). They are counted there,
    so a response without any costs nothing.
    """

    _interim = 0
    _waiting: Any = None

    @property
    def _continue(self) -> Any:
        self._interim += 1
        if self._interim > MAX_INTERIM:
            raise aiohttp.ServerDisconnectedError(f"more than {MAX_INTERIM} interim responses (1xx)")
        return self._waiting

    @_continue.setter
    def _continue(self, waiting: Any) -> None:
        self._waiting = waiting
