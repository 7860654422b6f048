"""A limited number of places, news first."""

import asyncio

import pytest
from waiting import PATIENCE

from ingest.fetching.priority_semaphore import PrioritySemaphore


async def test_news_goes_first_and_otherwise_first_come_first_served() -> None:
    places, done = PrioritySemaphore(1), list[str]()

    async def take(name: str, *, can_wait: bool) -> None:
        async with places.place(can_wait=can_wait):
            done.append(name)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for name in ("old 1", "old 2", "new 1", "old 3", "new 2"):
            group.create_task(take(name, can_wait=name.startswith("old")))
    assert done == ["old 1", "new 1", "new 2", "old 2", "old 3"]


async def test_the_number_of_holders_is_limited() -> None:
    places, inside, most = PrioritySemaphore(3), 0, 0

    async def take() -> None:
        nonlocal inside, most
        async with places.place():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(take() for _ in range(20)))
    assert most == 3


@pytest.mark.parametrize("given", [False, True])
async def test_giving_up_takes_no_place(given: bool) -> None:
    places = PrioritySemaphore(1)
    first = places.place()
    await first.__aenter__()
    waiting = asyncio.create_task(places.place().__aenter__())
    await asyncio.sleep(0)
    if given:  # the place is handed over just as its new holder gives up
        await first.__aexit__(None, None, None)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if not given:
        await first.__aexit__(None, None, None)
    async with asyncio.timeout(PATIENCE), places.place():
        pass
