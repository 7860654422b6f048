"""Decides what to report of sources: each once when it goes silent, or fails for long, and once when it recovers.

Pure, as rules.py is, and with the same records: the last report on a source decides what would be new. A source that fails for
a short while is neither silent nor heard: nothing is reported until the failure has ended, or lasted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from alerts import pacing, rules
from alerts.decision import Decision, together
from alerts.definitions import Definition
from alerts.message import Mention, SourceNews
from alerts.state import Fired, State
from stream.words import plural, span

TOUCHED = timedelta(days=1)
"""How often to record that a source is still as last reported, so that the record is kept."""

_BECAME = {"silent": "went silent", "failing": "failed for", "gone": "gone for good", "heard": "heard again"}
_TITLES = {"silent": "went silent", "failing": "fails", "gone": "is gone", "heard": "is heard again"}


class SourceState(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a source."""

    name: str
    """The outlet, which may have several feeds."""
    url: str
    """The feed's URL, which identifies the source."""
    status: Literal["well", "silent", "failing", "gone"]
    since: datetime
    """When the state began. For `silent` and `well`: the time of its latest item."""
    until: datetime
    """When it was last polled."""
    expected: float
    """How many items it usually has in this time."""
    per_day: float
    """Its usual number of items a day."""
    reason: str
    """What is wrong, in words; '' for one that is well."""


def consider_all(
    definitions: Mapping[str, Definition], found: Sequence[SourceState], state: State, now: datetime
) -> Decision:
    """The decision on the states of the sources. A muted alert later reports what is still true then."""
    return together(
        consider(definition, found, state, now)
        for definition in definitions.values()
        if definition.about == "sources" and not pacing.is_muted(definition, now)
    )


def consider(definition: Definition, found: Sequence[SourceState], state: State, now: datetime) -> Decision:
    """What an alert reports of the sources: all their news in one message."""
    told = _last_told(definition, state)
    wanted = [one for one in found if wants(definition, one)]
    news = [_news(definition, source, told.get(source.url), now) for source in wanted]
    mentions = [one for one in news if one and not rules.was_told(definition, one, state)]
    touched = _touched([told[source.url] for source in wanted if source.url in told], now)
    if not mentions:
        return touched
    return together([touched, pacing.speak(definition, mentions, _reason(definition, mentions), state, now)])


def wants(definition: Definition, source: SourceState) -> bool:
    """Whether an alert is for this source."""
    return not definition.sources or source.name.casefold() in definition.sources


def is_dark(definition: Definition, source: SourceState) -> bool:
    """Whether to report a source: silent, gone, or failing for as long as the alert requires."""
    if source.status == "failing":
        return source.until - source.since >= definition.failing_for
    return source.status != "well"


def _last_told(definition: Definition, state: State) -> dict[str, Fired]:
    """The last report on each source, unless it was that the source recovered."""
    told = [one for one in state.fired.values() if one.alert == definition.name and one.mention.source_news]
    last = {one.mention.url: one for one in sorted(told, key=lambda one: one.at)}
    return {url: one for url, one in last.items() if _of(one.mention).status != "heard"}


def _of(mention: Mention) -> SourceNews:
    assert mention.source_news is not None  # noqa: S101 - tells the type checker that it is of a source
    return mention.source_news


def _touched(told: Sequence[Fired], now: datetime) -> Decision:
    return Decision(
        put=tuple(msgspec.structs.replace(one, touched=now) for one in told if now - one.touched > TOUCHED)
    )


def _news(definition: Definition, source: SourceState, told: Fired | None, now: datetime) -> Mention | None:
    """The news of a source, whether or not it was reported before."""
    if source.status == "well":
        return _heard_again(source, told, now) if told else None
    if not is_dark(definition, source):
        return None
    news = SourceNews(
        status=source.status,
        since=source.since,
        expected=source.expected,
        per_day=source.per_day,
        reason=source.reason,
    )
    return _mention(source, news, now)


def _heard_again(source: SourceState, told: Fired, now: datetime) -> Mention | None:
    """The news that a source recovered. A silent one has when it has a new item, however its silence is judged by now."""
    before = _of(told.mention)
    if before.status == "silent" and source.since <= before.since:
        return None
    was = f"it was {before.status} since {before.since:%Y-%m-%d %H:%M} UTC"
    news = msgspec.structs.replace(before, status="heard", per_day=source.per_day, reason=was)
    return _mention(source, news, now)


def _mention(source: SourceState, news: SourceNews, now: datetime) -> Mention:
    return Mention(
        article="",
        story=f"{source.url}|{news.status}|{news.since.isoformat()}",
        title=f"{source.name} {_TITLES[news.status]}",
        source=source.name,
        url=source.url,
        language="",
        published=None,
        seen=now,
        sentence="",
        marks=(),
        clause="",
        places=(),
        source_news=news,
    )


def _reason(definition: Definition, mentions: Sequence[Mention]) -> str:
    """How many sources are in each state: `2 sources went silent, 1 source heard again`."""
    counts = Counter(_of(mention).status for mention in mentions)
    return ", ".join(
        f"{plural(count, 'source')} {_BECAME[status]}"
        f"{f' {span(definition.failing_for)}' if status == 'failing' else ''}"
        for status, count in counts.items()
    )
