"""The stage `reread`: has articles fetched again when it is time. Its plans are kept in the log; schedule.py decides."""

import asyncio
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from ingest.edits.schedule import Habit, Plan, chosen, entry_of, planned, value
from ingest.edits.settings import Edits
from ingest.urls import host_if_any
from stream.messages import Watch, decode, encode
from stream.stage import Forget, Topic

log_line = structlog.get_logger("ingest.edits.rereader")

AT_ONCE = 60.0
"""After a pause, the requests of this many seconds may be made at once."""
_FORGOTTEN_AT_ONCE = 100  # if there are too many plans, one in this many is dropped


class Rereader:
    """Plans when articles are read again.

    Args:
        settings: when, and how many.
        remembered: reads the plans from the log.
        record: the topic that stores them.
        room: how many entries the fetch stage can take now.
        now: the clock.
    """

    def __init__(
        self,
        settings: Edits,
        remembered: Callable[[], Iterable[Plan]],
        record: Topic,
        room: Callable[[], int],
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._after = [timedelta(hours=hours) for hours in settings.after_hours]
        self._remembered = remembered
        self._record = record
        self._room = room
        self._now = now
        self._turn = asyncio.Lock()
        self._looked = now()
        self._allowed = 0.0
        self._forget_all()

    def _forget_all(self) -> None:
        self._plans: dict[str, bytes] = {}  # encoded: a struct takes three times as much
        self._heap: list[tuple[datetime, str]] = []
        self._due: dict[str, Plan] = {}
        self._habits: defaultdict[str, Habit] = defaultdict(Habit)

    def reload(self) -> None:
        """Read the plans from the log: another process may have changed them."""
        self._forget_all()
        for plan in self._remembered() if self._after else ():
            self._put(plan)
            self._learn(plan.watch.feed, plan.watch.version, plan.reads)

    def __len__(self) -> int:
        """How many articles have a plan."""
        return len(self._plans)

    async def __call__(self, watch: Watch) -> Sequence[Any]:
        """The plan for an article that was read, or whose importance has changed."""
        async with self._turn:
            return self._plan(watch)

    async def tick(self) -> Sequence[Any]:
        """The entries to fetch now, and the plans that follow."""
        room = await asyncio.to_thread(self._room) if self._is_any_due() else 0
        async with self._turn:
            return self._carry_out(room)

    def _is_any_due(self) -> bool:
        return bool(self._due) or bool(self._heap and self._heap[0][0] <= self._now())

    def _plan(self, watch: Watch) -> list[Any]:
        known = self._known(watch.id)
        if known:
            plan = msgspec.structs.replace(known, watch=_merged(known.watch, watch))
            self._learn(watch.feed, max(watch.version - known.watch.version, 0), 0)
        else:
            now = self._now()
            passed = sum(watch.since + delay <= now for delay in self._after)
            new = planned(watch, self._after, now, first=passed)
            if new is None:
                return []
            plan = new
        self._put(plan)
        return [plan, *self._forgotten()]

    def _carry_out(self, room: int) -> list[Any]:
        now = self._now()
        self._collect(now)
        per_second = self._settings.requests_per_hour / 3600
        passed = max((now - self._looked).total_seconds(), 0.0)
        self._looked = now
        self._allowed = min(self._allowed + passed * per_second, max(AT_ONCE * per_second, 1.0))
        number = min(int(self._allowed), room)
        if number <= 0 or not self._due:
            return []
        picked = chosen(self._due.values(), number, self._habits.__getitem__, self._after)
        self._allowed -= len(picked)
        return [message for plan in picked for message in self._read(plan, now)]

    def _collect(self, now: datetime) -> None:
        """Move what is due from the heap. What has waited until its next time is due for that one instead."""
        while self._heap and self._heap[0][0] <= now:
            due, key = heapq.heappop(self._heap)
            plan = self._known(key)
            if plan and plan.due == due:
                self._due[key] = plan
        for key, plan in list(self._due.items()):
            later = planned(plan.watch, self._after, now, first=plan.step)
            if later and later.step > plan.step:
                missed = plan.missed + later.step - plan.step
                self._due[key] = msgspec.structs.replace(later, reads=plan.reads, missed=missed)

    def _read(self, plan: Plan, now: datetime) -> list[Any]:
        watch = plan.watch
        entry = entry_of(watch, host_if_any(watch.url), now)
        self._learn(watch.feed, 0, 1)
        following = planned(watch, self._after, now, first=plan.step + 1)
        if following is None:
            self._drop(plan.key)
            return [entry, Forget(self._record, plan.key)]
        following = msgspec.structs.replace(following, reads=plan.reads + 1)
        self._put(following)
        return [entry, following]

    def _known(self, key: str) -> Plan | None:
        data = self._plans.get(key)
        return decode(data, Plan) if data else None

    def _put(self, plan: Plan) -> None:
        self._due.pop(plan.key, None)
        self._plans[plan.key] = encode(plan)
        heapq.heappush(self._heap, (plan.due, plan.key))

    def _drop(self, key: str) -> None:
        self._due.pop(key, None)
        self._plans.pop(key, None)

    def _learn(self, feed: str, edited: int, read: int) -> None:
        if edited or read:
            habit = self._habits[feed]
            self._habits[feed] = Habit(habit.edited + edited, habit.read + read)

    def _forgotten(self) -> list[Forget]:
        """If there are too many plans, the least valuable ones are dropped."""
        if len(self._plans) <= self._settings.articles:
            return []
        plans = (decode(data, Plan) for data in self._plans.values())
        number = max(len(self._plans) // _FORGOTTEN_AT_ONCE, 1)
        least = heapq.nsmallest(
            number,
            plans,
            key=lambda plan: (value(plan, self._habits[plan.watch.feed], self._after), plan.due),
        )
        for plan in least:
            self._drop(plan.key)
        log_line.info("not read again: more articles than edits.articles", articles=len(least))
        return [Forget(self._record, plan.key) for plan in least]


def _merged(known: Watch, new: Watch) -> Watch:
    """What is known of an article now: the validators of its last reading, and the greatest importance."""
    newer = new if new.version >= known.version else known
    ranks = ("", "topic", "alert")
    wanted = max(known.wanted, new.wanted, key=ranks.index)
    return msgspec.structs.replace(newer, since=min(known.since, new.since), wanted=wanted)
