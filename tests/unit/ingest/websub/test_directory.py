import asyncio
from collections.abc import Sequence

import pytest
from waiting import until

from ingest.websub import directory
from ingest.websub.directory import Directory
from ingest.websub.protocol import Subscription
from stream.errors import RetryLater


def subscription(number: int) -> Subscription:
    feed = f"https://{number}.example/"
    return Subscription(feed=feed, hub="https://hub.example/", topic=feed, id=f"id{number}", secret="s")


class Kept:
    """The subscriptions of the log, and how often they were read."""

    def __init__(self) -> None:
        self.all = [subscription(1)]
        self.reads = 0
        self.trouble: RetryLater | None = None

    async def read(self) -> Sequence[Subscription]:
        self.reads += 1
        if self.trouble:
            raise self.trouble
        found = list(self.all)
        await asyncio.sleep(0.01)  # a log takes its time
        return found


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "READ_SECONDS", 0.05)


async def test_one_that_another_process_has_just_made_is_found() -> None:
    kept = Kept()
    book = Directory(kept.read)
    assert await book.find("id2") is None
    kept.all.append(subscription(2))
    assert await book.find("id2") == subscription(2)
    kept.all.clear()
    assert await book.find("id1") is None


async def test_one_that_is_made_while_others_are_read_is_found() -> None:
    kept = Kept()
    book = Directory(kept.read)
    first = asyncio.create_task(book.find("id2"))
    await until(lambda: kept.reads == 1)
    kept.all.append(subscription(2))
    assert await book.find("id2") == subscription(2)
    assert await first is None


async def test_many_look_ups_share_a_few_reads() -> None:
    kept = Kept()
    book = Directory(kept.read)
    found = await asyncio.gather(*(book.find(f"id{number}") for number in range(500)))
    assert [one.id for one in found if one] == ["id1"]
    assert kept.reads <= 2


async def test_unreadable_subscriptions_are_reported_and_read_later() -> None:
    kept = Kept()
    kept.trouble = RetryLater("kafka-unavailable", "no broker answers")
    book = Directory(kept.read)
    with pytest.raises(RetryLater):
        await book.find("id1")
    kept.trouble = None
    assert await book.find("id1") == subscription(1)
