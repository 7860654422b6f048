"""The stage `alert`: holds each article against the alerts, looks after the sources, and says what has to be told where.

What it remembers lies in the log, and is written together with what it says. So a crash leaves both or neither, and what is
judged again comes to the same end.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, ParamSpec

import structlog

from alerts import rules, sources
from alerts.definitions import Definition, Definitions
from alerts.matching import Matcher
from alerts.message import Alert, Coverage, alert_key, mention_of
from alerts.rules import Firing
from alerts.sources import SourceState
from alerts.state import Record, State
from query.article import prepare_enriched
from query.match import Prepared
from stream.messages import Enriched
from stream.stage import Forget, Topic

log_line = structlog.get_logger("wirewatch.alerts")

P = ParamSpec("P")

TIDY = timedelta(minutes=5)
"""How often it is looked what need not be remembered any longer."""
LOOK = timedelta(minutes=1)
"""How often it is looked how the sources do, if there is an alert about them."""


class Alerter:
    """Judges articles, one at a time.

    Args:
        definitions: gives the alerts of the moment.
        remembered: reads the records of the topic `states` from the log.
        states: that topic.
        coverage: how much of the watch list was heard in the last hour; None if that is not known.
        source_states: how each source does; None if that is not known. Neither raises for want of a list or log.
        now: the clock.
    """

    def __init__(
        self,
        definitions: Callable[[], Definitions],
        remembered: Callable[[], Iterable[Record]],
        states: Topic,
        coverage: Callable[[], Coverage | None],
        source_states: Callable[[], Sequence[SourceState] | None],
        now: Callable[[], datetime],
    ) -> None:
        self._definitions = definitions
        self._current: Definitions | None = None
        self._remembered = remembered
        self._states = states
        self._coverage = coverage
        self._source_states = source_states
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
        """What comes of an article: alerts, and what has to be remembered."""
        async with self._turn:  # one after the other, in the order of the log
            return await asyncio.to_thread(self._undoing, self._judge, enriched)

    async def tick(self) -> Sequence[Any]:
        """What was held back and is due now, and what became of the sources."""
        found = await asyncio.to_thread(self._look)  # articles need not wait for that
        async with self._turn:
            return await asyncio.to_thread(self._undoing, self._release, found)

    def _look(self) -> Sequence[SourceState]:
        """How the sources do; nothing if that is not known, nobody wants to know, or it was looked a moment ago."""
        now = self._now()
        if self._looked is not None and abs(now - self._looked) < LOOK:
            return ()
        self._looked = now
        wanted = any(one.about == "sources" for one in self._definitions().alerts.values())
        return (self._source_states() or ()) if wanted else ()

    def _undoing(self, work: Callable[P, list[Any]], *args: P.args, **kwargs: P.kwargs) -> list[Any]:
        """Do it, or leave the state as it was: what fails is tried again, and must then be judged as if for the first time."""
        try:
            return work(*args, **kwargs)
        except BaseException:
            self._state.undo()
            raise

    def _judge(self, enriched: Enriched) -> list[Any]:
        now, definitions = self._now(), self._renewed()
        if not rules.is_news(enriched, self._state, now):
            return []
        prepared = prepare_enriched(enriched)
        firings = [
            firing
            for name in self._matcher.match(prepared)
            if (firing := self._consider(definitions.alerts[name], enriched, prepared, now))
        ]
        rules.note(enriched, self._state)
        return self._results(firings, now)

    def _consider(
        self, definition: Definition, enriched: Enriched, prepared: Prepared, now: datetime
    ) -> Firing | None:
        if (
            definition.tree is None
            or rules.is_muted(definition, now)
            or not rules.wants(definition, enriched)
        ):
            return None
        mention = mention_of(enriched, definition.tree, prepared)
        return rules.consider(definition, mention, self._state, now)

    def _renewed(self) -> Definitions:
        """The alerts of the moment; the matcher is told of a change."""
        definitions = self._definitions()
        if definitions is not self._current:
            self._matcher.update(definitions.alerts)
            self._current = definitions
        return definitions

    def _release(self, found: Sequence[SourceState]) -> list[Any]:
        now, definitions = self._now(), self._renewed()
        firings = list(rules.release(definitions.alerts, self._state, now))
        if found:
            firings += sources.consider_all(definitions.alerts, found, self._state, now)
        if self._tidied is None or abs(now - self._tidied) > TIDY:
            rules.forget(definitions.alerts, self._state, now)
            self._tidied = now
        return self._results(firings, now)

    def _results(self, firings: Sequence[Firing], now: datetime) -> list[Any]:
        coverage = self._coverage() if firings else None
        alerts = [alert for firing in firings for alert in messages(firing, coverage, now)]
        for alert in alerts:
            log_line.info("fired", alert=alert.alert, channel=alert.channel, about=alert.mentions[0].key)
        changes = self._state.take_changes()  # last: from here on nothing can fail
        return [*alerts, *(record or Forget(self._states, key) for key, record in changes.items())]


def messages(firing: Firing, coverage: Coverage | None, now: datetime) -> list[Alert]:
    """What a firing sends: one message to each channel, so that one that is down holds up no other."""
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
