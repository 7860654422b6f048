"""The report of a poll, for progress, metrics and logs."""

from typing import Literal

import msgspec

from ingest.formats.items import ReadBy
from ingest.polling.decide import Failed, Gone, Outcome, Read, Same, Unchanged
from ingest.sources.feed import Feed

Result = Literal["read", "unchanged", "failed", "gone", "not-stored"]


class PollReport(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The outcome of one poll, for progress and logs."""

    feed: Feed
    result: Result
    """`not-stored`: whatever the poll found could not be published; the feed will be asked again."""
    new: int = 0
    """Entries published."""
    items: int = 0
    """Items that the feed shows."""
    unusable: int = 0
    """New items with nothing in them: no address, title or text."""
    read_by: ReadBy | None = None
    incomplete: bool = False
    kind: str = ""
    """Of the error; '' if there is none."""
    reason: str = ""
    seconds: float = 0.0


def report(feed: Feed, outcome: Outcome, seconds: float, *, stored: bool) -> PollReport:
    """The report of a poll that took so many seconds; `stored`: whether its result could be published."""
    match outcome:
        case Read(_, parsed, news):
            return PollReport(
                feed=feed,
                result="read",
                new=len(news.entries),
                items=len(parsed.items),
                unusable=news.unusable,
                read_by=parsed.read_by,
                incomplete=parsed.incomplete,
                seconds=seconds,
            )
        case Unchanged() | Same():
            return PollReport(feed=feed, result="unchanged", seconds=seconds)
        case Gone(reason):
            return PollReport(feed=feed, result="gone", kind="http-410", reason=reason, seconds=seconds)
        case Failed(kind, reason):
            result: Result = "failed" if stored else "not-stored"
            return PollReport(feed=feed, result=result, kind=kind, reason=reason, seconds=seconds)
