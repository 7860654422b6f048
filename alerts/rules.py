"""Decides which alerts an article fires, given the remembered state.

Nothing here reads a clock, a file or a network, or changes anything: each rule returns a decision.

The order of the questions: is the article news at all (`is_news`), does the alert want it (`wants`), was its story reported
before, and are there enough (`at_least` articles or outlets `within` a time)? pacing.py decides when to send the alert.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from alerts import pacing
from alerts.decision import Decision, after, together
from alerts.definitions import Definition
from alerts.message import Mention
from alerts.state import Counted, Fired, Judged, State
from alerts.updates import overdue, update
from stream.messages import Enriched
from stream.words import span

FRESH = timedelta(days=3)
"""An article first seen longer ago is not news. Retries give up after a day and a half, so anything later is a replay. Judged
articles are remembered for as long."""
REMEMBERED = timedelta(days=30)
"""How long after its last article a reported story is remembered."""


def is_news(enriched: Enriched, state: State, now: datetime) -> bool:
    """Whether an article may fire alerts: it is not from a feed's backlog, not replayed, and not long known."""
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


def consider(definition: Definition, mention: Mention, state: State, now: datetime) -> Decision:
    """The decision on an article that an alert matches and wants."""
    told = state.fired.get((definition.name, pacing.story_of(definition, mention)))
    if told:
        return _more_of(told, definition, mention, state, now)
    before = state.counted.get(definition.name, {})
    new = Counted(alert=definition.name, mention=mention, at=now)
    expired = Decision(dropped=tuple(one for one in before.values() if not _counts(one, definition, now)))
    counted = [
        one
        for one in {**before, mention.article: new}.values()
        if _counts(one, definition, now) and _goes_with(one.mention, mention, definition)
    ]
    if not _is_enough(definition, counted):
        return together([expired, Decision(put=(new,))])
    done = Decision(
        dropped=tuple(before[one.mention.article] for one in counted if one.mention.article in before)
    )
    mentions = [one.mention for one in counted]
    spoken_of = pacing.speak(definition, mentions, _reason(definition, counted), state, now)
    return together([expired, done, spoken_of])


def _more_of(told: Fired, definition: Definition, mention: Mention, state: State, now: datetime) -> Decision:
    """The decision on one more article of a reported story: an update, if the alert wants one."""
    seen, news, reason = update(definition.updates, told.seen, mention, now)
    known = Decision(put=(msgspec.structs.replace(told, touched=now, also=told.also + 1, seen=seen),))
    return together([known, pacing.speak(definition, [news], reason, state, now)]) if news else known


def remind(definitions: Mapping[str, Definition], state: State, now: datetime) -> Decision:
    """The daily updates that are due though no article comes: of stories of which more has come since the last message."""
    decision = Decision()
    for told in state.fired.values():
        definition = definitions.get(told.alert)
        if definition is None or pacing.is_muted(definition, now):
            continue
        seen, news, reason = overdue(definition.updates, told.seen, told.mention, now)
        if news:
            known = Decision(put=(msgspec.structs.replace(told, seen=seen),))
            spoken_of = pacing.speak(definition, [news], reason, after(decision, state), now)
            decision = together([decision, known, spoken_of])
    return decision


def was_told(definition: Definition, mention: Mention, state: State) -> bool:
    """Whether an alert reported a story, or is about to."""
    return (definition.name, pacing.story_of(definition, mention)) in state.fired


def _counts(one: Counted, definition: Definition, now: datetime) -> bool:
    """Whether an article came within the alert's time."""
    return now - one.at <= definition.within


def _goes_with(one: Mention, other: Mention, definition: Definition) -> bool:
    """Whether two articles count together: all do, unless the alert requires the same story."""
    return not definition.same_story or one.story == other.story


def _is_enough(definition: Definition, counted: Sequence[Counted]) -> bool:
    if definition.of == "outlets":
        return len({one.mention.source.casefold() for one in counted}) >= definition.at_least
    return len(counted) >= definition.at_least


def _reason(definition: Definition, counted: Sequence[Counted]) -> str:
    if definition.at_least == 1:
        return "the first article of its story" if definition.first_in_story else "an article matches"
    number = len({one.mention.source.casefold() for one in counted})
    found = f"{number} outlets" if definition.of == "outlets" else f"{len(counted)} articles"
    story = "with the same story " if definition.same_story else ""
    return f"{found} {story}within {span(definition.within)}"


def note(enriched: Enriched) -> Decision:
    """Record that an article was judged."""
    return Decision(put=(Judged(article=enriched.article.id, seen=enriched.article.seen),))


def forget(definitions: Mapping[str, Definition], state: State, now: datetime) -> Decision:
    """Forget records that can no longer change a decision."""
    judged = [one for one in state.judged.values() if now - one.seen > FRESH]
    fired = [one for one in state.fired.values() if now - one.touched > REMEMBERED]
    paces = [pace for name, pace in state.paces.items() if name not in definitions]
    counted = [
        one
        for name, counted in state.counted.items()
        for one in counted.values()
        if name not in definitions or now - one.at > definitions[name].within
    ]
    return Decision(dropped=(*judged, *fired, *counted, *paces))
