"""Tells clients of what comes: one look at the archive for all of them, and a bounded queue for each."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec
import structlog

from index.store import Arrival, Search
from results.alert import Firing
from stream.errors import WirewatchError
from web.archive import Archive
from web.errors import Refused
from web.events.event import Event, Place, alert_events, hit_events

CLIENTS = 1_500
"""At a time; the next one is asked to come again."""
WAITING = 200
"""Events that wait for a client; a slower one is disconnected, and goes on from its last event when it reconnects."""
LOOK_SECONDS = 1.0
ALERTS_SECONDS = 5.0
"""Alerts are looked for less often: that reads all that the log remembers of them."""
CAUGHT_UP = 2_000
"""The most articles that a client is sent when it reconnects; after more, it is told to search again."""

_log = structlog.get_logger("web.events")


class Client:
    """One who listens.

    Args:
        search: what for.

    Attributes:
        search: what for.
        place: it is told of what comes after it; None until the hub has one.
        events: what waits to be sent; None ends it.
    """

    def __init__(self, search: Search) -> None:
        self.search = search
        self.place: Place | None = None
        self.events: asyncio.Queue[Event | None] = asyncio.Queue(WAITING + 1)

    def tell(self, events: Sequence[Event]) -> None:
        """Put events into the queue; if it has no room for them, only its end."""
        if self.events.qsize() + len(events) > WAITING:
            self.end()
            return
        for event in events:
            self.events.put_nowait(event)

    def end(self) -> None:
        """Disconnect the client, after the events that already wait."""
        if not self.events.full():
            self.events.put_nowait(None)


class Hub:
    """All clients, and the look-out for them, which runs while there are any.

    Args:
        archive: the store.
        fired_after: the alerts that fired after a time.
        now: the clock.
    """

    def __init__(
        self,
        archive: Archive,
        fired_after: Callable[[datetime], Sequence[Firing]],
        now: Callable[[], datetime],
    ) -> None:
        self._archive = archive
        self._fired_after = fired_after
        self._now = now
        self._clients: set[Client] = set()
        self._looking: asyncio.Task[None] | None = None
        self._looked_for_alerts = 0.0
        self._stopped = False
        self.place: Place | None = None
        """How far all clients have been told; None before the first look."""

    @contextmanager
    def join(self, search: Search) -> Iterator[Client]:
        """A client, while the block runs; raises Refused if there are too many."""
        if self._stopped or len(self._clients) >= CLIENTS:
            raise Refused(503, "Too many programs listen already.", headers={"Retry-After": "30"})
        client = Client(search)
        self._clients.add(client)
        if self._looking is None or self._looking.done():
            self.place = None
            self._looking = asyncio.create_task(self._look_out())
        client.place = self.place
        try:
            yield client
        finally:
            self._clients.discard(client)

    async def close(self) -> None:
        """Disconnect all."""
        self._stopped = True
        for client in self._clients:
            client.end()
        if self._looking:
            self._looking.cancel()
            await asyncio.wait((self._looking,))

    async def past(self, client: Client, since: Place) -> list[Event] | None:
        """What a client has missed since a place, before it joined; None if that is too much or can't be told."""
        try:
            until = await self._place_of(client)
            arrivals = await self._archive.read(lambda store: store.arrivals(since.arrival, CAUGHT_UP))
            firings = await asyncio.to_thread(self._fired_after, since.fired)
        except (ValueError, WirewatchError):
            return None
        ours = _up_to(arrivals, until.arrival)
        if ours is None:
            return None
        told = [one for one in firings if one.fired <= until.fired]
        events = await asyncio.to_thread(lambda: list(hit_events(ours, client.search, since)))
        last = msgspec.structs.replace(until, fired=since.fired)
        return [*events, *alert_events(told, last)]

    async def _look_out(self) -> None:
        while self._clients:
            try:
                await self._look()
            except (
                WirewatchError
            ) as error:  # no archive yet, a server that restarts: the next look may find it
                _log.debug("nothing can be told now", reason=str(error))
            except Exception:  # noqa: BLE001 - a fault of ours in one look must not silence all later ones
                _log.exception("what came could not be told")
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        place = self.place or await self._start()
        arrivals = await self._archive.read(lambda store: store.arrivals(place.arrival))
        firings = await self._firings(place.fired)
        if arrivals:
            self.place = msgspec.structs.replace(place, arrival=arrivals[-1].place)
        if firings:
            self.place = msgspec.structs.replace(self.place or place, fired=max(one.fired for one in firings))
        if arrivals or firings:
            await self._tell(arrivals, firings, place)

    async def _start(self) -> Place:
        last = await self._archive.read(lambda store: store.last_arrival())
        if self.place is None:
            self.place = Place(last, self._now())
            for client in self._clients:
                client.place = self.place
        return self.place

    async def _place_of(self, client: Client) -> Place:
        """Where a client joined, even if the others have been told of more since."""
        begun = client.place or await self._start()
        return client.place or begun

    async def _firings(self, since: datetime) -> Sequence[Firing]:
        if time.monotonic() - self._looked_for_alerts < ALERTS_SECONDS:
            return ()
        self._looked_for_alerts = time.monotonic()
        return await asyncio.to_thread(self._fired_after, since)

    async def _tell(self, arrivals: Sequence[Arrival], firings: Sequence[Firing], place: Place) -> None:
        """Clients with the same search get the same events, which are made once."""
        made: dict[Search, list[Event]] = {}
        after = self.place or place
        alerts = list(alert_events(firings, msgspec.structs.replace(place, arrival=after.arrival)))
        for client in tuple(self._clients):
            search = client.search
            if search not in made:
                made[search] = await asyncio.to_thread(lambda: list(hit_events(arrivals, search, place)))  # noqa: B023
            client.tell([*made[search], *alerts])


def _up_to(arrivals: Sequence[Arrival], last: str) -> Sequence[Arrival] | None:
    """The arrivals up to a place; None if there are so many that it is not among them."""
    places = [one.place for one in arrivals]
    if last in places:
        return arrivals[: places.index(last) + 1]
    return None if len(arrivals) == CAUGHT_UP else ()
