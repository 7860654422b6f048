"""Which alerts an article fires, given what is remembered. Nothing here reads a clock, a file or a network.

The order of the questions: is the article news at all (`is_news`), does the alert want it (`wants`), was its story told before,
are there enough (`at_least` articles or outlets `within` a time), and may the alert speak now or must it wait (`due`).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from alerts.definitions import Definition
from alerts.message import Mention
from alerts.periods import after_quiet, next_hour, next_time
from alerts.state import Counted, Fired, Held, Judged, Pace, State
from stream.messages import Enriched

FRESH = timedelta(days=3)
"""An article that was first seen longer ago is not news. Retries give up after a day and a half, so what comes later is a
replay; and for so long it is remembered which articles were judged."""
REMEMBERED = timedelta(days=30)
"""How long after its last article it is remembered that a story was told."""
MOST_HELD = 1000
"""Articles that an alert holds back; what comes beyond is told at once, together with them."""
MOST_TOLD = 20
"""Articles of one message."""


class Firing(msgspec.Struct, frozen=True, kw_only=True):
    """An alert speaks."""

    definition: Definition
    story: str
    """By which the message is known."""
    mentions: tuple[Mention, ...]
    more: int = 0
    reason: str


def is_news(enriched: Enriched, state: State, now: datetime) -> bool:
    """Whether an article may fire anything: neither a feed's backlog, nor replayed, nor long known."""
    article = enriched.article
    began = state.watermark.since if state.watermark else None
    return not (
        article.backfill
        or article.id in state.judged
        or now - article.seen > FRESH
        or (began is not None and article.seen < began)
    )


def wants(definition: Definition, enriched: Enriched) -> bool:
    """Whether an alert is for articles of this outlet and language."""
    sources, languages = definition.sources, definition.languages
    return (not sources or enriched.article.source.casefold() in sources) and (
        not languages or enriched.language in languages
    )


def is_muted(definition: Definition, now: datetime) -> bool:
    """Whether an alert is to be silent for now; what it would have told is not made up for."""
    until = definition.muted_until
    return definition.muted or (until is not None and now < until)


def consider(definition: Definition, mention: Mention, state: State, now: datetime) -> Firing | None:
    """What comes of an article that an alert matches and wants; the state is brought up to date."""
    story = _story(definition, mention)
    told = state.fired.get((definition.name, story))
    if told:
        state.put(msgspec.structs.replace(told, touched=now, also=told.also + 1))
        return None
    state.put(Counted(alert=definition.name, mention=mention, at=now))
    enough = _counted(definition, state, now)
    if not _is_enough(definition, enough):
        return None
    reason = _reason(definition, enough)
    for one in enough:
        state.drop(one)
        tell(definition, one.mention, reason, state, now)
    return speak(definition, tuple(one.mention for one in enough), reason, state, now)


def _story(definition: Definition, mention: Mention) -> str:
    return mention.story if definition.first_in_story else mention.article


def was_told(definition: Definition, mention: Mention, state: State) -> bool:
    """Whether an alert told of a story, or is about to."""
    return (definition.name, _story(definition, mention)) in state.fired


def _counted(definition: Definition, state: State, now: datetime) -> list[Counted]:
    """What counts towards an alert, within its time, oldest first; what is older is forgotten."""
    counted = list(state.counted[definition.name].values())
    for one in counted:
        if now - one.at > definition.within:
            state.drop(one)
    return [one for one in counted if now - one.at <= definition.within]


def _is_enough(definition: Definition, counted: Sequence[Counted]) -> bool:
    if definition.of == "outlets":
        return len({one.mention.source.casefold() for one in counted}) >= definition.at_least
    return len(counted) >= definition.at_least


def _reason(definition: Definition, counted: Sequence[Counted]) -> str:
    if definition.at_least == 1:
        return "the first article of its story" if definition.first_in_story else "an article matches"
    number = len({one.mention.source.casefold() for one in counted})
    found = f"{number} outlets" if definition.of == "outlets" else f"{len(counted)} articles"
    return f"{found} within {spoken(definition.within)}"


def spoken(span: timedelta) -> str:
    """A span of time in its largest unit."""
    seconds = int(span.total_seconds())
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {name}{'s' if seconds > size else ''}"
    return f"{seconds} seconds"


def tell(definition: Definition, mention: Mention, reason: str, state: State, now: datetime) -> None:
    """Note that an alert has told, or will tell, of a story."""
    known = state.fired.get((definition.name, _story(definition, mention)))
    state.put(
        msgspec.structs.replace(known, also=known.also + 1)
        if known
        else Fired(
            alert=definition.name,
            story=_story(definition, mention),
            severity=definition.severity,
            at=now,
            touched=now,
            reason=reason,
            mention=mention,
            channels=definition.channels,
        )
    )


