"""Measures how often a source is wrongly called silent or slowed, and how soon a real silence is noticed.

    nice python -m bench.silence [--feeds N] [--half 0|1]

Feeds and polls are those of `bench.polling`: the real `next_state` over real states, at the default pace. After each of its
polls a feed is judged by the real code and, for silence, by two simple rules:
  24 h               nothing new for a day
  3 x longest gap    nothing new for three times the longest gap of the two weeks up to its last item
A false alarm is a silence called unusual, or a slowing, that ended by itself. The promise is less than one false silence in 20
months of a feed. Then, at three random moments in the second half of its replay, the feed is cut off: its server goes on
answering, without news. In another run it is thinned out: four of five items no longer come. The time from then until an alarm
is counted, up to 14 days; and in items, as many as the feed has on average in that time.

Histories of three whole weeks are played twice in a row, since a feed can only have slowed once two weeks are known.
`--half` takes every other feed only: rules are tuned on half 0 and reported on half 1.
"""

import argparse
import bisect
import itertools
import math
import random
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench.material.results import Figure, record
from bench.polling import DAY, DEFAULT, HOUR, WEEK, History, Polled, Tally, at, first_poll, load, polls
from ingest.polling.coverage import ONCE_IN_MONTHS, has_slowed, unusual_silence
from ingest.polling.decide import days
from ingest.sources.feed import Feed

MONTH = 30 * DAY
PATIENCE = 14 * DAY
CUTS = 3
THINNED_TO = 0.2
CLASSES = {"< 1 a day": 1.0, "1 to 10": 10.0, "10 to 100": 100.0, "> 100": math.inf}
Judge = Callable[[Polled], bool]


@dataclass
class Record:
    """The record of a rule: how long it was watched (seconds), its false alarms, and the delays of the alarms due."""

    watched: float = 0.0
    false_alarms: int = 0
    hours: list[float] = field(default_factory=list)
    """Infinite if it did not notice."""
    items: list[float] = field(default_factory=list)

    def line(self, name: str) -> str:
        """A row of the table."""
        never = share_never(self.hours)
        alarms = f"{self.false_alarms / (self.watched / MONTH):9.3f}" if self.watched else f"{'-':>9}"
        return (
            f"{name:28} {self.watched / MONTH:7.0f} {alarms}  {len(self.hours):6} {quantile(self.hours, 0.5)}"
            f" {quantile(self.hours, 0.9)} {quantile(self.items, 0.5)} {quantile(self.items, 0.9)} {100 * never:7.1f} %"
        )


Records = defaultdict[tuple[str, str], Record]
"""Records by the class of the feed and the rule."""


