"""Finds how an alert would have fired on past articles, by the same rules as live."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec

from alerts import pacing, regroup, rules
from alerts.decision import Decision, Firing, apply
from alerts.definitions import Definition
from alerts.message import mention_of
from alerts.state import State
from query.article import prepare_enriched
from results.alerts import Day
from stream.messages import Enriched

SAMPLES = 5


class Report(msgspec.Struct, frozen=True):
    """The results of a backtest."""

    articles: int
    stories: int
    messages: int
    days: tuple[Day, ...]
    """Without gaps."""
    samples: tuple[Firing, ...]
    """The newest ones."""

    @property
    def messages_a_day(self) -> float:
        """The average number of messages a day, to each channel."""
        return self.messages / len(self.days) if self.days else 0.0


class _Tally:
    """Counts by day."""

    def __init__(self) -> None:
        self.articles: dict[date, int] = {}
        self.messages: dict[date, int] = {}
        self.first_told: dict[str, date] = {}
        self.firings: list[Firing] = []
        self.sent = 0

    def article(self, moment: datetime, story: str) -> None:
        day = moment.date()
        self.articles[day] = self.articles.get(day, 0) + 1
        self.first_told.setdefault(story, day)

    def firing(self, moment: datetime, firing: Firing) -> None:
        self.messages[moment.date()] = self.messages.get(moment.date(), 0) + 1
        self.sent += 1
        self.firings = [*self.firings[-SAMPLES + 1 :], firing]

    def report(self, since: date, until: date) -> Report:
        stories = list(self.first_told.values())
        days = [since + timedelta(days=number) for number in range((until - since).days + 1)]
        return Report(
            articles=sum(self.articles.values()),
            stories=len(stories),
            messages=self.sent,
            days=tuple(
                Day(day, self.articles.get(day, 0), stories.count(day), self.messages.get(day, 0))
                for day in days
            ),
            samples=tuple(reversed(self.firings)),
        )


def backtest(
    definition: Definition, articles: Iterable[tuple[datetime, Enriched]], since: datetime, until: datetime
) -> Report:
    """Run an alert over past articles.

    Args:
        definition: the alert; a mute is ignored.
        articles: the articles that its query matches, each with the time at which it counts as seen, oldest first.
        since, until: the period to report; every day in it is listed.
    """
    state, tally = State(), _Tally()
    watched = msgspec.structs.replace(definition, muted=False, muted_until=None)
    for moment, enriched in articles:
        _release(watched, state, tally, moment)
        apply(regroup.follow(enriched.regrouped, state), state)
        if not rules.wants(watched, enriched):
            continue
        assert watched.tree is not None  # noqa: S101 - tells the type checker that it is about articles
        mention = mention_of(enriched, watched.tree, prepare_enriched(enriched))
        tally.article(moment, mention.story)
        _note(rules.consider(watched, mention, state, moment), state, tally, moment)
    _release(watched, state, tally, until)
    return tally.report(since.date(), until.date())


def _release(definition: Definition, state: State, tally: _Tally, moment: datetime) -> None:
    """Release the held-back articles that came due before a moment, at the time when each did."""
    pace = state.paces.get(definition.name)
    when = min(pace.due, moment) if pace and pace.due else moment
    _note(pacing.release({definition.name: definition}, state, when), state, tally, when)


def _note(decision: Decision, state: State, tally: _Tally, moment: datetime) -> None:
    """Count the messages of a decision, and apply it to the state."""
    for firing in decision.firings:
        tally.firing(moment, firing)
    apply(decision, state)
