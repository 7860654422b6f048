import asyncio
from collections.abc import Sequence

import pytest

from ingest.polling.feed_state import FeedState
from ingest.polling.group_commit import GroupCommit
from stream.errors import Reject, RetryLater
from stream.messages import Entry

A, B, C = (FeedState(url=f"https://{name}.example/") for name in "abc")


class Log:
    """Stores everything unless it is full; refuses states of C."""

    def __init__(self, *, full: bool = False) -> None:
        self.full = full
        self.writes: list[list[str]] = []
        self.may_go_on = asyncio.Event()

    async def publish(self, _entries: Sequence[Entry], states: Sequence[FeedState]) -> None:
        self.writes.append([state.url[8] for state in states])
        await self.may_go_on.wait()
        if self.full:
            raise RetryLater("disk-full", "no room")
        if C in states:
            raise Reject("too-large", "c is too large")


async def test_writes_requested_during_a_write_are_grouped_after_it() -> None:
    log = Log()
    commits = GroupCommit(log.publish)
    first = commits.add((), A)
    await asyncio.sleep(0)
    others = [commits.add((), B), commits.add((), A)]
    await asyncio.sleep(0)
    assert log.writes == [["a"]]
    assert not first.done()
    log.may_go_on.set()
    await asyncio.gather(first, *others)
    assert log.writes == [["a"], ["b", "a"]]
    await commits.add((), B)
    assert log.writes[2:] == [["b"]]


async def test_what_cannot_be_written_blocks_nobody() -> None:
    log = Log()
    log.may_go_on.set()
    commits = GroupCommit(log.publish)
    written = [commits.add((), state) for state in (A, C, B)]
    problems = await asyncio.gather(*written, return_exceptions=True)
    assert log.writes == [["a", "c", "b"], ["a"], ["c"], ["b"]]
    assert problems[0] is problems[2] is None
    assert isinstance(problems[1], Reject)


async def test_a_failing_log_fails_for_all_and_is_tried_again() -> None:
    log = Log(full=True)
    log.may_go_on.set()
    commits = GroupCommit(log.publish)
    for one in [commits.add((), A), commits.add((), B)]:
        with pytest.raises(RetryLater, match="no room"):
            await one
    log.full = False
    await commits.add((), A)
    assert log.writes == [["a", "b"], ["a"]]


async def test_a_cancelled_write_does_not_disturb_the_others() -> None:
    log = Log()
    commits = GroupCommit(log.publish)
    given_up, other = commits.add((), A), commits.add((), B)
    given_up.cancel()
    log.may_go_on.set()
    await other
    assert log.writes == [["a", "b"]]
