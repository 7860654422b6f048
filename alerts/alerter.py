"""The stage `alert`: matches each article against the alerts, watches the sources, and decides what to report on which channel.

Its state is in the log, and is written together with its messages. So a crash leaves both or neither, and judging an article
again gives the same result.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from alerts import edits, pacing, regroup, rules, sources
from alerts.decision import Decision, Firing, after, apply, together
from alerts.definitions import Definition, Definitions
from alerts.matching import Matcher
from alerts.message import Alert, Coverage, alert_key, mention_of
from alerts.sources import SourceState
from alerts.state import Record, State
from query.article import prepare_enriched
from query.match import Prepared
from stream.messages import Enriched
from stream.stage import Forget, Topic

log_line = structlog.get_logger("wirewatch.alerts")

TIDY = timedelta(minutes=5)
"""How often to look for records that are no longer needed."""
LOOK = timedelta(minutes=1)
"""How often to check the sources, if there is an alert about them."""


class Alerter:
    """Judges articles, one at a time.

    Args:
        definitions: returns the current alerts.
        remembered: reads the records of the topic `states` from the log.
        states: the topic of its state.
        coverage: how many sources answered in the last hour; None if unknown.
        source_states: the state of each source; None if unknown. Neither raises if a list or log is missing.
        linked: adds links to Kibana to an alert.
        now: the clock.
    """

    def __init__(
        self,
        definitions: Callable[[], Definitions],
        remembered: Callable[[], Iterable[Record]],
        states: Topic,
        coverage: Callable[[], Coverage | None],
        source_states: Callable[[], Sequence[SourceState] | None],
        linked: Callable[[Alert], Alert],
        now: Callable[[], datetime],
    ) -> None:
        self._definitions = definitions
        self._current: Definitions | None = None
        self._remembered = remembered
        self._states = states
        self._coverage = coverage
        self._source_states = source_states
        self._linked = linked
        self._now = now
        self._matcher = Matcher()
        self._state = State()
        self._tidied: datetime | None = None
        self._looked: datetime | None = None
        self._turn = asyncio.Lock()

    def reload(self) -> None:
        """Read the state from the log: another process may have changed it."""
        self._state = State(self._remembered())

    async def __call__(self, enriched: Enriched) -> Sequence[Any]:
        """The results of an article: alerts, and records to remember."""
        async with self._turn:  # one at a time, in the order of the log
            return await asyncio.to_thread(self._judge, enriched)

    async def tick(self) -> Sequence[Any]:
        """The held-back alerts that are due now, and news of the sources."""
        # Outside the turn: articles need not wait for this.
        found = await asyncio.to_thread(self._look) if self._is_time_to_look() else ()
        async with self._turn:
            return await asyncio.to_thread(self._look_after, found)

    def _is_time_to_look(self) -> bool:
        """Whether the sources' states were last read a while ago; notes that they are read now."""
        now = self._now()
        if self._looked is not None and abs(now - self._looked) < LOOK:
            return False
        self._looked = now
        return True

    def _look(self) -> Sequence[SourceState]:
        """The states of the sources; none if they are unknown, or no alert is about them."""
        wanted = any(one.about == "sources" for one in self._definitions().alerts.values())
        return (self._source_states() or ()) if wanted else ()

    def _judge(self, enriched: Enriched) -> list[Any]:
        now, definitions = self._now(), self._renewed()
        followed = self._results(regroup.follow(enriched.regrouped, self._state), now)
        return followed + self._judge_article(enriched, definitions, now)

    def _judge_article(self, enriched: Enriched, definitions: Definitions, now: datetime) -> list[Any]:
        if enriched.article.version:
            return self._judge_edit(enriched, definitions, now)
        if not rules.is_news(enriched, self._state, now):
            return []
        prepared = prepare_enriched(enriched)
        decisions = [
            self._consider(definitions.alerts[name], enriched, prepared, now)
            for name in self._matcher.match(prepared)
        ]
        return self._results(together([*decisions, rules.note(enriched)]), now)

    def _judge_edit(self, enriched: Enriched, definitions: Definitions, now: datetime) -> list[Any]:
        """The decision on a new version of an article: what alerts say of the edit, and of new matches."""
        if not edits.is_news(enriched, self._state, now):
            return []
        prepared = prepare_enriched(enriched)
        told = {one.alert for one in edits.told_of(enriched.article, self._state)}
        wanted = [one for one in definitions.alerts.values() if rules.wants(one, enriched)]
        decisions = [edits.consider_all(wanted, enriched, prepared, self._state, now)]
        if not enriched.article.backfill:
            decisions += [
                self._consider(definitions.alerts[name], enriched, prepared, now)
                for name in self._matcher.match(prepared)
                if name not in told
            ]
        return self._results(together([*decisions, edits.note(enriched)]), now)

    def _consider(
        self, definition: Definition, enriched: Enriched, prepared: Prepared, now: datetime
    ) -> Decision:
        if (
            definition.tree is None
            or pacing.is_muted(definition, now)
            or not rules.wants(definition, enriched)
        ):
            return Decision()
        mention = mention_of(enriched, definition.tree, prepared)
        return rules.consider(definition, mention, self._state, now)

    def _renewed(self) -> Definitions:
        """The current alerts; the matcher is updated if they have changed."""
        definitions = self._definitions()
        if definitions is not self._current:
            self._matcher.update(definitions.alerts)
            self._current = definitions
        return definitions

    def _look_after(self, found: Sequence[SourceState]) -> list[Any]:
        now, alerts = self._now(), self._renewed().alerts
        decision = pacing.release(alerts, self._state, now)
        if found:
            then = sources.consider_all(alerts, found, after(decision, self._state), now)
            decision = together([decision, then])
        tidies = self._tidied is None or abs(now - self._tidied) > TIDY
        if tidies:
            decision = together([decision, rules.remind(alerts, after(decision, self._state), now)])
            decision = together([decision, rules.forget(alerts, after(decision, self._state), now)])
        results = self._results(decision, now)
        self._tidied = now if tidies else self._tidied
        return results

    def _results(self, decision: Decision, now: datetime) -> list[Any]:
        """The results of the stage for a decision.

        The state changes last, when nothing can fail any more: a failed article is tried again, and must then be judged as if
        for the first time.
        """
        coverage = self._coverage() if decision.firings else None
        alerts = [
            self._linked(alert) for firing in decision.firings for alert in messages(firing, coverage, now)
        ]
        for alert in alerts:
            log_line.info("fired", alert=alert.alert, channel=alert.channel, about=alert.mentions[0].key)
        gone = [Forget(self._states, record.key) for record in decision.dropped]
        apply(decision, self._state)
        return [*alerts, *decision.put, *gone]


def messages(firing: Firing, coverage: Coverage | None, now: datetime) -> list[Alert]:
    """The messages of a firing: one to each channel, so that a channel that is down delays no other."""
    definition = firing.definition
    return [
        Alert(
            key=alert_key(definition.name, firing.story, channel),
            alert=definition.name,
            severity=definition.severity,
            channel=channel,
            query=definition.query,
            reason=firing.reason,
            mentions=firing.mentions,
            more=firing.more,
            coverage=coverage,
            fired=now,
        )
        for channel in definition.channels
    ]
