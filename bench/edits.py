"""Measures how many edits are found, how late, and with how many requests, in a simulated web of outlets that edit their
articles.

    python -m bench.edits
    python -m bench.edits --articles 800

What outlets change follows GDELT's observation of news pages 24 hours and 7 days after they were published: 6 % of the titles
and 18 % of the texts. The times of the edits are assumed: as likely in each doubling of the time from 5 minutes to 7 days, and
far more frequent at some outlets than at others. Every page counts its comments, every second feed the views of its items:
neither is an edit. The schedule, the comparison of items and pages, and the budget are those of the pipeline; clock and web are
simulated.
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import msgspec

from bench.material.results import Figure, record
from ingest.edits.compare import read_again
from ingest.edits.rereader import Rereader
from ingest.edits.schedule import Plan
from ingest.edits.settings import Edits
from ingest.formats.items import Item
from ingest.polling.identity import Identity
from ingest.polling.item_keys import hash_of
from ingest.polling.told import changed
from stream.messages import Article, Entry, Watch, article_id
from stream.stage import Forget, Topic

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)
TITLES, TEXTS = 0.06, 0.18
"""The shares of articles whose title or text is changed within a week."""
OUTLETS = 40
IN_FEED = 25
"""Items in a feed."""
POLLED = 15 * MINUTE
STEP = 5 * MINUTE
OURS = "clock and feeds"
HONEST = 0.6
"""The share of servers that answer a conditional request with 304 if only counters changed."""
WORDS = [
    *("harbour", "ferry", "council", "mayor", "bridge", "river", "storm", "power", "train", "school"),
    *("hospital", "market", "border", "grain", "fuel", "court", "police", "strike", "union", "budget"),
    *("vote", "minister", "envoy", "talks", "truce", "convoy", "rescue", "divers", "wreck", "island"),
    *("village", "valley", "dam", "flood", "road", "tunnel"),
]  # fmt: skip


@dataclass
class Published:
    """An article, and when its title or text changes, and how."""

    number: int
    outlet: int
    at: datetime
    title: str
    text: str
    edits: list[tuple[datetime, str]]
    wanted: str
    seen: dict[datetime, datetime] = field(default_factory=dict)

    def title_at(self, now: datetime) -> str:
        """The headline that its page has."""
        changed_title = any(kind == "title" and when <= now for when, kind in self.edits)
        return self.title.replace(" on ", " not on ") if changed_title else self.title

    def text_at(self, now: datetime) -> str:
        """The text that its page has; a line of counters below it."""
        text = self.text
        for when, kind in self.edits:
            if kind == "text" and when <= now:
                text = text.replace("on Monday", "after the storm", 1)
        minutes = int((now - self.at) / MINUTE)
        return f"{text}\n{minutes // 7} comments"

    @property
    def url(self) -> str:
        """Its page."""
        return f"http://outlet-{self.outlet}.example/{self.number}"


def world(number: int, chance: random.Random) -> list[Published]:
    """Articles published over a week, each with its edits in the following week."""
    habits = [chance.paretovariate(1.5) for _ in range(OUTLETS)]
    mean = sum(habits) / OUTLETS
    found = []
    for one in range(number):
        outlet = chance.randrange(OUTLETS)
        at = BEGIN + chance.random() * WEEK
        habit = habits[outlet] / mean
        edits = [
            (at + _moment(chance), kind)
            for kind, share in (("title", TITLES), ("text", TEXTS))
            if chance.random() < share * habit
        ]
        body = " ".join(chance.choices(WORDS, k=90))
        title = f"{chance.choice(WORDS).title()} {chance.choice(WORDS)} on {chance.choice(WORDS)} {one}"
        text = f"The {chance.choice(WORDS)} will open on Monday, said the {chance.choice(WORDS)}.\n{body}."
        wanted = chance.choices(["alert", "topic", ""], [0.02, 0.3, 0.68])[0]
        found.append(Published(one, outlet, at, title, text, sorted(edits), wanted))
    return sorted(found, key=lambda article: article.at)


def _moment(chance: random.Random) -> timedelta:
    """The time of an edit: as likely in each doubling of the time from 5 minutes to 7 days."""
    shortest, longest = 5.0, WEEK / MINUTE
    return shortest * (longest / shortest) ** chance.random() * MINUTE


class Strategy(msgspec.Struct, frozen=True, kw_only=True):
    """A way to read articles again."""

    name: str
    hours: tuple[float, ...] = ()
    feeds: bool = False
    per_hour: int = 1_000_000


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """The results of a strategy."""

    strategy: str
    edits: int
    seen: float
    """Of all edits."""
    seen_wanted: float
    """Of the edits of articles with a topic or an alert."""
    titles: float
    """Of the edits of titles."""
    delay_median_minutes: float
    delay_90_minutes: float
    requests_per_article: float
    unchanged: float
    """The share of requests answered with 304."""
    not_edits: int
    """False edits, found although only a counter changed."""


class Desk:
    """Reads articles again by a strategy, in simulated time."""

    def __init__(self, strategy: Strategy, articles: Sequence[Published]) -> None:
        self.strategy = strategy
        self.articles = {article_id(one.url): one for one in articles}
        self.now = BEGIN
        self.known: dict[str, Article] = {}
        self.told: dict[int, bytes] = {}
        self.requests = self.unchanged = self.wrong = 0
        settings = Edits(after_hours=strategy.hours, requests_per_hour=strategy.per_hour, articles=1_000_000)
        record = Topic("rereads", Plan, compacted=True)
        self.stage = Rereader(settings, tuple, record, lambda: 10_000_000, lambda: self.now)
        self.stage.reload()

    async def run(self, articles: Sequence[Published]) -> None:
        """Run two weeks."""
        coming = list(reversed(articles))
        shown: dict[int, list[Published]] = {}
        while self.now < BEGIN + 2 * WEEK:
            while coming and coming[-1].at <= self.now:
                one = coming.pop()
                shown[one.outlet] = [one, *shown.get(one.outlet, [])][:IN_FEED]
                await self._first(one)
            if self.strategy.feeds and (self.now - BEGIN) % POLLED < STEP:
                self._poll(shown)
            for result in await self.stage.tick():
                if isinstance(result, Entry) and result.again:
                    self._read(result.again.article)
            self.now += STEP

    async def _first(self, one: Published) -> None:
        article = self._article(one)
        self.known[article.id] = article
        for result in await self.stage(self._watch(one, article)):
            assert isinstance(result, Plan | Forget)

    def _watch(self, one: Published, article: Article) -> Watch:
        wanted: Any = one.wanted
        return Watch(
            id=article.id, url=one.url, feed=f"http://outlet-{one.outlet}.example/feed", source=str(one.outlet),
            since=one.at, version=article.version, wanted=wanted,
        )  # fmt: skip

    def _article(self, one: Published) -> Article:
        return Article(
            id=article_id(one.url), url=one.url, feed="", source=str(one.outlet), title=one.title_at(self.now),
            title_from="heading", text=one.text_at(self.now), seen=one.at, fetched=self.now, extracted=self.now,
        )  # fmt: skip

    def _poll(self, shown: dict[int, list[Published]]) -> None:
        for outlet, articles in shown.items():
            items = [self._item(one) for one in articles]
            keys = [Identity(item.url, "", (hash_of("url", item.url),)) for item in items]
            found, self.told[outlet] = changed(self.told.get(outlet, b""), items, keys)
            for place in found:
                self._read(article_id(items[place].url))

    def _item(self, one: Published) -> Item:
        """An article as its feed shows it: the headline, the beginning of the text and, in every second feed, a counter."""
        views = f" {int((self.now - one.at) / MINUTE)} views" if one.outlet % 2 else ""
        summary = one.text_at(self.now).partition("\n")[0] if one.outlet % 3 else ""
        return Item(guid=one.url, url=one.url, title=one.title_at(self.now), summary=summary + views)

    def _read(self, key: str) -> None:
        one, before = self.articles[key], self.known[key]
        if before.fetched == self.now:
            return
        self.requests += 1
        made = [when for when, _ in one.edits if when <= self.now]
        if one.outlet < HONEST * OUTLETS and not [when for when in made if when > before.fetched]:
            self.unchanged += 1
            return
        after = read_again(before, self._article(one))
        if after is None:
            return
        new = [when for when in made if when not in one.seen]
        self.wrong += not new
        one.seen.update(dict.fromkeys(new, self.now))
        self.known[key] = after


async def measured(strategy: Strategy, number: int, seed: int) -> Row:
    """The results of a strategy in a world."""
    articles = world(number, random.Random(seed))
    desk = Desk(strategy, articles)
    await desk.run(articles)
    edits = [(one, when, kind) for one in articles for when, kind in one.edits if when > one.at + STEP]
    seen = [(one.seen[when] - when) / MINUTE for one, when, _ in edits if when in one.seen]
    wanted = [when in one.seen for one, when, _ in edits if one.wanted]
    titles = [when in one.seen for one, when, kind in edits if kind == "title"]
    delays = sorted(seen) or [0.0]
    return Row(
        strategy=strategy.name,
        edits=len(edits),
        seen=round(len(seen) / len(edits), 3),
        seen_wanted=round(sum(wanted) / max(len(wanted), 1), 3),
        titles=round(sum(titles) / max(len(titles), 1), 3),
        delay_median_minutes=round(median(delays), 1),
        delay_90_minutes=round(delays[int(0.9 * len(delays))] if len(delays) > 1 else delays[0], 1),
        requests_per_article=round(desk.requests / number, 2),
        unchanged=round(desk.unchanged / max(desk.requests, 1), 3),
        not_edits=desk.wrong,
    )


def strategies(number: int) -> list[Strategy]:
    """The strategies to compare. `number`: of articles; a scarce budget is half of what the whole schedule needs."""
    scarce = max(int(number * 4 / (14 * 24) / 2), 1)
    hours = Edits().after_hours
    return [
        Strategy(name="read once"),
        Strategy(name="24 h and 7 d, as GDELT", hours=(24.0, 168.0)),
        Strategy(name="every hour for a day", hours=tuple(map(float, range(1, 25)))),
        Strategy(name="1 h, 6 h, 24 h, 7 d", hours=hours),
        Strategy(name="changed feeds only", feeds=True),
        Strategy(name=OURS, hours=hours, feeds=True),
        Strategy(name="both, half the requests", hours=hours, feeds=True, per_hour=scarce),
    ]


def figures(rows: Sequence[Row]) -> list[Figure]:
    """What is kept: the figures of the whole strategy, with those of the others beside them."""
    ours = next(row for row in rows if row.strategy == OURS)
    peers = [row for row in rows if row is not ours]

    def figure(what: str, name: str, unit: str = "", **goal: float) -> Figure:
        others = {row.strategy: getattr(row, name) for row in peers if row.seen or name == "seen"}
        return Figure(what, getattr(ours, name), unit, peers=others, **goal)

    return [
        figure("share of edits seen", "seen"),
        figure("share of edits seen, of articles with a topic or an alert", "seen_wanted"),
        figure("share of changed headlines seen", "titles"),
        figure("from an edit to its being found, median", "delay_median_minutes", "min"),
        figure("from an edit to its being found, 90 %", "delay_90_minutes", "min"),
        figure("requests an article, besides the first", "requests_per_article"),
        figure("requests answered without a page (304)", "unchanged"),
        figure("edits found where only counters changed", "not_edits", at_most=0),
    ]


def main() -> None:
    """Measure, print, and keep the results."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=1_500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rows = [asyncio.run(measured(one, asked.articles, asked.seed)) for one in strategies(asked.articles)]
    print(f"{asked.articles:,} articles of {OUTLETS} outlets, {rows[0].edits} edits")
    print(
        f"{'':28}{'seen':>7}{'wanted':>8}{'titles':>8}{'median':>9}{'90 %':>10}{'requests':>10}{'304':>6}{'wrong':>7}"
    )
    for row in rows:
        print(
            f"{row.strategy:28}{row.seen:7.1%}{row.seen_wanted:8.1%}{row.titles:8.1%}{row.delay_median_minutes:7.0f} m"
            f"{row.delay_90_minutes:8.0f} m{row.requests_per_article:10.2f}{row.unchanged:6.0%}{row.not_edits:7}"
        )
    record("edits", figures(rows))


if __name__ == "__main__":
    main()
