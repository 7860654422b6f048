"""Decides when to poll a feed again, and records why.

The best use of a number of requests is an interval of c / sqrt(rate): the total delay of all items is smallest when each feed's
interval is proportional to 1 / sqrt(rate) (Sia, Cho and Cho, "Efficient monitoring algorithm for fast news alerts",
IEEE TKDE 19(7), 2007). The rate is that of the coming hours, so the interval is found by summing sqrt(rate) until it reaches c.
In addition:

    never later than when a quarter of the feed's window is expected to be new, so that no item scrolls off unseen;
    not before the server or the feed allows it (max-age, Expires, ttl: an hour at most), unless items would be lost;
    not in hours and days that the feed declares free (skipHours, skipDays: a day at most);
    later after each failure in a row, depending on its kind, and never before Retry-After.

Times are seconds since 1970, spans are seconds.
"""

import hashlib
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import msgspec

from ingest.polling.rhythm import DAY, HOUR, Rhythm, hour_of, rates, weekday_of

WINDOW_SHARE = 0.25
"""The fraction of a feed's items that may be new at the next poll, on average; low because news comes in bursts."""
LONGEST_WISH = HOUR
"""The longest max-age, Expires or ttl that is respected: many are left at a software's default of a day or a year."""
LONGEST_SKIP = DAY
LONGEST_RETRY_AFTER = 7 * DAY
JITTER = 0.05
Family = Literal["passing", "nameless", "busy", "refused", "broken"]
_FIRST_WAIT: dict[Family, float] = {
    "passing": 300.0,
    "nameless": 900.0,
    "busy": 1800.0,
    "refused": 3600.0,
    "broken": 1800.0,
}

Why = Literal[
    "",
    "fixed",
    "pace",
    "window",
    "shortest",
    "quiet",
    "max-age",
    "ttl",
    "skip",
    "back-off",
    "retry-after",
    "offline",
    "longest",
    "not-stored",
]
"""What decided: the last of the rules that moved the time."""


def spread(url: str, poll: int = 0) -> float:
    """A fraction between -0.05 and 0.05 that depends only on the URL and the number of the poll, so that feeds don't all fall
    due at once, or always in the same order."""
    digest = hashlib.blake2b(f"jitter:{url}:{poll}".encode("utf-8", "replace"), digest_size=8).digest()
    return (int.from_bytes(digest) / 2**63 - 1) * JITTER


@dataclass(frozen=True)
class Policy:
    """When to ask again, in seconds.

    Attributes:
        pace: the interval for a feed with one item an hour; for others, it depends on the square root of their rate.
        every: a fixed interval for all feeds instead, whatever they ask for; 0: each has its own.
        shortest: the shortest interval.
        quiet: the longest interval, while all goes well.
        longest: the longest interval after errors.
        jitter: the fraction of its interval by which a feed is polled sooner or later, from its URL and the number of the poll.
    """

    pace: float = 1320.0
    every: float = 0.0
    shortest: float = 60.0
    quiet: float = 3 * HOUR
    longest: float = DAY
    jitter: Callable[[str, int], float] = spread


class Wishes(msgspec.Struct, frozen=True, gc=False):
    """How a feed and its server ask to be treated.

    Attributes:
        seconds: how long a response stays fresh.
        source: who says so.
        skip_hours: hours (UTC) in which it has no news.
        skip_days: weekdays, Monday is 0.
    """

    seconds: float = 0.0
    source: Literal["", "max-age", "ttl"] = ""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


NO_WISHES = Wishes()


class Plan(msgspec.Struct, frozen=True, gc=False):
    """After how many seconds to ask again, and what decided it."""

    seconds: float
    why: Why


def after_success(
    policy: Policy, rhythm: Rhythm, window: int, wishes: Wishes, now: float, jitter: float
) -> Plan:
    """When to ask a feed again after it answered.

    Args:
        policy: the policy.
        rhythm: what is known of it.
        window: how many items it shows; 0 if that is not known.
        wishes: what it asks for.
        now: when it answered.
        jitter: the fraction by which the interval is made longer or shorter.
    """
    if policy.every:
        return Plan(policy.every * (1 + jitter), "fixed")
    coming = tuple(rates(rhythm, now, now + policy.quiet))
    free = at_pace(policy, coming)
    full = until_items(WINDOW_SHARE * window, coming) if window else math.inf
    plan = Plan(free.seconds * (1 + jitter), free.why)
    wish = min(wishes.seconds, LONGEST_WISH)
    if wishes.source and wish > plan.seconds:
        plan = Plan(wish * (1 + abs(jitter)), wishes.source)
    plan = _past_skips(plan, wishes, now)
    if plan.seconds > full:
        plan = Plan(full * (1 - abs(jitter)), "window")
    return plan if plan.seconds >= policy.shortest else Plan(policy.shortest * (1 + abs(jitter)), "shortest")


