"""What alerts remember of stories follows the stories when these are merged or split, so that no event is told of twice.

Pure, as rules.py is. To do it again changes nothing.
"""

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from alerts.decision import Decision, after, together
from alerts.message import Mention
from alerts.state import Counted, Fired, Held, State
from alerts.updates import Seen
from stream.messages import Regrouping

R = TypeVar("R", Counted, Held)


def follow(changes: Sequence[Regrouping], state: State) -> Decision:
    """The records to write so that alerts know stories by what they are now."""
    decision = Decision()
    for change in changes:
        decision = together([decision, _follow(change, after(decision, state))])
    return decision


def _follow(change: Regrouping, state: State) -> Decision:
    told = [one for (_, story), one in state.fired.items() if story == change.was]
    fired = [_also_told(one, change, state) for one in told]
    counted = [
        _moved(one, change)
        for of_alert in state.counted.values()
        for one in of_alert.values()
        if _moves(change, one.mention)
    ]
    held = [
        _moved(one, change)
        for of_alert in state.held.values()
        for one in of_alert.values()
        if _moves(change, one.mention)
    ]
    return Decision(put=(*fired, *counted, *held))


def _also_told(told: Fired, change: Regrouping, state: State) -> Fired:
    """The record that the alert has told of the articles' present story. That of the other story is kept: it says what was told
    of its articles."""
    known = state.fired.get((told.alert, change.story))
    if known is None:
        return msgspec.structs.replace(told, story=change.story)
    touched = max(known.touched, told.touched)
    return msgspec.structs.replace(known, touched=touched, seen=_together(known.seen, told.seen))


def _together(one: Seen, other: Seen) -> Seen:
    """What has come of two stories that are one: what was known of either is no news."""
    outlets = tuple(dict.fromkeys((*one.outlets, *other.outlets)))
    times = [time for time in (one.told_at, other.told_at) if time]
    return msgspec.structs.replace(
        one,
        outlets=outlets,
        languages=tuple(dict.fromkeys((*one.languages, *other.languages))),
        told_outlets=len(outlets) if one.told_outlets + other.told_outlets else 0,
        told_at=max(times, default=None),
        number=max(one.number, other.number),
    )


def _moves(change: Regrouping, mention: Mention) -> bool:
    return change.moves(mention.article, mention.story)


def _moved(record: R, change: Regrouping) -> R:
    mention = msgspec.structs.replace(record.mention, story=change.story)
    return msgspec.structs.replace(record, mention=mention)
