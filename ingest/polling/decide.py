"""Decisions about polls, without I/O: what to request, and how a response changes the state of a feed."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from ingest.formats.items import ParsedFeed
from ingest.http.response import Response
from ingest.polling import rhythm as rhythms
from ingest.polling import schedule
from ingest.polling.feed_state import FeedState
from ingest.polling.freshness import fresh_for
from ingest.polling.news import News
from ingest.polling.rhythm import DAY, HOUR, Rhythm
from ingest.polling.schedule import Plan, Policy, Wishes
from ingest.sources.feed import Feed

MOVES_BELIEVED = 3
"""A permanent redirect is adopted after this many in a row: a single one may be a mistake."""
UNCONDITIONAL_EVERY = timedelta(days=1)
"""Some servers answer 304 for ever, so the whole feed is requested after this long without it,"""
UNCONDITIONAL_ITEMS = 3.0
"""and as soon as a quarter of its window, and at least this many items, should be new according to its rhythm."""
PROOFS = 3
"""Until a server has reported this many changes to conditional requests, every other request is for the whole feed."""
LIES_BELIEVED = 5
"""With this much evidence against a server's 304s, conditional requests stop,"""
LIES_REMEMBERED = timedelta(days=30)
"""for this long."""
SUSPICION, LIE = 1, 2
"""The evidence against them: news in the first whole response after a 304; and news older than the 304."""
LIE_MARGIN = timedelta(minutes=15)
"""An item may appear in the feed this long after its date."""
LATE = 6 * HOUR
"""A new item's date may be at most this long before the previous poll to count as its time of publication."""
DAYS_KEPT = 15
MAX_REASON = 500
MAX_VALIDATOR = 1_000
"""Longer ones are not kept, because they would be sent with each request."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Validators(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The validators and freshness of a response, and where it redirected to."""

    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    """Where permanent redirects led; '' if there were none, or others too."""
    fresh: float = 0.0
    """Seconds for which it stays fresh."""


class Unchanged(msgspec.Struct, frozen=True, gc=False):
    """The server said that nothing has changed (304)."""

    validators: Validators


class Same(msgspec.Struct, frozen=True, gc=False):
    """The server sent the body that it had sent before."""

    validators: Validators


class Read(msgspec.Struct, frozen=True, gc=False):
    """The feed was read. `whole`: it was asked for without conditions. `body`: hash of what was sent."""

    validators: Validators
    feed: ParsedFeed
    news: News
    whole: bool = False
    body: bytes = b""


class Failed(msgspec.Struct, frozen=True, gc=False):
    """The feed was not reached, or could not be read.

    `after`: seconds to wait at the server's request; None if it made none.
    """

    kind: str
    reason: str
    after: float | None = None


class Gone(msgspec.Struct, frozen=True):
    """The server said that the feed was removed for good (410)."""

    reason: str


Outcome = Unchanged | Same | Read | Failed | Gone


def due_at(state: FeedState | None) -> datetime | None:
    """When a feed is due; None if never."""
    if state is None:
        return _LONG_AGO
    return None if state.gone else state.next_due or _LONG_AGO


def address(feed: Feed, state: FeedState) -> str:
    """The URL to ask: the one in the feed list, until a permanent redirect has been met three times in a row."""
    return state.moved_to if state.moves >= MOVES_BELIEVED else feed.url


def validators(asked: str, response: Response, now: datetime) -> Validators:
    """What a response says of its version and of where the feed has moved from the address that was asked."""
    etag, last_modified = (response.headers.get(name, "") for name in ("etag", "last-modified"))
    return Validators(
        etag=etag if len(etag) <= MAX_VALIDATOR else "",
        last_modified=last_modified if len(last_modified) <= MAX_VALIDATOR else "",
        moved_to=response.url if response.permanent and response.url != asked else "",
        fresh=fresh_for(response.headers, now),
    )


def conditions(state: FeedState, now: datetime) -> dict[str, str]:
    """The headers of a conditional request (RFC 9110, 13.1); none if the whole feed is to be asked for."""
    headers = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
    given = {name: value for name, value in headers.items() if value}
    return given if given and _is_believed(state, now) else {}


def whatever_it_says(said: Validators) -> Validators:
    """The same without what would make the next request a conditional one."""
    return msgspec.structs.replace(said, etag="", last_modified="")