def after_failure(
    policy: Policy,
    kind: str,
    failures: int,
    after: float | None,
    usual: float,
    jitter: float,
    *,
    offline: bool,
) -> Plan:
    """When to ask a feed again after a failure.

    Args:
        policy: the policy.
        kind: of the error.
        failures: how often in a row, this one included.
        after: seconds for which the server asks to be left alone; None if it does not.
        usual: the feed's interval if all were well.
        jitter: the fraction by which the interval is made longer or shorter.
        offline: this machine seems to be offline, so no feed is at fault.
    """
    plan = Plan(_first_wait(kind, usual) * 2.0 ** min(failures - 1, 30), "back-off")
    if offline:
        plan = Plan(_first_wait("connect", usual), "offline")
    if plan.seconds > policy.longest:
        plan = Plan(policy.longest, "longest")
    plan = Plan(plan.seconds * (1 + jitter), plan.why)
    if not policy.every and plan.seconds < policy.shortest:
        plan = Plan(policy.shortest, plan.why)
    if after is not None and min(after, LONGEST_RETRY_AFTER, policy.longest) > plan.seconds:
        plan = Plan(min(after, LONGEST_RETRY_AFTER, policy.longest) * (1 + abs(jitter)), "retry-after")
    return plan


def at_pace(policy: Policy, coming: Iterable[tuple[float, float]]) -> Plan:
    """The interval that follows from the feed's rate in the coming hours (as from `rates`) alone."""
    left, seconds = policy.pace / HOUR, 0.0
    for hours, rate in coming:
        weight = math.sqrt(rate)
        if left <= weight * hours:
            return Plan(seconds + left / weight * HOUR, "pace")
        left -= weight * hours
        seconds += hours * HOUR
    return Plan(policy.quiet, "quiet")


def until_items(items: float, coming: Iterable[tuple[float, float]]) -> float:
    """Seconds until the feed is expected to have so many more items; infinity if not in the coming hours (as from `rates`)."""
    left, seconds = items, 0.0
    for hours, rate in coming:
        if left <= rate * hours:
            return seconds + left / rate * HOUR
        left -= rate * hours
        seconds += hours * HOUR
    return math.inf


def _past_skips(plan: Plan, wishes: Wishes, now: float) -> Plan:
    """The plan, put off to the end of the hours and days that the feed declares free."""
    due = now + plan.seconds
    last = due + LONGEST_SKIP
    while due < last and (hour_of(due) in wishes.skip_hours or weekday_of(due) in wishes.skip_days):
        due = (due // HOUR + 1) * HOUR
    return plan if due == now + plan.seconds else Plan(due - now, "skip")


def family_of(kind: str) -> Family:
    """What sort of failure it is.

    `passing`: a fault of the network or the server. `nameless`: the DNS has no such host. `busy`: the server asks us to wait
    (429, 503). `refused`: any other 4xx, or a URL that may not be fetched. `broken`: not a feed, too large, or a bug.
    """
    if kind == "dns":
        return "nameless"
    if kind in ("http-429", "http-503"):
        return "busy"
    if kind in ("timeout", "connect", "proxy", "tls", "broken-response", "http-408") or kind.startswith(
        "http-5"
    ):
        return "passing"
    if kind.startswith("http-") or kind in ("bad-url", "blocked-address"):
        return "refused"
    return "broken"


def is_network(kind: str) -> bool:
    """Whether a failure may be due to our own connection."""
    return kind in ("timeout", "connect", "proxy", "dns")


def _first_wait(kind: str, usual: float) -> float:
    """The delay after the first failure: short for temporary problems, long for those that a person must fix."""
    family = family_of(kind)
    wait = _FIRST_WAIT[family]
    return min(usual, wait) if family == "passing" else max(usual, wait)
