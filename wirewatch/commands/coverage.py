"""Which feeds answered, so that nobody takes "no hits" for "nothing happened" while half the sources were down."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import click

from ingest.polling.coverage import health
from ingest.polling.feed_state import FeedState
from ingest.polling.schedule import is_network
from ingest.sources.feed import Feed
from results.parts import Coverage
from stream.clock import utc_now
from stream.errors import WirewatchError
from stream.log.base import LogError
from stream.words import plural
from wirewatch.composition.source_health import shown_coverage
from wirewatch.config import Config, Paths
from wirewatch.topics import feed_list, feed_states, open_log

_DEMO = "(`wirewatch demo` needs no internet.)"
_WHAT_TO_CHECK = {
    "dns": f"No host name could be looked up: is this machine online, and does its DNS work? {_DEMO}",
    "connect": f"No server could be reached: is this machine online, or does it need a proxy? {_DEMO}",
    "timeout": f"No server answered in time: is this machine online, or does it need a proxy? {_DEMO}",
    "proxy": "The proxy let nothing through: is its address right, and does it run?",
    "tls": "No secure connection could be made: does this network use a certificate of its own, and is the clock right?",
    "blocked-address": "All feeds lead to private addresses; allow their networks with --allow-private or fetch.allow_private.",
}
"""By the kind of a failure that all feeds share."""

NAMED = 10
"""Failing feeds that are named; the others are counted."""


def failing(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> list[Feed]:
    """The feeds whose last poll failed, or that are gone; not those that are paused."""
    return [
        feed
        for feed in feeds
        if not feed.paused and (state := states.get(feed.url)) and (state.failures or state.gone)
    ]


def unpolled(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> list[Feed]:
    """The feeds that were never polled."""
    return [
        feed
        for feed in feeds
        if not feed.paused and (feed.url not in states or states[feed.url].last_polled is None)
    ]


def describe(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> str:
    """How many feeds answered at their last poll, in a sentence."""
    dark, new, paused = (
        len(failing(feeds, states)),
        len(unpolled(feeds, states)),
        len(list(filter(_paused, feeds))),
    )
    text = f"{len(feeds) - dark - new - paused:,} of {plural(len(feeds), 'feed')} answered when last polled"
    return text + (f"; {new:,} not polled yet" if new else "") + (f"; {paused:,} paused" if paused else "")


def _paused(feed: Feed) -> bool:
    return feed.paused


def describe_failing(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> list[str]:
    """A line for each feed that fails, with the reason."""
    dark = failing(feeds, states)
    lines = [f"  {feed.title or feed.url}: {reason(states[feed.url])}" for feed in dark[:NAMED]]
    if len(dark) > NAMED:
        lines.append(f"  ... and {len(dark) - NAMED:,} more (see: wirewatch feeds list)")
    return [f"{plural(len(dark), 'feed')} failed:", *lines] if dark else []


def left_out(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> dict[str, int]:
    """How many items of each feed had nothing in them that could be kept, by URL."""
    return {feed.url: state.unusable for feed in feeds if (state := states.get(feed.url)) and state.unusable}


def describe_left_out(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> list[str]:
    """A line for each feed with items that were left out."""
    counts = left_out(feeds, states)
    lines = [f"  {feed.title or feed.url}: {counts[feed.url]:,}" for feed in feeds if feed.url in counts]
    if len(lines) > NAMED:
        lines[NAMED:] = [f"  ... and {len(lines) - NAMED:,} more (see: wirewatch sources --all)"]
    total = plural(sum(counts.values()), "item")
    return [f"{total} left out so far, without address, title or text:", *lines] if lines else []


def outage(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> str:
    """What to check first where every feed fails; '' where some answer, or the fault is not this machine's."""
    dark = failing(feeds, states)
    asked = [feed for feed in feeds if not feed.paused]
    if not asked or len(dark) < len(asked) or fault_of_ours(feeds, states):
        return ""
    return what_to_check({states[feed.url].error_kind for feed in dark})


def what_to_check(kinds: Collection[str]) -> str:
    """What to check first where all failures are of these kinds; '' if nothing is known that they have in common."""
    if len(kinds) == 1:
        return _WHAT_TO_CHECK.get(next(iter(kinds)), "")
    return _WHAT_TO_CHECK["connect"] if kinds and all(map(is_network, kinds)) else ""


def fault_of_ours(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> str:
    """Why no feed could be polled, if that is a fault in wirewatch and not of any feed; else ''."""
    polled = [state for feed in feeds if (state := states.get(feed.url)) and state.last_polled]
    if not polled or any(not state.failures or state.error_kind != "bug" for state in polled):
        return ""
    return polled[0].error_reason


def check_ourselves(feeds: Sequence[Feed], states: Mapping[str, FeedState]) -> None:
    """Raise ClickException (exit code 1) if every feed failed by a fault of ours: then nothing that was said is of use."""
    fault = fault_of_ours(feeds, states)
    if fault:
        raise click.ClickException(
            f"no feed could be polled, by a fault in wirewatch itself: {fault}\n"
            "Please report it, with the traceback above; the feeds are not to blame, and nothing is lost."
        )


def silent(feeds: Sequence[Feed], states: Mapping[str, FeedState], now: datetime) -> dict[str, str]:
    """The feeds that answer, but have had nothing new for unusually long: by URL, with the reason."""
    judged = {feed.url: health(states.get(feed.url), now) for feed in feeds if not feed.paused}
    return {url: one.reason for url, one in judged.items() if one.status == "silent"}


def describe_silent(feeds: Sequence[Feed], quiet: Mapping[str, str]) -> list[str]:
    """A line for each feed that went silent, with what is usual for it."""
    lines = [f"  {feed.title or feed.url}: {quiet[feed.url]}" for feed in feeds if feed.url in quiet]
    if len(lines) > NAMED:
        lines[NAMED:] = [f"  ... and {len(lines) - NAMED:,} more (see: wirewatch sources)"]
    return ["These feeds answer, but have gone quiet:", *lines] if lines else []


def reason(state: FeedState) -> str:
    """Why a feed's last poll failed, in words."""
    return f"{state.error_kind}: {state.error_reason}"


def read(config: Config, paths: Paths) -> tuple[Sequence[Feed], Mapping[str, FeedState]]:
    """The feed list, and what is known of its feeds."""
    with open_log(config, paths, begins=False) as log:
        return feed_list(config, paths, log).load(), feed_states(log)


def shown(config: Config, paths: Paths) -> Coverage | None:
    """How much of the feed list was heard, for programs; None where there is no list, or the log can't be read now."""
    if not (config.kafka.bootstrap_servers or paths.feeds.exists()):
        return None
    try:
        feeds, states = read(config, paths)
    except (WirewatchError, LogError):
        return None  # the hits are valid without it
    return shown_coverage(feeds, states, utc_now())


def report(config: Config, paths: Paths) -> list[str]:
    """What to add to "no hits"; nothing where there is no feed list."""
    if not (config.kafka.bootstrap_servers or paths.feeds.exists()):
        return []
    feeds, states = read(config, paths)
    quiet = silent(feeds, states, utc_now())
    return [
        describe(feeds, states) + ".",
        *describe_failing(feeds, states),
        *filter(None, [outage(feeds, states)]),
        *describe_silent(feeds, quiet),
    ]
