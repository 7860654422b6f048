"""Replays feeds' histories under polling policies: requests per item, how late items are found, how many are missed.

    python -m bench.polling [--feeds N]

The histories are those of ../shared/data/feed-histories.json.xz; without that file, feeds are generated with the same
statistics (a daily and weekly rhythm, rates of 0.2 to 200 a day, bursts). wirewatch is the real code: `decide.next_state` and
`conditions` over real states. Polling begins three days into each history. An item is missed if it leaves the feed's window
between two polls; "avoidably" excludes those that no policy could have found, because more than a window of items came within a
minute.

The others are models of the policies in their source code, at their defaults:
  miniflux round_robin      each feed once an hour, checked once an hour (POLLING_FREQUENCY)
  miniflux entry_frequency  a week / items of the last week, 5 min to 24 h, checked once an hour
  rss-fetcher               from 12 h: an hour less while less than 33 % of the items are known, 10 min more from 67 % on
                            (60 min after a month without news), 10 min to 24 h
  news-crawl                from 12 h: 0.8 x the interval + 0.2 x 90 min after a change, x 1.5 otherwise, 90 min to 90 days
                            (StormCrawler's AdaptiveScheduler with its settings)
In the last rows, servers answer 304 although there is news: always, or for six hours after each full response.
"""

import argparse
import bisect
import json
import lzma
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from bench.material.results import Figure, record
from ingest.formats.items import Item, ParsedFeed
from ingest.polling.decide import Read, Unchanged, Validators, conditions, next_state
from ingest.polling.feed_state import FeedState
from ingest.polling.news import news
from ingest.polling.schedule import Policy
from ingest.sources.feed import Feed

DATA = Path(__file__).parents[2] / "shared" / "data" / "feed-histories.json.xz"
MINUTE, HOUR, DAY, WEEK = 60.0, 3600.0, 86_400.0, 7 * 86_400.0
WARM = 3 * DAY
SOONEST = 60.0
"""No policy polls a feed more often: this is the shortest interval of ours, and the others are far slower."""


@dataclass(frozen=True)
class History:
    """The times of a feed's news, in seconds, and how many items it shows."""

    published: list[float]
    window: int
    start: float
    end: float


@dataclass
class Tally:
    """The results of a policy."""

    requests: int = 0
    delays: list[float] = field(default_factory=list)
    missed: int = 0
    impossible: int = 0

    def line(self, name: str) -> str:
        """A row of the table."""
        items = len(self.delays) + self.missed
        requests, mean, p95, missed = self.summary().values()
        avoidably = 100 * (self.missed - self.impossible) / items
        return f"{name:34} {requests:8.2f} {mean:9.1f} {p95:9.1f} {missed:9.3f} % {avoidably:9.3f} %"

    def summary(self) -> dict[str, float]:
        """Requests per item, delays in minutes, items missed in percent."""
        self.delays.sort()
        items = len(self.delays) + self.missed
        return {
            "requests an item": round(self.requests / items, 2),
            "mean delay, min": round(sum(self.delays) / len(self.delays) / MINUTE, 1),
            "p95 delay, min": round(self.delays[int(len(self.delays) * 0.95)] / MINUTE, 1),
            "items missed, %": round(100 * self.missed / items, 3),
        }


Rows = Mapping[str, Mapping[str, float]]
"""The results of each policy."""

Decide = Callable[[float, list[float], int], float]
"""Maps the time of a poll, the dates of new items, and how many items of the window were known to the next poll."""


