"""Whether the receiver of a long response may still get it: a session ends, a token is revoked, a person is removed."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from web.access.person import Person, Scope

_EVERY_SECONDS = 30.0


class Admission:
    """What a request was admitted by.

    Args:
        who: tells who makes the request, by what is valid now.
        scope: what it needs.
        clock: seconds, which never go back.
    """

    def __init__(
        self, who: Callable[[], Awaitable[Person | None]], scope: Scope, clock: Callable[[], float]
    ) -> None:
        self._who = who
        self._scope = scope
        self._clock = clock
        self._checked = clock()

    async def still_holds(self) -> bool:
        """Whether the request would be admitted now; looked up every 30 seconds at most."""
        if self._clock() - self._checked < _EVERY_SECONDS:
            return True
        self._checked = self._clock()
        asking = await self._who()
        return asking is not None and asking.may(self._scope)


ADMISSION = web.RequestKey("admission", Admission)
"""For handlers whose answers have no end."""