def speak(
    definition: Definition, mentions: tuple[Mention, ...], reason: str, state: State, now: datetime
) -> Firing | None:
    """Speak now, or hold back what there is to say until it is due."""
    pace = _pace(definition, state, now)
    held = state.held.get(definition.name)
    when = due(definition, pace.last, now)
    if not held and when <= now:
        state.put(Pace(alert=definition.name, last=now))
        return _firing(definition, mentions, reason, state)
    for mention in mentions:
        state.put(Held(alert=definition.name, mention=mention, at=now))
    if pace.due is None:
        state.put(Pace(alert=definition.name, last=pace.last, due=when))
    return _release(definition, state, now) if len(state.held[definition.name]) > MOST_HELD else None


def _pace(definition: Definition, state: State, now: datetime) -> Pace:
    """When an alert spoke. If that lies in the future, the clock was set back: it counts as now."""
    pace = state.paces.get(definition.name, Pace(alert=definition.name))
    return msgspec.structs.replace(pace, last=now) if pace.last and pace.last > now else pace


def due(definition: Definition, last: datetime | None, now: datetime) -> datetime:
    """When an alert may speak that has something to say now, and spoke last at `last`."""
    when = now
    if definition.digest == "hourly":
        when = next_hour(now)
    elif definition.digest == "daily":
        when = next_time(definition.digest_at, definition.zone, now)
    if last and definition.throttle:
        when = max(when, last + definition.throttle)
    return after_quiet(definition.quiet, definition.zone, when) if definition.quiet else when


def release(definitions: Mapping[str, Definition], state: State, now: datetime) -> Iterator[Firing]:
    """What was held back and is due."""
    for name, held in list(state.held.items()):
        definition = definitions.get(name)
        if definition is None:
            for one in list(held.values()):
                state.drop(one)
        elif held and not is_muted(definition, now) and _is_due(definition, state, now):
            yield _release(definition, state, now)


def _is_due(definition: Definition, state: State, now: datetime) -> bool:
    """Whether an alert may tell what it holds. If the clock was set back, or the alert made faster, an earlier time counts."""
    pace = _pace(definition, state, now)
    if pace.due is None or pace.due <= now:
        return True
    earlier = due(definition, pace.last, now)
    if earlier < pace.due:
        state.put(msgspec.structs.replace(pace, due=earlier))
    return earlier <= now


def _release(definition: Definition, state: State, now: datetime) -> Firing:
    held = list(state.held[definition.name].values())
    for one in held:
        state.drop(one)
    state.put(Pace(alert=definition.name, last=now))
    reason = _held_reason(definition, len(held))
    return _firing(definition, tuple(one.mention for one in held), reason, state)


def _held_reason(definition: Definition, number: int) -> str:
    what = f"the {definition.digest} digest" if definition.digest else "what was held back"
    one, many = ("story", "stories") if definition.first_in_story else ("article", "articles")
    if definition.about == "sources":
        one, many = "change", "changes"
    return f"{what}, {number} {one if number == 1 else many}"


def _firing(definition: Definition, mentions: tuple[Mention, ...], reason: str, state: State) -> Firing:
    story = _story(definition, mentions[0])
    for mention in mentions:
        told = state.fired.get((definition.name, _story(definition, mention)))
        if told:
            state.put(msgspec.structs.replace(told, message=story))
    return Firing(
        definition=definition,
        story=story,
        mentions=mentions[:MOST_TOLD],
        more=max(len(mentions) - MOST_TOLD, 0),
        reason=reason,
    )


def note(enriched: Enriched, state: State) -> None:
    """Remember that an article was judged."""
    state.put(Judged(article=enriched.article.id, seen=enriched.article.seen))


def forget(definitions: Mapping[str, Definition], state: State, now: datetime) -> None:
    """Drop what can no longer change a decision."""
    for judged in [one for one in state.judged.values() if now - one.seen > FRESH]:
        state.drop(judged)
    for fired in [one for one in state.fired.values() if now - one.touched > REMEMBERED]:
        state.drop(fired)
    for name, counted in list(state.counted.items()):
        definition = definitions.get(name)
        for one in list(counted.values()):
            if definition is None or now - one.at > definition.within:
                state.drop(one)
    for pace in [one for name, one in state.paces.items() if name not in definitions]:
        state.drop(pace)
