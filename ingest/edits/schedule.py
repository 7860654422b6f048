"""When an article is read again, and which ones go first if not all can: pure."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from heapq import nlargest

import msgspec

from stream.messages import Again, Entry, Watch

_WANTED = {"alert": 8.0, "topic": 3.0, "": 1.0}
"""How much more an article counts if someone cares about it."""
_PRIOR_EDITED, _PRIOR_READ = 0.1, 2.0
"""What is assumed of an outlet before it is known: it edits one article in twenty."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """When an article is read again. Durable. `key` is the article's id."""

    watch: Watch
    step: int
    """Which of the schedule's times comes next, from 0: this many have passed."""
    due: datetime
    reads: int = 0
    """How often it was read again."""
    missed: int = 0
    """How many of the schedule's times have passed without a reading since the last one."""
    v: int = 1

    @property
    def key(self) -> str:
        """The article's id."""
        return self.watch.id


class Habit(msgspec.Struct, frozen=True, gc=False):
    """How an outlet treats what it has published: edits found, and pages read again."""

    edited: int = 0
    read: int = 0

    def rate(self) -> float:
        """The share of readings that find an edit, as far as is known."""
        return (self.edited + _PRIOR_EDITED) / (self.read + _PRIOR_READ)


def planned(watch: Watch, after: Sequence[timedelta], now: datetime, *, first: int = 0) -> Plan | None:
    """The next time at which an article is read; None if there is none left.

    Args:
        watch: the article.
        after: the times of the schedule, from when it was first seen, ascending.
        now: the time.
        first: the first of these times that may still come. If several have passed, only the last of them counts.
    """
    dues = [watch.since + delay for delay in after]
    passed = [step for step in range(first, len(dues)) if dues[step] <= now]
    step = passed[-1] if passed else first
    return Plan(watch=watch, step=step, due=dues[step]) if step < len(dues) else None


def chosen(
    due: Iterable[Plan], number: int, habit: Callable[[str], Habit], after: Sequence[timedelta]
) -> list[Plan]:
    """The plans to carry out now, the most valuable ones: at most `number`.

    Args:
        due: those whose time has come.
        number: how many requests there may be.
        habit: what is known of a feed's outlet.
        after: the times of the schedule.
    """
    return nlargest(number, due, key=lambda plan: (value(plan, habit(plan.watch.feed), after), plan.key))


def value(plan: Plan, habit: Habit, after: Sequence[timedelta]) -> float:
    """What a reading is worth: how likely it is to find an edit, and how much someone cares. Fresh articles are edited most,
    and the longer one was not looked at, the more may have changed: so each gets its turn, however many count more."""
    freshness = 1.0 / (1.0 + after[min(plan.step, len(after) - 1)] / timedelta(days=1))
    return _WANTED[plan.watch.wanted] * habit.rate() * (0.5 + freshness) * (1 + plan.missed)


def entry_of(watch: Watch, host: str, now: datetime) -> Entry:
    """The entry that has the fetch stage read an article again."""
    return Entry(
        feed=watch.feed,
        site="" if watch.hearsay else watch.url,
        source=watch.source,
        guid=watch.url,
        url=watch.url,
        seen=now,
        again=Again(why="schedule", article=watch.id, etag=watch.etag, last_modified=watch.last_modified),
        key=host,
    )