def main() -> None:
    """Replay all feeds and print the two tables."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--feeds", type=int, default=0, help="only this many, evenly picked (default: all)")
    options.add_argument("--half", type=int, choices=(0, 1), help="only every other feed (default: all)")
    wanted = options.parse_args()
    figures: list[Figure] = []
    for kind, histories in load().items():
        picked = histories[:: max(1, len(histories) // wanted.feeds)] if wanted.feeds else histories
        picked = picked if wanted.half is None else picked[wanted.half :: 2]
        silent, slowed = Records(Record), Records(Record)
        for number, history in enumerate(picked):
            watch(Replay(twice(history), random.Random(number)), silent, slowed)
        print(f"\n{len(picked)} {kind} feeds; promised: {1 / ONCE_IN_MONTHS} false alarms of silence a month")
        print_table("cut off: called silent", silent)
        print_table("thinned out to a fifth: called slowed", slowed)
        figures += figures_of(kind, silent)
    record("silence", figures, ("--half 1",))


def figures_of(kind: str, silent: Records) -> list[Figure]:
    """False alarms of silence and how soon it is noticed, by class of feed, ours beside the two simple rules."""
    figures = []
    for rate in [*CLASSES, "all"]:
        rows = {rule: one for rule, one in by_rule(silent, rate).items() if one.watched}
        if "wirewatch" not in rows:
            continue
        alarms = {rule: round(one.false_alarms / (one.watched / MONTH), 3) for rule, one in rows.items()}
        hours = {rule: middle(one.hours) for rule, one in rows.items()}
        never = {rule: round(100 * share_never(one.hours)) for rule, one in rows.items()}
        name = f"{kind} feeds, {'all of them' if rate == 'all' else f'{rate} items a day' if 'day' not in rate else rate}"
        figures.append(
            Figure(
                f'false alarms of "went silent" a feed and month: {name}',
                alarms.pop("wirewatch"),
                at_most=1 / ONCE_IN_MONTHS,
                peers=alarms,
            )
        )
        figures.append(
            Figure(
                f"cut-off feeds not called silent within 14 days: {name}",
                never.pop("wirewatch"),
                "%",
                peers=never,
            )
        )
        known = {rule: value for rule, value in hours.items() if value is not None}
        if "wirewatch" in known:
            figures.append(
                Figure(
                    f"until a cut-off feed is called silent, median: {name}",
                    known.pop("wirewatch"),
                    "hours",
                    peers=known,
                )
            )
    return figures


def by_rule(records: Records, rate: str) -> dict[str, Record]:
    """The records of a class of feeds, or of all, by rule."""
    rules = dict.fromkeys(rule for _, rule in records)
    return {
        rule: total([one for (of, by), one in records.items() if by == rule and rate in (of, "all")])
        for rule in rules
    }


def middle(values: Sequence[float]) -> float | None:
    """The median; None if it is infinite, or there are no values."""
    value = sorted(values)[len(values) // 2] if values else math.inf
    return round(value) if math.isfinite(value) else None


def share_never(hours: Sequence[float]) -> float:
    """The share of cases that were not noticed."""
    return sum(map(math.isinf, hours)) / max(len(hours), 1)


def print_table(title: str, records: Records) -> None:
    """A row for each class and rule, and one over all classes for each rule."""
    print(f"\n{title:28} {'feed':>7} {'false':>9}  {'':6} {'hours':>17} {'items':>17} {'not in':>9}")
    print(
        f"{'':28} {'months':>7} {'a month':>9}  {'cases':>6}"
        + f" {'median':>8} {'p90':>8}" * 2
        + f" {'14 days':>9}"
    )
    rules = list(dict.fromkeys(rule for _, rule in records))
    for rate, rule in itertools.product(CLASSES, rules):
        if (rate, rule) in records:
            print(records[rate, rule].line(f"{rate:10} {rule}"))
    for rule in rules:
        print(total([one for (_, of), one in records.items() if of == rule]).line(f"{'all':10} {rule}"))


def total(records: Sequence[Record]) -> Record:
    """Merge several records."""
    return Record(
        sum(one.watched for one in records),
        sum(one.false_alarms for one in records),
        [hours for one in records for hours in one.hours],
        [items for one in records for items in one.items],
    )


def quantile(values: Sequence[float], part: float) -> str:
    """The value that a share `part` of the values doesn't exceed; '-' if it is infinite, or there are none."""
    value = sorted(values)[min(int(len(values) * part), len(values) - 1)] if values else math.inf
    return f"{value:8.1f}" if math.isfinite(value) else f"{'-':>8}"


def twice(history: History) -> History:
    """The history twice in a row if it has whole weeks, so that each hour keeps its place; else as it is."""
    length = history.end - history.start
    if length % WEEK or not length:
        return history
    again = [moment + length for moment in history.published]
    return replace(history, published=history.published + again, end=history.end + length)


class Replay:
    """The polls of one feed, and the points from which a replay continues."""

    def __init__(self, history: History, chance: random.Random) -> None:
        self.feed = Feed(url="https://h.example/feed")
        self.history = history
        self.chance = chance
        self.first = first_poll(self.feed, history, DEFAULT)
        self.rate = len(history.published) / (history.end - history.start)
        self.rate_class = next(name for name, most in CLASSES.items() if self.rate * DAY < most)
        self.half_time = (self.first.moment + history.end) / 2

    def polls(self, history: History, after: Polled) -> Iterator[Polled]:
        """The polls after this one, for this feed with another history."""
        return polls(self.feed, history, after, DEFAULT, Tally())

    def cut_off(self, moment: float) -> History:
        """The feed with nothing from a moment on."""
        return replace(self.history, published=self._until(moment), end=moment + PATIENCE)

    def thinned_out(self, moment: float) -> History:
        """The feed with a fifth of its items from a moment on."""
        before = self._until(moment)
        after = [one for one in self.history.published[len(before) :] if self.chance.random() < THINNED_TO]
        return replace(self.history, published=before + after, end=moment + PATIENCE)

    def _until(self, moment: float) -> list[float]:
        return self.history.published[: bisect.bisect_right(self.history.published, moment)]


