"""How often a feed has news, and at which hours: learned from its own items, and small enough to be kept for each feed.

The rate at a moment is the feed's mean rate, times how much busier that hour of the day is than others, times the same for the
day of the week. All three are counts that fade (exponential decay), so a change of habits is learned; as long as little is
known, hours and days count as equal (additive smoothing). Hours are UTC: a change to summer time is learned in days.
"""

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

HOUR = 3600.0
DAY = 24 * HOUR
RATE_FADES = 7 * DAY
"""Half-life of the mean rate."""
HABIT_FADES = 21 * DAY
"""Half-life of what is known of hours and weekdays."""
GUESS_ITEMS = 0.25
GUESS_HOURS = 3.0
"""What a feed is assumed to have had before it was first read: an item in twelve hours, with little weight."""
HOUR_WEIGHT = 0.5
DAY_WEIGHT = 4.0
"""Items that each hour or weekday starts with, so that news at a time that had none is unlikely, and not impossible."""
LONGEST_BACKLOG = 14 * DAY
"""How much of a feed's first backlog is used: a selection from many years is not a rhythm."""
FADED_AWAY = 1 / 64
_PACKED = struct.Struct("<d2f24f7f")
_THURSDAY = 3  # 1 January 1970


class Rhythm(msgspec.Struct, frozen=True, gc=False):
    """What was learned of a feed.

    Attributes:
        at: when the observation ends, in seconds since 1970; all counts have faded up to then.
        items: how many there were.
        hours: how long it was observed, faded likewise.
        by_hour: items by hour of the day (UTC).
        by_day: items by weekday, Monday first.
    """

    at: float
    items: float = 0.0
    hours: float = 0.0
    by_hour: tuple[float, ...] = (0.0,) * 24
    by_day: tuple[float, ...] = (0.0,) * 7

    def pack(self) -> bytes:
        """As 140 bytes."""
        return _PACKED.pack(self.at, self.items, self.hours, *self.by_hour, *self.by_day)

    @property
    def mean(self) -> float:
        """Items an hour, on average."""
        return (self.items + GUESS_ITEMS) / (self.hours + GUESS_HOURS)


@lru_cache(maxsize=256)  # one poll asks for it up to four times
def unpack(data: bytes) -> Rhythm | None:
    """What `pack` wrote; None if it is anything else."""
    if len(data) != _PACKED.size:
        return None
    numbers = _PACKED.unpack(data)
    return Rhythm(numbers[0], numbers[1], numbers[2], numbers[3:27], numbers[27:])


def begin(times: Sequence[float], now: float) -> Rhythm:
    """The rhythm in the dates of a feed's first backlog.

    Args:
        times: when its items were published, in seconds since 1970; those in the future or long ago are left out.
        now: the time of the first poll.
    """
    since = now - LONGEST_BACKLOG
    known = sorted(time for time in times if since <= time <= now)
    if any(time < since for time in times):  # the backlog reaches further back than is used
        return _counted(Rhythm(now, hours=(now - since) / HOUR), known, len(known))
    if not known:
        return Rhythm(now)
    return _counted(Rhythm(now, hours=(now - known[0]) / HOUR), known, len(known) - 1)


def learn(rhythm: Rhythm, times: Sequence[float], now: float) -> Rhythm:
    """The rhythm after more observation, up to `now`, in which the items of `times` were published."""
    passed = max(now - rhythm.at, 0.0)
    fade, habit = 0.5 ** (passed / RATE_FADES), 0.5 ** (passed / HABIT_FADES)
    observed = (1 - fade) * RATE_FADES / math.log(2) / HOUR
    faded = Rhythm(
        max(now, rhythm.at),
        rhythm.items * fade,
        rhythm.hours * fade + observed,
        tuple(count * habit for count in rhythm.by_hour),
        tuple(count * habit for count in rhythm.by_day),
    )
    return _counted(faded, times, len(times)) if times else faded


def before_silence(rhythm: Rhythm, since: float) -> Rhythm:
    """What the rhythm was at the time of its last item, with nothing faded since."""
    passed = max(rhythm.at - since, 0.0)
    fade, habit = 0.5 ** (passed / RATE_FADES), 0.5 ** (passed / HABIT_FADES)
    if fade < FADED_AWAY:  # then all that is known of the time before is the number of items
        hours = RATE_FADES / math.log(2) / HOUR
    else:
        hours = max(rhythm.hours - (1 - fade) * RATE_FADES / math.log(2) / HOUR, 0.0) / fade
    return Rhythm(
        since,
        min(rhythm.items / max(fade, 1e-30), 1e6),
        hours,
        tuple(count / habit for count in rhythm.by_hour),
        tuple(count / habit for count in rhythm.by_day),
    )


def rates(rhythm: Rhythm, start: float, end: float) -> Iterator[tuple[float, float]]:
    """The time from `start` to `end` (seconds since 1970) in pieces of at most an hour: how many hours each is, and the rate in
    it, in items an hour."""
    hours, days = rhythm.by_hour, rhythm.by_day
    # Smoothing keeps the sum over the hours, so one hour's share needs only its neighbours.
    each_hour = rhythm.mean * 24 / (sum(hours) + 24 * HOUR_WEIGHT)
    each = each_hour * 7 / (sum(days) + 7 * DAY_WEIGHT)
    number = int(start // HOUR)
    while start < end:
        until = min((number + 1) * HOUR, end)
        hour = number % 24
        around = 0.5 * hours[hour] + 0.25 * (hours[hour - 1] + hours[(hour + 1) % 24])
        day = (number // 24 + _THURSDAY) % 7
        yield (until - start) / HOUR, each * (around + HOUR_WEIGHT) * (days[day] + DAY_WEIGHT)
        start, number = until, number + 1


def expected(rhythm: Rhythm, start: float, end: float) -> float:
    """How many items the feed has between two times, on average."""
    return sum(hours * rate for hours, rate in rates(rhythm, start, end))


def hour_of(time: float) -> int:
    """The hour of the day, in UTC."""
    return int(time // HOUR) % 24


def weekday_of(time: float) -> int:
    """The weekday in UTC, Monday is 0."""
    return (int(time // DAY) + _THURSDAY) % 7


def _counted(rhythm: Rhythm, times: Iterable[float], items: int) -> Rhythm:
    by_hour, by_day = list(rhythm.by_hour), list(rhythm.by_day)
    for time in times:
        by_hour[hour_of(time)] += 1
        by_day[weekday_of(time)] += 1
    return Rhythm(rhythm.at, rhythm.items + items, rhythm.hours, tuple(by_hour), tuple(by_day))
