"""The rules' decisions: what to report, to remember and to forget. The rules only return them; `apply` alone changes a
state."""

from collections.abc import Iterable

import msgspec

from alerts.definitions import Definition
from alerts.message import Mention
from alerts.state import Record, State


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """An alert fires."""

    definition: Definition
    story: str
    """Identifies the message."""
    mentions: tuple[Mention, ...]
    more: int
    """How many articles there are beyond those that it names."""
    reason: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The consequences of an article, of sources, or of the time. No key is both in `put` and in `dropped`."""

    firings: tuple[Firing, ...] = ()
    """The alerts to send, in this order."""
    put: tuple[Record, ...] = ()
    """Records to write, each replacing the one with its key."""
    dropped: tuple[Record, ...] = ()
    """Records to forget."""


def together(decisions: Iterable[Decision]) -> Decision:
    """Merge several decisions. If two are about the same record, the later one wins."""
    firings: list[Firing] = []
    put: dict[str, Record] = {}
    dropped: dict[str, Record] = {}
    for decision in decisions:
        firings += decision.firings
        for record in decision.put:
            dropped.pop(record.key, None)
            put[record.key] = record
        for record in decision.dropped:
            put.pop(record.key, None)
            dropped[record.key] = record
    return Decision(firings=tuple(firings), put=tuple(put.values()), dropped=tuple(dropped.values()))


def apply(decision: Decision, state: State) -> None:
    """Apply a decision to a state."""
    for record in decision.put:
        state.put(record)
    for record in decision.dropped:
        state.drop(record)


def after(decision: Decision, state: State) -> State:
    """The state as a decision will leave it; the given one stays as it is."""
    if not (decision.put or decision.dropped):
        return state
    later = state.copy()
    apply(decision, later)
    return later