def main() -> None:
    """Replay all policies and print a row for each."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--feeds", type=int, default=0, help="only this many, evenly picked (default: all)")
    wanted = options.parse_args().feeds
    figures: list[Figure] = []
    for kind, histories in load().items():
        picked = histories[:: max(1, len(histories) // wanted)] if wanted else histories
        print(f"\n{len(picked)} {kind} feeds, {sum(len(one.published) for one in picked)} items")
        print(f"{'policy':34} {'requests':>8} {'mean':>9} {'p95':>9} {'missed':>11} {'avoidably':>11}")
        print(f"{'':34} {'an item':>8} {'min':>9} {'min':>9}")
        others, ours = {}, {}
        for name, model in models().items():
            tally = replay(picked, model)
            print(tally.line(name), flush=True)
            others[name] = tally.summary()
        for name, policy, lying in OURS:
            tally = replay_ours(picked, policy, lying=lying)
            print(tally.line(name), flush=True)
            ours[name] = tally.summary()
        figures += figures_of(kind, ours, others)
    record("polling", figures)


def figures_of(kind: str, ours: Rows, others: Rows) -> list[Figure]:
    """The figures of each column: our default beside all the others."""
    first, *more = ours
    beside = others | {name: ours[name] for name in more}
    return [
        Figure(
            f"{kind} feeds replayed: {column}",
            value,
            peers={name: row[column] for name, row in beside.items()},
        )
        for column, value in ours[first].items()
    ]


DEFAULT = Policy()
OURS = (
    ("wirewatch, pace 1320 s (default)", DEFAULT, ""),
    ("wirewatch, pace 2400 s", Policy(pace=2400), ""),
    ("wirewatch, 304 for ever", DEFAULT, "for ever"),
    ("wirewatch, 304 for six hours", DEFAULT, "six hours"),
)


def load() -> dict[str, list[History]]:
    """The histories by kind."""
    if not DATA.exists():
        print(f"({DATA} is not there: feeds are generated)")
        return {"made-up": [made_up(random.Random(number)) for number in range(200)]}
    with lzma.open(DATA) as file:
        feeds = json.load(file)["feeds"]
    kinds: dict[str, list[History]] = {}
    for one in feeds:
        history = History(
            [minute * MINUTE for minute in one["published"]],
            one["window"],
            one["start"] * MINUTE,
            one["end"] * MINUTE,
        )
        kinds.setdefault(one["kind"], []).append(history)
    return kinds


def made_up(chance: random.Random) -> History:
    """Generate three weeks of a feed: rate log-uniform from 0.2 to 200 a day, busier by day and on weekdays, with bursts."""
    rate = math.exp(chance.uniform(math.log(0.2), math.log(200))) / DAY
    peak = chance.uniform(0, 24)
    moment, published = 0.0, []
    while moment < 21 * DAY:
        moment += chance.expovariate(3 * rate)
        hour, day = (moment / HOUR) % 24, int(moment // DAY) % 7
        busy = (0.5 + 0.5 * math.cos((hour - peak) / 24 * 2 * math.pi)) * (0.4 if day >= 5 else 1.0)
        if chance.random() < busy:
            published += [moment] * (chance.randint(2, 6) if chance.random() < 0.06 else 1)
    return History(published, chance.choice((10, 20, 30, 50)), 0.0, 21 * DAY)


def replay(histories: list[History], model: Callable[[random.Random], Decide]) -> Tally:
    """Replay a model of a policy over all feeds."""
    tally = Tally()
    for number, history in enumerate(histories):
        decide = model(random.Random(number))
        moment = begin(history)
        seen = bisect.bisect_right(history.published, moment)
        shown = min(seen, history.window)
        moment = decide(moment, history.published[seen - shown : seen], 0)
        while moment < history.end:
            seen, fresh = look(history, seen, moment, tally)
            known = min(seen, history.window) - len(fresh)
            moment = decide(moment, fresh, known)
    return tally


def begin(history: History) -> float:
    """The time of the first poll: after some days, but with half of the history to come."""
    return history.start + min(WARM, (history.end - history.start) / 2)


def look(history: History, seen: int, moment: float, tally: Tally) -> tuple[int, list[float]]:
    """A poll: how many items came up to it, and the dates of those that it finds."""
    there = bisect.bisect_right(history.published, moment)
    first = max(seen, there - history.window)
    tally.requests += 1
    tally.missed += first - seen
    for lost in range(seen, first):
        after = history.published[lost + history.window]
        tally.impossible += after - history.published[lost] < SOONEST
    fresh = history.published[first:there]
    tally.delays += [moment - published for published in fresh]
    return there, fresh


def replay_ours(histories: list[History], policy: Policy, *, lying: str) -> Tally:
    """Replay our policy: the real decisions over real states, and a server whose 304s may be wrong."""
    tally = Tally()
    for number, history in enumerate(histories):
        feed = Feed(url=f"https://h{number}.example/feed")
        for _ in polls(feed, history, first_poll(feed, history, policy), policy, tally, lying=lying):
            pass
    return tally


@dataclass(frozen=True)
class Polled:
    """The state of a replay after a poll: it can continue from here, even with another history."""

    moment: float
    state: FeedState
    seen: int
    """How many items of the history came before the poll, found or not."""
    sent: float
    """When the server last sent the feed,"""
    version: int
    """and how many items had come by then."""


def first_poll(feed: Feed, history: History, policy: Policy) -> Polled:
    """The first poll of a replay."""
    moment = begin(history)
    seen = bisect.bisect_right(history.published, moment)
    state = read(feed, FeedState(url=feed.url), history, seen, moment, policy, whole=True)
    return Polled(moment, state, seen, moment, seen)


def polls(
    feed: Feed, history: History, last: Polled, policy: Policy, tally: Tally, *, lying: str = ""
) -> Iterator[Polled]:
    """The polls after this one, to the end of the history."""
    while (moment := due(last.state)) < history.end:
        whole = not conditions(last.state, at(moment))
        lies = lying and moment - last.sent < LIES[lying]
        current = last.version if lies else bisect.bisect_right(history.published, moment)
        if not whole and current == last.version:
            tally.requests += 1
            state = next_state(last.state, Unchanged(Validators()), at(moment), policy)
            last = Polled(moment, state, last.seen, last.sent, last.version)
        else:
            seen, _ = look(history, last.seen, moment, tally)
            state = read(feed, last.state, history, seen, moment, policy, whole=whole)
            last = Polled(moment, state, seen, moment, seen)
        yield last


LIES = {"for ever": math.inf, "six hours": 6 * HOUR}


def read(
    feed: Feed, state: FeedState, history: History, seen: int, moment: float, policy: Policy, *, whole: bool
) -> FeedState:
    """The state after reading the feed."""
    first = max(0, seen - history.window)
    items = tuple(item(number, history.published[number]) for number in range(seen - 1, first - 1, -1))
    parsed = ParsedFeed(title="", language="", link="", items=items, read_by="lxml")
    found = news(feed, state, parsed, (), at(moment))
    version = Validators(etag=f'"{seen}"')
    return next_state(state, Read(version, parsed, found, whole=whole), at(moment), policy)


@lru_cache(10_000)
def item(number: int, published: float) -> Item:
    """An item of a history."""
    url = f"https://site.example/{number}"
    return Item(guid=url, url=url, title=f"Number {number}", published=at(published))


def at(seconds: float) -> datetime:
    """A moment of a history, which begins in 1970."""
    return datetime.fromtimestamp(seconds, UTC)


def due(state: FeedState) -> float:
    """The time of a feed's next poll."""
    assert state.next_due is not None
    return state.next_due.timestamp()


