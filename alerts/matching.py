"""Finds the alerts that an article matches: the current definitions in the live matcher."""

from collections.abc import Mapping, Sequence

import structlog

from alerts.definitions import Definition
from query.match import Prepared
from query.monitor.monitor import Monitor
from stream.errors import ConfigError

log_line = structlog.get_logger("wirewatch.alerts")


class Matcher:
    """The alerts that articles are matched against; they may change at any time."""

    def __init__(self) -> None:
        self._monitor = Monitor()
        self._held: dict[str, str] = {}

    def update(self, definitions: Mapping[str, Definition]) -> None:
        """Match articles against these alerts from now on. An alert that the matcher refuses is logged, and never fires."""
        wanted = {name: one for name, one in definitions.items() if one.about == "articles"}
        for name in self._held.keys() - wanted.keys():
            if name in self._monitor:
                self._monitor.remove(name)
            del self._held[name]
        for name, definition in wanted.items():
            if self._held.get(name) != definition.query:
                self._hold(name, definition)

    def _hold(self, name: str, definition: Definition) -> None:
        assert definition.tree is not None  # noqa: S101 - tells the type checker that it is about articles
        self._held[name] = definition.query
        try:
            self._monitor.add(name, definition.tree)
        except ConfigError as error:
            if name in self._monitor:
                self._monitor.remove(name)
            log_line.error("an alert can't be matched", alert=name, reason=str(error))

    def match(self, prepared: Prepared) -> Sequence[str]:
        """The names of the alerts that an article matches, in order."""
        return sorted(self._monitor.match(prepared))
