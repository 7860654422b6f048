"""Updates to a reported story: when more outlets have it, in another language, with reports of their own, or daily.

Pure, as rules.py is. An update is a mention with a number of its own; digest, quiet hours and delivery treat it as news.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from alerts.message import Mention
from alerts.update_terms import Updates
from stream.words import plural

DAILY = timedelta(days=1)
_DAY = "a day has passed"
_NAMED = 5
"""The most outlets that an update names."""


class Seen(msgspec.Struct, frozen=True):
    """What has come in on a story that an alert has reported."""

    outlets: tuple[str, ...] = ()
    """Names of outlets, in order."""
    languages: tuple[str, ...] = ()
    told_outlets: int = 0
    """How many there were at the last message."""
    told_at: datetime | None = None
    """When that was."""
    since: int = 0
    """Articles since then."""
    number: int = 0
    """The number of the last update."""


def first_seen(mentions: Sequence[Mention], now: datetime) -> Seen:
    """The state when a story is reported for the first time."""
    seen = Seen(told_at=now)
    for mention in mentions:
        seen = _with(seen, mention)
    return msgspec.structs.replace(seen, told_outlets=len(seen.outlets), since=0)


def update(updates: Updates, seen: Seen, mention: Mention, now: datetime) -> tuple[Seen, Mention | None, str]:
    """The state after one more article of the story, and the update to report, with the reason; None if there is none."""
    after = _with(seen, mention)
    reasons = list(_reasons(updates, seen, after, mention, now))
    return _told(after, mention, reasons, now) if reasons else (after, None, "")


def overdue(
    updates: Updates, seen: Seen, mention: Mention, now: datetime
) -> tuple[Seen, Mention | None, str]:
    """The same a day after the last message, if more has come since, though nothing comes now."""
    if seen.since and updates.daily and _is_a_day_later(seen, now):
        return _told(seen, mention, [_DAY], now)
    return seen, None, ""


def _told(seen: Seen, mention: Mention, reasons: Sequence[str], now: datetime) -> tuple[Seen, Mention, str]:
    number = seen.number + 1
    said = f"update {number}: {'; '.join(reasons)}{_since_last(seen)}"
    told = msgspec.structs.replace(seen, number=number, told_at=now, told_outlets=len(seen.outlets), since=0)
    return told, msgspec.structs.replace(mention, update=number), said


def _is_a_day_later(seen: Seen, now: datetime) -> bool:
    return seen.told_at is not None and now - seen.told_at >= DAILY


def _with(seen: Seen, mention: Mention) -> Seen:
    return msgspec.structs.replace(
        seen,
        outlets=tuple(dict.fromkeys((*seen.outlets, mention.source))),
        languages=tuple(dict.fromkeys((*seen.languages, mention.language))),
        since=seen.since + 1,
    )


def _reasons(updates: Updates, before: Seen, after: Seen, mention: Mention, now: datetime) -> Iterator[str]:
    had, has = len(before.outlets), len(after.outlets)
    if any(had < number <= has for number in updates.outlets):
        yield f"{has} outlets have it"
    if updates.new_language and before.languages and mention.language not in before.languages:
        yield f"the first in another language ({mention.language})"
    if updates.own_reports and mention.is_own:
        yield f"{mention.source} has a report of its own"
    if updates.daily and _is_a_day_later(before, now):
        yield _DAY


def _since_last(after: Seen) -> str:
    """What is new since the last message."""
    new = after.outlets[after.told_outlets :]
    named = ", ".join(new[:_NAMED]) + (f" and {len(new) - _NAMED} more" if len(new) > _NAMED else "")
    outlets = f", new outlets: {named}" if new else ""
    return f" ({plural(after.since, 'article')} since the last message{outlets})"