def next_state(
    state: FeedState, outcome: Outcome, now: datetime, policy: Policy, *, offline: bool = False
) -> FeedState:
    """The state of a feed after a poll. `offline`: nothing could be reached recently, so no feed is at fault."""
    before, state = state, msgspec.structs.replace(state, last_polled=now, polls=state.polls + 1)
    match outcome:
        case Unchanged(validators):
            return _unchanged(state, validators, now, policy)
        case Same(validators):
            return _same(state, validators, now, policy)
        case Read():
            state = _judged(before, state, outcome, now)
            return _was_read(state, outcome, now, policy)
        case Failed():
            return _failed(state, outcome, now, policy, offline=offline)
        case Gone(reason):
            gone = _failed(state, Failed("http-410", reason), now, policy, offline=False)
            return msgspec.structs.replace(gone, gone=True, next_due=None, why="")


def pushed(state: FeedState, found: News, now: datetime) -> FeedState:
    """What is known of a feed after its hub has sent some items; when it is polled next stays as it was."""
    count = len(found.entries) + found.unusable
    return msgspec.structs.replace(
        _learned(state, found.published, now),
        known=found.known,
        told=found.told,
        seen=(),
        items=state.items + count,
        unusable=state.unusable + found.unusable,
        last_item_seen=now if count else state.last_item_seen,
        last_pushed=now,
    )


def put_off(state: FeedState, now: datetime, policy: Policy) -> FeedState:
    """The same state, not due again before the next interval: what a poll found could not be stored."""
    return _planned(state, Plan(usual(state, now, policy).seconds, "not-stored"), now)


def usual(state: FeedState, now: datetime, policy: Policy) -> Plan:
    """When the feed is asked again if all is well."""
    known = rhythm_of(state, now)
    jitter = policy.jitter(state.url, state.polls)
    return schedule.after_success(policy, known, state.window, wishes(state), now.timestamp(), jitter)


def rhythm_of(state: FeedState, now: datetime) -> Rhythm:
    """What has been learned about how often a feed has news."""
    return rhythms.unpack(state.rhythm) or Rhythm(now.timestamp())


def wishes(state: FeedState) -> Wishes:
    """How the feed and its server ask to be treated."""
    if state.ttl > state.fresh:
        return Wishes(state.ttl, "ttl", state.skip_hours, state.skip_days)
    return Wishes(state.fresh, "max-age" if state.fresh else "", state.skip_hours, state.skip_days)


def _is_believed(state: FeedState, now: datetime) -> bool:
    """Whether to trust the server when it says that nothing has changed."""
    if state.last_read is None or now - state.last_read >= UNCONDITIONAL_EVERY:
        return False
    if state.lies >= LIES_BELIEVED and state.lied and now - state.lied < LIES_REMEMBERED:
        return False
    if not state.unchanged:
        return True
    if state.proven < PROOFS:
        return False
    waited_for = rhythms.expected(rhythm_of(state, now), state.last_read.timestamp(), now.timestamp())
    return waited_for < max(schedule.WINDOW_SHARE * state.window, UNCONDITIONAL_ITEMS)


def _unchanged(state: FeedState, validators: Validators, now: datetime, policy: Policy) -> FeedState:
    """After a 304; validators that it does not repeat stay as they were. Nothing is learned from it, since it may be wrong."""
    state = msgspec.structs.replace(
        state,
        etag=validators.etag or state.etag,
        last_modified=validators.last_modified or state.last_modified,
        unchanged=state.unchanged + 1,
    )
    return _went_well(state, validators, now, policy)


def _same(state: FeedState, validators: Validators, now: datetime, policy: Policy) -> FeedState:
    """After the same body as before, which shows that no 304 was wrong; its validators may still be new."""
    state = msgspec.structs.replace(
        state,
        etag=validators.etag,
        last_modified=validators.last_modified,
        last_read=now,
        unchanged=0,
        lies=0 if state.unchanged else state.lies,
    )
    return _went_well(_learned(state, (), now), validators, now, policy)


def _was_read(state: FeedState, outcome: Read, now: datetime, policy: Policy) -> FeedState:
    """After the whole feed; one that was incomplete is not asked for conditionally, so that the rest may come."""
    parsed, found = outcome.feed, outcome.news
    validators = Validators() if parsed.incomplete else outcome.validators
    count = len(found.entries) + found.unusable
    state = _learned(state, found.published, now)
    state = msgspec.structs.replace(
        state,
        title=parsed.title or state.title,
        etag=validators.etag,
        last_modified=validators.last_modified,
        body=outcome.body,
        unchanged=0,
        last_read=now,
        last_item_seen=now if count else state.last_item_seen,
        window=len(parsed.items),
        ttl=float(parsed.ttl or 0),
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
        known=found.known,
        told=found.told,
        titles=found.titles,
        seen=(),
        renewed=now if found.renewed else state.renewed,
        overflowed=now if found.overflowed else state.overflowed,
        items=state.items + count,
        unusable=state.unusable + found.unusable,
        hub=parsed.hubs[0] if parsed.hubs else "",
        topic=(parsed.self_url or state.url) if parsed.hubs else "",
    )
    return _went_well(state, outcome.validators, now, policy)


