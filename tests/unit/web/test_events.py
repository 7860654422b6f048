"""Server-sent events: hits as they are archived, alerts as they fire; across a restart, and with slow clients."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from lxml import html
from samples.page import OWN, Client
from samples.reading import NOON, article, enriched
from samples.settings import settings_in
from structlog.testing import capture_logs
from waiting import PATIENCE, until

from index.embedded.store import EmbeddedStore
from index.store import Arrival, Search
from results.alert import Firing
from results.parts import Hit
from stream.messages import Enriched
from web.app import make_app
from web.archive import Archive
from web.errors import Refused
from web.events import hub as hubs
from web.events import stream
from web.events.event import Event, Place, heartbeat, read_place
from web.events.hub import Client as Listener
from web.events.hub import Hub
from web.events.services import Live
from wirewatch.commands.page.serving import services_of

PLACE = Place("7", NOON)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(hubs, "ALERTS_SECONDS", 0.0)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore.open(settings_in(tmp_path).paths.index) as store:
        add(store, report(0))
        yield store


def report(number: int, title: str = "Talks in Geneva", *, backfill: bool = False) -> Enriched:
    return enriched(
        article(f"https://wire.example/{number}", "Wire", title, "News.", minutes=number, backfill=backfill)
    )


def add(store: EmbeddedStore, *some: Enriched) -> None:
    for one in some:
        store.add(one)
    store.flush()


@asynccontextmanager
async def served(folder: Path, live: Live = Live()) -> AsyncIterator[Client]:  # noqa: B008 - frozen
    services = services_of(settings_in(folder))
    app = make_app(dataclasses.replace(services, live=live), ["desk.example"])
    async with TestClient(TestServer(app)) as client:
        client.session.headers.update(OWN)
        yield client


@pytest_asyncio.fixture
async def client(archive: EmbeddedStore, tmp_path: Path) -> AsyncIterator[Client]:
    async with served(tmp_path) as made:
        yield made


class Heard:
    """The events of an answer."""

    def __init__(self, answer: ClientResponse) -> None:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        self._answer = answer
        self.place = ""

    async def begun(self) -> "Heard":
        """After the first heartbeat that names a place."""
        while not self.place:
            await self._part()
        return self

    async def next(self) -> tuple[str, str]:
        """The next event's name and data."""
        while True:
            fields = await self._part()
            if "data" in fields:
                return fields["event"], fields["data"]

    async def titles(self, number: int) -> list[str]:
        found = []
        for _ in range(number):
            name, data = await self.next()
            assert name == "hit"
            found.append(msgspec.json.decode(data, type=Hit).article.title)
        return found

    async def _part(self) -> dict[str, str]:
        async with asyncio.timeout(PATIENCE):
            text = (await self._answer.content.readuntil(b"\n\n")).decode()
        lines = [line.partition(": ") for line in text.splitlines() if not line.startswith(":")]
        fields = {name: value for name, _, value in lines}
        self.place = fields.get("id", self.place)
        return fields


async def listen(client: Client, address: str = "/api/v1/events", **headers: str) -> Heard:
    return Heard(await client.get(address, headers=headers))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.01)


async def test_a_client_hears_of_what_its_search_finds(
    client: Client, archive: EmbeddedStore, impatient: None
) -> None:
    everything = await (await listen(client)).begun()
    some = await (await listen(client, "/api/v1/events?q=geneva+NOT+chess&since=2026-03-01T12:05")).begun()
    add(
        archive, report(1), report(2, "Chess in Geneva"), report(6, "Geneva"), report(7, "Old", backfill=True)
    )
    assert await everything.titles(3) == ["Talks in Geneva", "Chess in Geneva", "Geneva"]
    assert await some.titles(1) == ["Geneva"]
    add(archive, report(6, "Geneva, corrected"), report(8, "Geneva again"))
    assert await some.titles(1) == ["Geneva again"], "another version of an article is none that came"


async def test_a_client_that_reconnects_gets_what_it_missed_even_after_a_restart(
    archive: EmbeddedStore, tmp_path: Path, impatient: None
) -> None:
    async with served(tmp_path) as client:
        heard = await (await listen(client)).begun()
        add(archive, report(1, "One"))
        assert await heard.titles(1) == ["One"]
    add(archive, report(2, "Two"), report(3, "Three"))
    async with served(tmp_path) as client:
        again = await listen(client, **{"Last-Event-ID": heard.place})
        assert await again.titles(2) == ["Two", "Three"]
        add(archive, report(4, "Four"))
        assert await again.titles(1) == ["Four"]
        assert await (await listen(client, f"/api/v1/events?after={heard.place}")).titles(3) == [
            "Two", "Three", "Four",
        ]  # fmt: skip


async def test_the_page_says_from_where_to_listen_and_shows_what_came(
    client: Client, archive: EmbeddedStore
) -> None:
    tree = html.document_fromstring(await (await client.get("/?q=geneva")).text())
    (place,) = tree.xpath("//section/@data-after")
    add(archive, report(1, "Geneva <b>"), report(2, "Chess"))
    _, data = await (await listen(client, f"/api/v1/events?q=geneva&after={place}")).next()
    fresh = msgspec.json.decode(data, type=Hit).article.id
    rows = html.document_fromstring(await (await client.get(f"/hits?q=geneva&ids={fresh},none")).text())
    assert [one.get("data-id") for one in rows.cssselect(".hit")] == [fresh]
    assert rows.cssselect("h2 mark")[0].text_content() == "Geneva"
    assert not html.document_fromstring(await (await client.get("/?sort=oldest")).text()).cssselect("#new")


