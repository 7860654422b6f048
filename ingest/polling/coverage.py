"""Finds dark sources: silent for longer than usual, slowed, failing, moved; and counts how many are heard.

Silence is judged by how many items should have come in the meantime. With the rate of each hour taken from the feed's own
rhythm, that is the waiting time on the feed's own clock, in which gaps are exponentially distributed (the time-rescaling
theorem: Brown et al., "The time-rescaling theorem and its application to neural spike train data analysis", Neural Computation
14(2), 2002). Feeds are burstier than that, so the number is divided by the feed's index of dispersion, as in quasi-Poisson
models (McCullagh and Nelder, "Generalized Linear Models", 1989, chapter 6): Pearson's X2 over the last two weeks. Two weeks
give a poor estimate, so the index is shrunk towards that of a Poisson process, as if more days had been seen (Smyth, "Linear
models and empirical Bayes methods", Statistical Applications in Genetics and Molecular Biology 3(1), 2004), and the length of a
chance silence follows the F distribution instead of the exponential, as it does whenever a dispersion or rate is estimated. A
feed counts as silent if a silence of this length would occur by chance less than once in twenty months; `bench/silence.py`
counts how often that is wrong.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec

from ingest.polling.decide import LIES_BELIEVED, MOVES_BELIEVED, days
from ingest.polling.feed_state import FeedState
from ingest.polling.rhythm import DAY, Rhythm, before_silence, expected, unpack
from results.sources import Health, Status
from stream.words import frequency, plural, span

MONTH_HOURS = 30 * 24
ONCE_IN_MONTHS = 20.0
PRIOR_DAYS = 12.0
"""Days of a Poisson process added to those from which the dispersion is estimated. Tuned, like the next two, on half 0 of the
feeds of bench/silence.py."""
LITTLE_KNOWN = 3.0
"""The minimum index of dispersion of a new feed, whose weekends and nights are not known yet."""
HOURS_TO_TELL = 96.0
"""Hours of observation, counted as they fade (`Rhythm.hours`): about five days."""
ITEMS_TO_TELL = 3
SHORTEST_SILENCE = timedelta(hours=1)
SLOWED_TO = 1 / 3
"""A feed has slowed if its last week had at most this fraction of the previous week's items,"""
SLOWED_DEVIATIONS = 3.0
"""and the difference is at least this many standard deviations."""
LATELY = timedelta(hours=1)
NOTED = timedelta(days=7)
"""How long to report that items may have been missed."""

Dark = Literal["silent", "failing", "gone"]


class Silence(msgspec.Struct, frozen=True):
    """A source that was polled, responded, and had nothing new."""

    since: datetime
    until: datetime
    """When it last responded."""
    expected: float
    """How many items it usually publishes in that time."""
    chance: float
    """How often per month a silence of this length occurs by chance."""

    @property
    def is_unusual(self) -> bool:
        """Whether it is too long for chance."""
        return self.chance < 1 / ONCE_IN_MONTHS and self.until - self.since >= SHORTEST_SILENCE


class Share(msgspec.Struct, frozen=True):
    """How many sources are heard."""

    sources: int
    heard: int

    @property
    def part(self) -> float:
        """From 0 to 1; 1 if there is no source."""
        return self.heard / self.sources if self.sources else 1.0


def health(state: FeedState | None, now: datetime) -> Health:
    """The health of a source, from the state of its feed."""
    if state is None or state.last_polled is None:
        return Health(status="unpolled", reason="has not been polled yet")
    status, since, reason = _judge(state, now)
    return Health(
        status=status,
        since=since,
        reason=reason,
        last_item=state.last_published or state.last_item_seen,
        per_day=items_a_day(state),
        daily=_last_days(state, now),
        notes=_notes(state, now),
    )


def silence(state: FeedState) -> Silence | None:
    """How long a source had nothing new up to its last good response; None if too little is known of its rhythm."""
    return _silence(state, 0.0)


def unusual_silence(state: FeedState) -> Silence | None:
    """The same, if it is too long for chance. Quick where it would be too short in any feed, which is nearly always."""
    quiet = _silence(state, math.log(ONCE_IN_MONTHS))
    return quiet if quiet and quiet.is_unusual else None


def _silence(state: FeedState, least: float) -> Silence | None:
    """A silence in which at least the given number of items was expected."""
    rhythm, began = unpack(state.rhythm), state.last_published or state.last_item_seen
    answered = state.last_read if state.failures else state.last_polled
    if rhythm is None or began is None or answered is None or not state.items:
        return None
    usual = _usual(state)
    if usual.items < ITEMS_TO_TELL:
        return None
    waited_for = expected(usual, began.timestamp(), answered.timestamp())
    if waited_for < least:  # the dispersion is 1 or more, so the chance would be exp(-waited_for) or more
        return None
    spread = dispersion(state, usual, began)
    gaps = max(usual.mean * MONTH_HOURS / spread.index, 1.0)
    return Silence(began, answered, waited_for, min(spread.chance(waited_for) * gaps, 1.0))


def items_a_day(state: FeedState) -> float:
    """A source's usual number of items a day, before it fell silent; 0 if nothing is known of its rhythm."""
    return round(24 * _usual(state).mean, 2) if state.rhythm else 0.0


def expected_items(state: FeedState, start: datetime, end: datetime) -> float:
    """How many items a source usually has between two moments; 0 if nothing is known of its rhythm."""
    return expected(_usual(state), start.timestamp(), end.timestamp())


class Dispersion(msgspec.Struct, frozen=True):
    """How much burstier a feed is than a Poisson process."""

    index: float
    """Variance of the number of items of a day by its mean, 1 or more."""
    freedom: float
    """How well the index and the rate are known: degrees of freedom."""

    def chance(self, waited_for: float) -> float:
        """The probability of a gap in which so many items were expected: the tail of F with 2 and `freedom` degrees."""
        return float((1 + 2 * waited_for / (self.index * self.freedom)) ** (-self.freedom / 2))