def _judged(before: FeedState, state: FeedState, outcome: Read, now: datetime) -> FeedState:
    """The state, updated with what the response says about the server's 304s.

    A server that reports news to a conditional request can detect changes: all evidence against it is dropped. If the whole
    response after a 304 has news, the 304 may have been wrong: an honest server reports news itself at least as often as news
    happens to appear at just that moment, so five misses in a row occur by chance once in 32 times. News older than the 304
    is stronger evidence, although backdated items look the same.
    """
    has_news = bool(outcome.news.entries or outcome.news.unusable)
    if not outcome.whole:
        proven = min(before.proven + has_news, PROOFS)
        return msgspec.structs.replace(state, proven=proven, lies=0 if has_news else before.lies)
    if (
        not (has_news and before.unchanged and before.last_read and before.last_polled)
        or outcome.news.renewed
    ):
        return state
    read, until = before.last_read.timestamp(), (before.last_polled - LIE_MARGIN).timestamp()
    if any(read < published <= until for published in outcome.news.published):
        return msgspec.structs.replace(state, lies=before.lies + LIE, lied=now, proven=0)
    return msgspec.structs.replace(state, lies=before.lies + SUSPICION, lied=now)


def _learned(state: FeedState, published: Sequence[float], now: datetime) -> FeedState:
    """With the rhythm and the counts of the days up to now."""
    moment, before = now.timestamp(), rhythms.unpack(state.rhythm)
    if before is None:
        times = [time for time in published if time <= moment]
        rhythm = rhythms.begin(times, moment)
    else:
        times = [time if before.at - LATE < time <= moment else moment for time in published]
        rhythm = rhythms.learn(before, times, moment)
    day, daily = _counted(state, times, int(moment // DAY))
    latest = datetime.fromtimestamp(max(times), UTC) if times else state.last_published
    return msgspec.structs.replace(state, rhythm=rhythm.pack(), day=day, daily=daily, last_published=latest)


def _counted(state: FeedState, times: Sequence[float], today: int) -> tuple[int, tuple[int, ...]]:
    """The counts by day, from the first known day up to today."""
    if not times and state.day == today:
        return today, state.daily
    before, found = days(state), Counter(int(time // DAY) for time in times)
    first = max(min(before or found, default=today), today - DAYS_KEPT + 1)
    return today, tuple(before.get(day, 0) + found[day] for day in range(first, today + 1))


def days(state: FeedState) -> dict[int, int]:
    """The items of the last two weeks by day, counted from 1 January 1970."""
    begin = state.day - len(state.daily) + 1
    return dict(enumerate(state.daily, begin))


def _went_well(state: FeedState, validators: Validators, now: datetime, policy: Policy) -> FeedState:
    moved_to, moves = _moved(state, validators)
    state = msgspec.structs.replace(
        state,
        fresh=validators.fresh,
        failures=0,
        failing_since=None,
        error_kind="",
        error_reason="",
        moved_to=moved_to,
        moves=moves,
    )
    return _planned(state, usual(state, now, policy), now)


def _moved(state: FeedState, validators: Validators) -> tuple[str, int]:
    """Where the feed says that it has moved, and how often it said so in a row."""
    if validators.moved_to:
        return validators.moved_to, state.moves + 1 if validators.moved_to == state.moved_to else 1
    return (state.moved_to, state.moves) if state.moves >= MOVES_BELIEVED else ("", 0)


def _failed(state: FeedState, outcome: Failed, now: datetime, policy: Policy, *, offline: bool) -> FeedState:
    """After an error. An adopted redirect is dropped if its target is unavailable: the URL in the feed list is polled again."""
    lost = schedule.family_of(outcome.kind) not in ("passing", "busy")
    state = msgspec.structs.replace(
        state,
        failures=state.failures + 1,
        failing_since=state.failing_since or now,
        error_kind=outcome.kind,
        error_reason=outcome.reason[:MAX_REASON],
        moved_to="" if lost else state.moved_to,
        moves=0 if lost else state.moves,
    )
    wait = schedule.after_failure(
        policy,
        outcome.kind,
        state.failures,
        outcome.after,
        usual(state, now, policy).seconds,
        policy.jitter(state.url, state.polls),
        offline=offline,
    )
    return _planned(state, wait, now)


def _planned(state: FeedState, plan: Plan, now: datetime) -> FeedState:
    return msgspec.structs.replace(state, next_due=now + timedelta(seconds=plan.seconds), why=plan.why)
