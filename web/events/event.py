"""Events as they are sent (WHATWG HTML, "Server-sent events"), and the places that a client goes on from."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from index.embedded.counted import is_met
from index.hits import make_hit
from index.results import hit_document
from index.searchable import from_microseconds, microseconds
from index.store import Arrival, Search
from query.article import prepare_enriched
from query.match import matches
from results.alert import Firing
from stream.display import to_json

_DIGITS = 18  # of microseconds since 1970: far beyond the year 9999


class Place(msgspec.Struct, frozen=True):
    """What a client has been sent so far.

    Attributes:
        arrival: the place of the last article, as the store gives it; '' before the first.
        fired: when the last alert fired.
    """

    arrival: str
    fired: datetime

    def __str__(self) -> str:
        return f"{self.arrival}.{microseconds(self.fired)}"


def read_place(text: str) -> Place | None:
    """The place that an event's id names; None if it names none."""
    arrival, dot, fired = text.rpartition(".")
    if not (dot and fired.isascii() and fired.isdigit() and len(fired) <= _DIGITS):
        return None
    try:
        return Place(arrival, from_microseconds(int(fired)))
    except OverflowError:
        return None


class Event(msgspec.Struct, frozen=True):
    """What a client is sent: a name, a document, and the place to go on from after it."""

    name: str
    data: str
    place: Place

    def encode(self) -> bytes:
        """The event as it is sent. JSON has no line breaks, so its data are one line."""
        return f"id: {self.place}\nevent: {self.name}\ndata: {self.data}\n\n".encode()


def heartbeat(place: Place | None) -> bytes:
    """What keeps a connection open, and moves the place on: by the standard, an event without data is dispatched to nobody."""
    return f": heartbeat\nid: {place}\n\n".encode() if place else b": heartbeat\n\n"


def hit_events(arrivals: Iterable[Arrival], search: Search, place: Place) -> Iterator[Event]:
    """An event for each article that a search finds. What a feed had before it was followed is no news.

    Args:
        arrivals: what came, in order.
        search: its query and period count; sort, limit and offset don't.
        place: from where on; its `fired` stays.
    """
    for one in arrivals:
        if not one.document.enriched.article.backfill and _finds(search, one):
            hit = make_hit(one.document, 0.0, search.query)
            document = to_json(hit_document(hit, search.query))
            yield Event("hit", document, msgspec.structs.replace(place, arrival=one.place))


def alert_events(firings: Iterable[Firing], place: Place) -> Iterator[Event]:
    """An event for each alert, in the order in which they fired."""
    for one in sorted(firings, key=lambda firing: firing.fired):
        yield Event("alert", to_json(one), msgspec.structs.replace(place, fired=one.fired))


def _finds(search: Search, arrival: Arrival) -> bool:
    enriched = arrival.document.enriched
    time = enriched.article.time
    if (search.since and time < search.since) or (search.until and time >= search.until):
        return False
    if not all(is_met(one, enriched) for one in search.filters):
        return False
    return search.query is None or matches(search.query, prepare_enriched(enriched))