def watch(replay: Replay, silent: Records, slowed: Records) -> None:
    """Judge a feed as it is, then cut off, then thinned out."""
    whole = [replay.first, *replay.polls(replay.history, replay.first)]
    rules = silence_rules(replay.history)
    for rule, judge in rules.items():
        record = silent[replay.rate_class, rule]
        record.watched += replay.history.end - replay.first.moment
        record.false_alarms += ended(judge, whole)
    for _ in range(CUTS):
        moment = replay.chance.uniform(replay.half_time, replay.history.end)
        notice(replay, replay.cut_off(moment), moment, whole, rules, silent)
    record = slowed[replay.rate_class, "wirewatch"]
    daily = [one for one in first_of_days(whole) if knows_two_weeks(one)]
    record.watched += len(daily) * DAY
    record.false_alarms += ended(is_slowed, daily)
    latest = replay.history.end - PATIENCE
    if latest > replay.half_time:
        moment = replay.chance.uniform(replay.half_time, latest)
        either: dict[str, Judge] = {
            "wirewatch": is_slowed,
            "or silent": lambda one: is_slowed(one) or is_silent(one),
        }
        notice(replay, replay.thinned_out(moment), moment, whole, either, slowed)


def ended(judge: Judge, judged: Sequence[Polled]) -> int:
    """How often a rule's alarm ended by itself."""
    called = [judge(one) for one in judged]
    return sum(before and not after for before, after in itertools.pairwise(called))


def notice(
    replay: Replay,
    history: History,
    since: float,
    whole: Sequence[Polled],
    rules: Mapping[str, Judge],
    records: Records,
) -> None:
    """Continue from the last poll before a moment, and record when each rule says that something is wrong."""
    before = whole[bisect.bisect_right(whole, since, key=lambda one: one.moment) - 1]
    seconds = dict.fromkeys(rules, math.inf)
    for polled in replay.polls(history, before):
        for rule, waiting in seconds.items():
            if math.isinf(waiting) and rules[rule](polled):
                seconds[rule] = polled.moment - since
        if all(map(math.isfinite, seconds.values())):
            break
    for rule, passed in seconds.items():
        records[replay.rate_class, rule].hours.append(passed / HOUR)
        records[replay.rate_class, rule].items.append(passed * replay.rate)


def silence_rules(history: History) -> dict[str, Judge]:
    """The rules that may call a feed silent."""
    gaps = longest_gaps(history.published)

    def three_gaps(polled: Polled) -> bool:
        return polled.seen > 1 and waited(polled) > 3 * gaps[polled.seen - 1] > 0

    return {
        "wirewatch": is_silent,
        "24 h": lambda polled: waited(polled) > DAY,
        "3 x longest gap": three_gaps,
    }


def is_silent(polled: Polled) -> bool:
    """wirewatch's own verdict on silence."""
    return unusual_silence(polled.state) is not None


def is_slowed(polled: Polled) -> bool:
    """wirewatch's own verdict on slowing."""
    return has_slowed(polled.state, at(polled.moment)) is not None


def waited(polled: Polled) -> float:
    """How long the feed has had nothing new."""
    latest = polled.state.last_published
    return polled.moment - latest.timestamp() if latest else 0.0


def longest_gaps(published: Sequence[float]) -> list[float]:
    """For each item the longest time without one in the 14 days up to it (a sliding maximum)."""
    longest: list[float] = []
    falling: deque[tuple[float, float]] = (
        deque()
    )  # when each gap ended, and its length: each is longer than those after it
    for before, moment in itertools.pairwise([published[0] if published else 0.0, *published]):
        while falling and falling[-1][1] <= moment - before:
            falling.pop()
        falling.append((moment, moment - before))
        while falling[0][0] < moment - 2 * WEEK:
            falling.popleft()
        longest.append(falling[0][1])
    return longest


def first_of_days(judged: Sequence[Polled]) -> list[Polled]:
    """The first poll of each day: the counts of the days before do not change within one."""
    return [next(day) for _, day in itertools.groupby(judged, key=lambda one: one.moment // DAY)]


def knows_two_weeks(polled: Polled) -> bool:
    """Whether enough is known to call a feed slowed."""
    return int(polled.moment // DAY) - 14 in days(polled.state)


if __name__ == "__main__":
    main()