@pytest.mark.parametrize("place", ["nonsense", "x.1", "1.", "1." + "9" * 30, "-1.0"])
async def test_an_invalid_place_is_reported(client: Client, place: str) -> None:
    assert await (await listen(client, **{"Last-Event-ID": place})).next() == ("missed", "{}")


async def test_too_much_to_catch_up_with_is_reported(
    client: Client, archive: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubs, "CAUGHT_UP", 2)
    add(archive, *(report(number) for number in range(1, 6)))
    assert await (await listen(client, **{"Last-Event-ID": f"1.{NOON.timestamp():.0f}"})).next() == (
        "missed", "{}",
    )  # fmt: skip


async def test_alerts_are_sent_as_they_fire(archive: EmbeddedStore, tmp_path: Path, impatient: None) -> None:
    fired: list[Firing] = []

    def fired_after(since: datetime) -> Sequence[Firing]:
        return [one for one in fired if one.fired > since]

    async with served(tmp_path, Live(fired_after)) as client:
        heard = await (await listen(client)).begun()
        place = read_place(heard.place)
        assert place
        fired.append(firing("Syria", place.fired + timedelta(seconds=1)))
        name, data = await heard.next()
        assert (name, msgspec.json.decode(data, type=Firing).alert) == ("alert", "Syria")
        fired.append(firing("Geneva", place.fired + timedelta(seconds=2)))
        name, data = await heard.next()
        assert (name, msgspec.json.decode(data, type=Firing).alert) == ("alert", "Geneva")
        again = await listen(client, **{"Last-Event-ID": str(place)})
        assert [msgspec.json.decode((await again.next())[1], type=Firing).alert for _ in range(2)] == [
            "Syria", "Geneva",
        ]  # fmt: skip


def firing(alert: str, at: datetime) -> Firing:
    return Firing(
        alert=alert, severity="info", fired=at, reason="It matched.", story="s", hit=None, source_news=None, also=0,
        delivered={},
    )  # fmt: skip


async def test_an_archive_that_comes_later_is_listened_to(tmp_path: Path, impatient: None) -> None:
    async with served(tmp_path) as client:
        heard = await listen(client)
        with EmbeddedStore.open(settings_in(tmp_path).paths.index) as store:
            await heard.begun()
            add(store, report(1, "One"))
            assert await heard.titles(1) == ["One"]


async def test_a_fault_in_one_look_does_not_silence_later_ones(
    client: Client, archive: EmbeddedStore, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = await (await listen(client)).begun()
    told = hubs.hit_events

    def faulty(arrivals: Sequence[Arrival], search: Search, place: Place) -> Iterator[Event]:
        if any(one.document.enriched.article.title == "Broken" for one in arrivals):
            raise KeyError("a bug")
        return told(arrivals, search, place)

    monkeypatch.setattr(hubs, "hit_events", faulty)
    with capture_logs() as logs:
        add(archive, report(1, "Broken"))
        await until(lambda: any(line["event"] == "what came could not be told" for line in logs))
    add(archive, report(2, "Whole"))
    assert await heard.titles(1) == ["Whole"]


async def test_all_streams_end_when_the_server_stops(
    archive: EmbeddedStore, tmp_path: Path, impatient: None
) -> None:
    async with served(tmp_path) as client:
        answer = await client.get("/api/v1/events")
        await Heard(answer).begun()
        await client.server.close()
        assert b"event" not in await answer.content.read(), "it ends as it should, not broken off"


async def test_a_query_with_a_fault_is_refused(client: Client) -> None:
    answer = await client.get("/api/v1/events?q=syria+AND+(")
    assert (answer.status, (await answer.json())["parameter"]) == (400, "q")


def test_a_slow_client_is_cut_off_and_knows_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "WAITING", 2)
    slow = Listener(Search())
    events = [Event("hit", "{}", Place(str(number), NOON)) for number in range(4)]
    slow.tell(events[:2])
    slow.tell(events[2:])
    slow.tell(events[2:])
    waiting = [slow.events.get_nowait() for _ in range(slow.events.qsize())]
    assert waiting == [*events[:2], None], "the rest comes when it comes again"


async def test_what_is_told_while_a_client_asks_for_what_it_missed_comes_once(
    archive: EmbeddedStore,
) -> None:
    hub = Hub(Archive(lambda: archive), lambda _: (), lambda: NOON)
    with hub.join(Search()):
        await until(lambda: hub.place)
        before = hub.place
        assert before
        with hub.join(Search()) as late:
            add(archive, report(1, "One"))
            await until(late.events.qsize)
            assert await hub.past(late, before) == []
            assert late.events.qsize() == 1
    await hub.close()


async def test_there_are_only_so_many_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hubs, "CLIENTS", 1)
    hub = Hub(None, lambda _: (), lambda: NOON)  # type: ignore[arg-type]  # it is not looked at
    with hub.join(Search()), pytest.raises(Refused, match="Too many"), hub.join(Search()):
        pass
    with hub.join(Search()):
        await hub.close()
    with pytest.raises(Refused), hub.join(Search()):
        pass


def test_an_event_is_one_line_of_data_and_its_place() -> None:
    assert Event("hit", "{}", PLACE).encode() == f"id: {PLACE}\nevent: hit\ndata: {{}}\n\n".encode()
    assert read_place(str(PLACE)) == PLACE
    assert read_place(str(Place("", NOON))) == Place("", NOON)
    assert heartbeat(None) == b": heartbeat\n\n"