def models() -> dict[str, Callable[[random.Random], Decide]]:
    """The other policies."""
    return {
        "fixed 15 min": fixed(15 * MINUTE),
        "fixed 60 min": fixed(HOUR),
        "miniflux round_robin": miniflux_round_robin,
        "miniflux entry_frequency": miniflux_entry_frequency,
        "rss-fetcher": rss_fetcher,
        "news-crawl": news_crawl,
    }


def fixed(interval: float) -> Callable[[random.Random], Decide]:
    """Always the same interval."""

    def model(chance: random.Random) -> Decide:
        first = [chance.random()]
        return lambda now, _new, _known: now + interval * (first.pop() if first else 1.0)

    return model


def ticking(chance: random.Random, interval: Callable[[float, list[float]], float]) -> Decide:
    """Feeds are checked once an hour: each is polled at the first tick at which it is due."""
    phase = chance.random() * HOUR

    def decide(now: float, new: list[float], _known: int) -> float:
        wanted = now + interval(now, new)
        return math.ceil((wanted - phase - 1e-6) / HOUR) * HOUR + phase

    return decide


def miniflux_round_robin(chance: random.Random) -> Decide:
    """Once an hour."""
    return ticking(chance, lambda _now, _new: HOUR)


def miniflux_entry_frequency(chance: random.Random) -> Decide:
    """A week divided by the items of the last week."""
    recent: list[float] = []

    def interval(now: float, new: list[float]) -> float:
        recent.extend(new)
        count = sum(published > now - WEEK for published in recent)
        return min(max(WEEK / count, 5 * MINUTE), DAY) if count else DAY

    return ticking(chance, interval)


def rss_fetcher(chance: random.Random) -> Decide:
    """Steps up and down by the share of known items."""
    minutes, last_new = 720.0, [-math.inf]
    first = [chance.random()]

    def decide(now: float, new: list[float], known: int) -> float:
        nonlocal minutes
        if first:
            last_new[0] = now
            return now + first.pop() * minutes * MINUTE
        duplicates = 100.0 * known / (known + len(new)) if new else 101.0
        last_new[0] = now if new else last_new[0]
        if duplicates >= 67:
            minutes = min(minutes + (10 if now - last_new[0] <= 31 * DAY else 60), 1440.0)
        elif duplicates < 33:
            minutes = max(720.0 if minutes > 720 else minutes - 60, 10.0)
        return now + minutes * MINUTE

    return decide


def news_crawl(chance: random.Random) -> Decide:
    """StormCrawler's adaptive scheduler."""
    minutes = 720.0
    first = [chance.random()]

    def decide(now: float, new: list[float], _known: int) -> float:
        nonlocal minutes
        if first:
            return now + first.pop() * minutes * MINUTE
        minutes = float(int(0.8 * minutes + 0.2 * 90)) if new else min(float(int(minutes * 1.5)), 129_600.0)
        return now + minutes * MINUTE

    return decide


if __name__ == "__main__":
    main()
