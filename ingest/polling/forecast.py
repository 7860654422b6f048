"""Explains when a feed is polled next, and why."""

from datetime import datetime

from ingest.polling.decide import conditions, rhythm_of, wishes
from ingest.polling.feed_state import FeedState
from ingest.polling.rhythm import HOUR, Rhythm, rates
from ingest.polling.schedule import LONGEST_WISH, WINDOW_SHARE, Policy, at_pace, until_items
from results.sources import Forecast

_WHY = {
    "": "it was never polled",
    "fixed": "the interval is fixed by poll.every_seconds",
    "pace": "its normal pace: poll.pace_seconds divided by the square root of its rate in the coming hours",
    "window": "by then a quarter of the items that it shows should be new, and none may scroll off unseen",
    "shortest": "no feed is polled again before poll.shortest_seconds",
    "quiet": "it has little news, and is polled after poll.quiet_seconds at the latest",
    "max-age": "its server says how long a response stays fresh (respected for up to an hour)",
    "ttl": "the feed says how long it stays fresh (ttl, respected for up to an hour)",
    "skip": "the feed has no news before (skipHours, skipDays)",
    "back-off": "it failed, and is polled less often after each failure",
    "retry-after": "its server asked us to wait until then (Retry-After)",
    "offline": "nothing could be reached recently: this machine seems to be offline",
    "longest": "it failed often, and is polled after poll.longest_seconds at the latest",
    "not-stored": "its response could not be stored",
}


def because(state: FeedState) -> str:
    """In words, why a feed is polled next when it is."""
    return (
        "it was removed permanently, and is no longer polled"
        if state.gone
        else _WHY.get(state.why, state.why)
    )


def forecast(state: FeedState, now: datetime, policy: Policy) -> Forecast:
    """When a feed is polled next, judging by what is known of it."""
    rhythm, moment = rhythm_of(state, now), now.timestamp()
    month = rates(rhythm, moment, moment + 30 * 24 * HOUR)
    full = until_items(WINDOW_SHARE * state.window, month) if state.window else None
    asked = wishes(state).seconds
    return Forecast(
        next_due=state.next_due,
        why=state.why,
        because=because(state),
        per_day=round(24 * rhythm.mean, 2),
        rate_now=round(next(rates(rhythm, moment, moment + 1))[1], 3),
        busiest_hours=_busiest(rhythm),
        window=state.window,
        pace_seconds=round(at_pace(policy, rates(rhythm, moment, moment + policy.quiet)).seconds),
        window_seconds=None if full is None or full == float("inf") else round(full),
        wish_seconds=min(asked, LONGEST_WISH),
        conditional=bool(conditions(state, state.next_due or now)),
    )


def _busiest(rhythm: Rhythm) -> tuple[int, ...]:
    """Only hours that had items at all."""
    hours = sorted(range(24), key=lambda hour: rhythm.by_hour[hour], reverse=True)[:3]
    return tuple(sorted(hour for hour in hours if rhythm.by_hour[hour] > 0))
