"""When an alert may be sent: at once, or after its digest, throttle or quiet hours.

Pure, as rules.py is.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from alerts.decision import Decision, Firing, together
from alerts.definitions import Definition
from alerts.message import Mention
from alerts.periods import after_quiet, next_hour, next_time
from alerts.state import Fired, Held, Pace, State
from alerts.updates import first_seen

MOST_HELD = 1000
"""The most articles that an alert holds back; one more releases them all at once."""
MOST_TOLD = 20
"""The most articles in one message."""


def is_muted(definition: Definition, now: datetime) -> bool:
    """Whether an alert is muted for now; what it misses meanwhile is never sent."""
    until = definition.muted_until
    return definition.muted or (until is not None and now < until)


def story_of(definition: Definition, mention: Mention) -> str:
    """What an alert reports only once: the story, an update to it, or each article."""
    if not definition.first_in_story and not mention.edit:
        return mention.article
    return f"{mention.story}|{mention.update}" if mention.update else mention.story


def speak(
    definition: Definition, mentions: Sequence[Mention], reason: str, state: State, now: datetime
) -> Decision:
    """Report these now, or hold them back until the alert may be sent; their stories count as reported from now on."""
    told = _told(definition, mentions, reason, state, now)
    pace = _pace(definition, state, now)
    held = state.held.get(definition.name, {})
    when = due(definition, pace.last, now)
    if not held and when <= now:
        return _tell(definition, mentions, reason, told, now)
    waiting = {mention.key: Held(alert=definition.name, mention=mention, at=now) for mention in mentions}
    if len(held | waiting) > MOST_HELD:
        return _tell_held(definition, held | waiting, {**state.fired, **told}, now)
    starts = (Pace(alert=definition.name, last=pace.last, due=when),) if pace.due is None else ()
    return Decision(put=(*told.values(), *waiting.values(), *starts))


def release(definitions: Mapping[str, Definition], state: State, now: datetime) -> Decision:
    """Release the held-back articles that are due."""
    return together(
        _release(definitions.get(name), tuple(held.values()), state, now)
        for name, held in state.held.items()
        if held
    )


def due(definition: Definition, last: datetime | None, now: datetime) -> datetime:
    """When an alert may next be sent, if it fires now and was last sent at `last`."""
    when = now
    if definition.digest == "hourly":
        when = next_hour(now)
    elif definition.digest == "daily":
        when = next_time(definition.digest_at, definition.zone, now)
    if last and definition.throttle:
        when = max(when, last + definition.throttle)
    return after_quiet(definition.quiet, definition.zone, when) if definition.quiet else when


_Told = Mapping[tuple[str, str], Fired]
"""The record of each reported story, by alert and story."""


def _told(
    definition: Definition, mentions: Sequence[Mention], reason: str, state: State, now: datetime
) -> dict[tuple[str, str], Fired]:
    """Records that an alert has reported, or will report, the stories of these."""
    told: dict[tuple[str, str], Fired] = {}
    for mention in mentions:
        key = (definition.name, story_of(definition, mention))
        known = told.get(key) or state.fired.get(key)
        told[key] = (
            msgspec.structs.replace(known, also=known.also + 1)
            if known
            else _fired(definition, mention, reason, mentions, now)
        )
    return told


def _fired(
    definition: Definition, mention: Mention, reason: str, mentions: Sequence[Mention], now: datetime
) -> Fired:
    return Fired(
        alert=definition.name,
        story=story_of(definition, mention),
        severity=definition.severity,
        at=now,
        touched=now,
        reason=reason,
        mention=mention,
        channels=definition.channels,
        seen=first_seen([one for one in mentions if one.story == mention.story], now),
    )


def _pace(definition: Definition, state: State, now: datetime) -> Pace:
    """When an alert was last sent. A time in the future means that the clock was set back: it counts as now."""
    pace = state.paces.get(definition.name, Pace(alert=definition.name))
    return msgspec.structs.replace(pace, last=min(pace.last, now)) if pace.last else pace


def _release(definition: Definition | None, held: Sequence[Held], state: State, now: datetime) -> Decision:
    """The decision on what an alert holds back; None stands for an alert that was removed."""
    if definition is None:
        return Decision(dropped=tuple(held))
    if is_muted(definition, now):
        return Decision()
    pace = _pace(definition, state, now)
    when = now
    if (
        pace.due and pace.due > now
    ):  # checked again: the clock may have been set back, or the alert made faster
        when = due(definition, pace.last, now)
    if when <= now:
        return _tell_held(definition, state.held[definition.name], state.fired, now)
    return Decision(put=(msgspec.structs.replace(pace, due=when),) if pace.due and when < pace.due else ())


def _tell_held(definition: Definition, held: Mapping[str, Held], told: _Told, now: datetime) -> Decision:
    reason = _held_reason(definition, len(held))
    decision = _tell(definition, [one.mention for one in held.values()], reason, told, now)
    return msgspec.structs.replace(decision, dropped=tuple(held.values()))


def _held_reason(definition: Definition, number: int) -> str:
    what = f"the {definition.digest} digest" if definition.digest else "held-back articles"
    one, many = ("story", "stories") if definition.first_in_story else ("article", "articles")
    if definition.about == "sources":
        one, many = "change", "changes"
    if definition.about == "edits":
        one, many = "edit", "edits"
    return f"{what}, {number} {one if number == 1 else many}"


def _tell(
    definition: Definition, mentions: Sequence[Mention], reason: str, told: _Told, now: datetime
) -> Decision:
    """One message with all of these; each story's record names the message that reported it."""
    story = story_of(definition, mentions[0])
    stories = dict.fromkeys((definition.name, story_of(definition, mention)) for mention in mentions)
    firing = Firing(
        definition=definition,
        story=story,
        mentions=tuple(mentions[:MOST_TOLD]),
        more=max(len(mentions) - MOST_TOLD, 0),
        reason=reason,
    )
    noted = (msgspec.structs.replace(told[key], message=story) for key in stories if key in told)
    return Decision(firings=(firing,), put=(*noted, Pace(alert=definition.name, last=now)))