def dispersion(state: FeedState, usual: Rhythm, until: datetime) -> Dispersion:
    """The dispersion of the feed's daily counts.

    Args:
        state: the state.
        usual: its rhythm when it last had news.
        until: the day of its last item; that day and what comes after it do not count.
    """
    last = int(until.timestamp() // DAY)
    counts = {day: count for day, count in list(days(state).items())[1:] if day < last}
    means = [(count, expected(usual, day * DAY, (day + 1) * DAY)) for day, count in counts.items()]
    pearson = sum((count - mean) ** 2 / mean for count, mean in means)
    told_from = PRIOR_DAYS + max(len(means) - 1, 0)
    least = LITTLE_KNOWN if usual.hours < HOURS_TO_TELL else 1.0
    index = max((PRIOR_DAYS + pearson) / told_from, least)
    # The rate is estimated from the items: 2 degrees each (Garwood 1936), divided by the index. A count that fades
    # exponentially is as good as one of twice as many that do not (Kish's effective size). Relative variances add up; each is
    # 2 / freedom.
    return Dispersion(index, 1 / (1 / told_from + index / (4 * max(usual.items, 1.0))))


def has_slowed(state: FeedState, now: datetime) -> tuple[int, int] | None:
    """The items of the week before and of the last week, if the last had far fewer, today left out.

    None if not, or if less than two weeks are known.
    """
    today = int(now.timestamp() // DAY)
    known = days(state)
    if today - 14 not in known:
        return None
    before, last = (sum(known.get(day, 0) for day in range(today - n - 7, today - n)) for n in (7, 0))
    spread = dispersion(state, _usual(state), now).index
    apart = (before - last) / math.sqrt(max(spread * (before + last), 1.0))
    return (before, last) if last <= SLOWED_TO * before and apart >= SLOWED_DEVIATIONS else None


def is_heard(state: FeedState | None, now: datetime) -> bool:
    """Whether a source answered when it was last asked, in the last hour or, if it is asked less often, when it was due."""
    if state is None or state.last_polled is None or state.failures or state.gone:
        return False
    overdue = state.next_due is not None and now - state.next_due > LATELY
    return now - state.last_polled <= LATELY or not overdue


def share_heard(states: Iterable[FeedState | None], now: datetime) -> Share:
    """How many sources are heard; None stands for a source without any state."""
    heard = [is_heard(state, now) for state in states]
    return Share(len(heard), sum(heard))


def darkness(state: FeedState) -> tuple[Dark, datetime | None, str] | None:
    """Whether a source is gone, failing or silent: which, since when, and why in words."""
    if state.gone:
        return "gone", state.failing_since or state.last_polled, state.error_reason
    if state.failures:
        tries = "once" if state.failures == 1 else f"{state.failures} times in a row"
        return "failing", state.failing_since, f"{state.error_kind}, {tries}: {state.error_reason}"
    quiet = unusual_silence(state)
    return ("silent", quiet.since, _silent_reason(state, quiet)) if quiet else None


def _judge(state: FeedState, now: datetime) -> tuple[Status, datetime | None, str]:
    """The worst status that applies."""
    dark = darkness(state)
    if dark:
        return dark
    weeks = has_slowed(state, now)
    if weeks:
        return "slowed", None, f"{plural(weeks[1], 'item')} in the last week, {weeks[0]:,} in the week before"
    if state.moved_to:
        done = (
            "it is polled there"
            if state.moves >= MOVES_BELIEVED
            else f"reported {plural(state.moves, 'time')}"
        )
        return "moved", None, f"permanently to {state.moved_to} ({done})"
    return "well", None, ""


def _silent_reason(state: FeedState, quiet: Silence) -> str:
    expected, usual = plural(round(quiet.expected), "item"), frequency(24 * _usual(state).mean)
    were = "was" if round(quiet.expected) == 1 else "were"
    return f"nothing new for {span(quiet.until - quiet.since)}; {expected} {were} expected ({usual})"


def _notes(state: FeedState, now: datetime) -> tuple[str, ...]:
    notes = []
    if state.overflowed and now - state.overflowed < NOTED:
        notes.append(f"all items were new on {state.overflowed:%Y-%m-%d %H:%M}: some may have been missed")
    if state.renewed and now - state.renewed < NOTED:
        notes.append(f"old items had new addresses on {state.renewed:%Y-%m-%d %H:%M}")
    if state.lies >= LIES_BELIEVED:
        notes.append("its server says that nothing has changed when something has")
    if state.unusable:
        items = "an item" if state.unusable == 1 else f"{state.unusable:,} items"
        notes.append(f"{items} left out so far, without address, title or text")
    return tuple(notes)


def _usual(state: FeedState) -> Rhythm:
    """The rhythm of the feed up to its last item: a silence must not make itself usual."""
    rhythm = unpack(state.rhythm) or Rhythm(0.0)
    began = state.last_published or state.last_item_seen
    return before_silence(rhythm, began.timestamp()) if began else rhythm


def _last_days(state: FeedState, now: datetime) -> tuple[int, ...]:
    known, today = days(state), int(now.astimezone(UTC).timestamp() // DAY)
    return tuple(known.get(day, 0) for day in range(today - 13, today + 1))


def sparkline(counts: Sequence[int]) -> str:
    """Counts as a row of blocks, such as `▁▃█`; a day without any is a blank."""
    most = max(counts, default=0)
    blocks = "▁▂▃▄▅▆▇█"
    return "".join(
        " " if not count else blocks[math.ceil(count / most * len(blocks)) - 1] for count in counts
    )
