"""When articles are read again, and which go first."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from ingest.edits.rereader import Rereader
from ingest.edits.schedule import Habit, Plan, chosen, planned
from ingest.edits.settings import Edits
from stream.messages import Entry, Watch, article_id
from stream.stage import Forget, Topic

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
AFTER = [HOUR, 6 * HOUR, 24 * HOUR]
RECORD = Topic("rereads", Plan, compacted=True)


def watch(number: int = 1, **fields: Any) -> Watch:
    url = f"http://a.example/{number}"
    first = Watch(id=article_id(url), url=url, feed="http://a.example/feed", source="A", since=NOW)
    return msgspec.structs.replace(first, **fields)


class Run:
    """The stage with a clock, and its topic."""

    def __init__(self, *, room: int = 100, **settings: Any) -> None:
        self.now = NOW
        self.room = room
        self.settings = Edits(**{"after_hours": (1.0, 6.0, 24.0), **settings})
        self.log: dict[str, Plan] = {}
        self.stage = self.start()

    def start(self) -> Rereader:
        stage = Rereader(self.settings, self.remembered, RECORD, lambda: self.room, lambda: self.now)
        stage.reload()
        return stage

    def remembered(self) -> Iterable[Plan]:
        return list(self.log.values())

    async def read(self, one: Watch) -> None:
        self.keep(await self.stage(one))

    async def look(self, after: timedelta) -> list[Entry]:
        self.now = NOW + after
        results = await self.stage.tick()
        self.keep(results)
        return [one for one in results if isinstance(one, Entry)]

    def keep(self, results: Iterable[Any]) -> None:
        for one in results:
            if isinstance(one, Plan):
                self.log[one.key] = one
            elif isinstance(one, Forget):
                del self.log[one.key]


async def test_an_article_is_read_again_at_each_time_of_the_schedule_and_then_forgotten() -> None:
    run = Run()
    await run.read(watch(etag='"1"'))
    found = [[entry.url for entry in await run.look(hours * HOUR)] for hours in (0.9, 1.1, 5, 6.1, 24.1, 48)]
    url = "http://a.example/1"
    assert found == [[], [url], [], [url], [url], []]
    assert not run.log
    assert not len(run.stage)


async def test_an_entry_asks_conditionally_and_names_the_article() -> None:
    run = Run()
    await run.read(watch(etag='"1"', last_modified="x"))
    [entry] = await run.look(2 * HOUR)
    assert entry.again
    assert (entry.again.why, entry.again.article, entry.again.etag) == ("schedule", watch().id, '"1"')
    assert entry.key == "a.example"


async def test_plans_survive_a_restart() -> None:
    run = Run()
    await run.read(watch())
    await run.look(2 * HOUR)
    run.stage = run.start()
    assert await run.look(3 * HOUR) == []
    assert len(await run.look(7 * HOUR)) == 1


async def test_missed_checks_count_once() -> None:
    run = Run()
    await run.read(watch())
    assert len(await run.look(30 * HOUR)) == 1
    assert not run.log


async def test_an_old_article_has_no_plan() -> None:
    run = Run()
    await run.read(watch(since=NOW - timedelta(days=3)))
    assert not run.log


async def test_an_article_of_two_hours_ago_is_read_at_six() -> None:
    run = Run()
    await run.read(watch(since=NOW - 2 * HOUR))
    assert await run.look(HOUR) == []
    assert len(await run.look(5 * HOUR)) == 1


async def test_the_budget_goes_to_reported_articles_then_to_topics() -> None:
    run = Run(requests_per_hour=60)
    for number, wanted in enumerate(("", "topic", "", "alert", "topic")):
        await run.read(watch(number, wanted=wanted))
    run.now = NOW + 2 * HOUR
    found = []
    for second in range(180):
        found += await run.look(2 * HOUR + timedelta(seconds=60 * second))
    assert [entry.url[-1] for entry in found[:3]] == ["3", *[entry.url[-1] for entry in found[1:3]]]
    assert {entry.url[-1] for entry in found[1:3]} == {"1", "4"}


async def test_what_counts_least_has_its_turn_too_where_the_budget_is_always_spent() -> None:
    run = Run(after_hours=tuple(float(hour) for hour in range(1, 61)), requests_per_hour=1)
    for number, wanted in enumerate(("alert", "alert", "alert", "", "")):
        await run.read(watch(number, wanted=wanted))
    read = [entry.url[-1] for hour in range(1, 61) for entry in await run.look(hour * HOUR)]
    assert set(read) == set("01234")
    assert min(map(read.count, "012")) > 3 * max(map(read.count, "34")), (
        "what was reported comes first all the same"
    )


async def test_no_more_requests_than_allowed() -> None:
    run = Run(requests_per_hour=60, room=1000)
    for number in range(50):
        await run.read(watch(number))
    found = [len(await run.look(2 * HOUR + timedelta(minutes=minute))) for minute in range(10)]
    assert max(found) == 1
    assert sum(found) == 10


async def test_nothing_follows_while_the_fetch_stage_is_full() -> None:
    run = Run(room=0)
    await run.read(watch())
    assert await run.look(2 * HOUR) == []
    run.room = 5
    assert len(await run.look(2 * HOUR + timedelta(seconds=5))) == 1


async def test_an_empty_schedule_reads_nothing_by_the_clock() -> None:
    run = Run(after_hours=())
    run.log["1"] = Plan(watch=watch(), step=0, due=NOW)
    run.stage = run.start()
    await run.read(watch(2))
    assert await run.look(2 * HOUR) == []


async def test_of_too_many_articles_the_least_wanted_are_dropped() -> None:
    run = Run(articles=10)
    for number in range(10):
        await run.read(watch(number, wanted="alert"))
    await run.read(watch(10))
    assert len(run.log) == 10
    assert watch(10).id not in run.log


def test_an_outlet_that_edits_often_goes_first() -> None:
    plans = [planned(watch(number, feed=f"http://{number}.example/feed"), AFTER, NOW) for number in range(3)]
    habits = {"http://1.example/feed": Habit(8, 10), "http://2.example/feed": Habit(0, 10)}
    picked = chosen([plan for plan in plans if plan], 3, lambda feed: habits.get(feed, Habit()), AFTER)
    assert [plan.watch.url[-1] for plan in picked] == ["1", "0", "2"]
