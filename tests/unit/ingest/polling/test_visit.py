import asyncio

import pytest

from ingest.fetching.politeness import HostGate
from ingest.polling.visit import Visit


async def test_a_visit_that_ends_early_releases_turn_and_place_once() -> None:
    gate, places = HostGate(0.0), asyncio.Semaphore(1)
    async with Visit(gate, places, "a.example") as first:
        assert places.locked()
        first.leave()
        async with Visit(gate, places, "a.example"):  # would wait forever if the first were still on
            first.leave()
            assert places.locked()
    assert not places.locked()


async def test_giving_up_waiting_for_a_place_releases_the_turn() -> None:
    gate, places = HostGate(0.0), asyncio.Semaphore(1)
    async with Visit(gate, places, "a.example"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), Visit(gate, places, "b.example"):
                pass
        async with asyncio.timeout(10), gate.turn("b.example"):
            pass
