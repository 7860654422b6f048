"""What becomes of a message that a stage could not handle.

Two compacted topics, each keyed by the message's own id: `retries` holds those that are tried again by themselves at their
time, `quarantine` those that wait for a person. Either way the message is kept as it was, with its reason. Going back into
its topic and leaving the shelf is one step of the log, so a message is never in neither.
"""

import hashlib
import heapq
import threading
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from wirewatch.errors import Reject, RetryLater
from wirewatch.messages import Dead, decode, encode
from wirewatch.stage import Topic
from wirewatch.transport.base import Log, Outgoing, Record

RETRIES = Topic("retries", Dead, compacted=True)
QUARANTINE = Topic("quarantine", Dead, compacted=True)

BACK_OFF = (2.0, 5.0, 30.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 86_400.0)
"""Seconds before the next try, by the number of tries so far: some 33 hours in all, an outage overnight and a day."""

ORPHANED = timedelta(seconds=20)
"""So long after its time a message counts as forgotten by the process that put it off."""


def dead_letter(stage: str, record: Record, error: Exception, now: datetime) -> Dead:
    """What to keep of a message that failed, and when it is tried again, if ever."""
    attempts = record.attempt + 1
    retry_at = None
    match error:
        case Reject(kind=kind, reason=reason):
            pass
        case RetryLater(kind=kind, reason=reason, after=after):
            if attempts <= len(BACK_OFF):
                retry_at = now + timedelta(seconds=max(after or 0.0, BACK_OFF[attempts - 1]))
        case msgspec.DecodeError():
            kind, reason = "undecodable", f"not a message of topic {record.topic}: {error}"
        case _:
            kind, reason = "bug", "".join(traceback.format_exception(error)[-3:])
    return Dead(
        id=_identity(stage, record),
        stage=stage,
        topic=record.topic,
        key=record.key,
        value=record.value,
        kind=kind,
        reason=reason,
        attempts=attempts,
        failed=now,
        retry_at=retry_at,
    )


def _identity(stage: str, record: Record) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in (stage.encode(), record.topic.encode(), record.key.encode(), record.value):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def shelve(dead: Dead) -> Outgoing:
    """The message that puts it on its shelf."""
    shelf = QUARANTINE if dead.retry_at is None else RETRIES
    return Outgoing(shelf.name, dead.id, encode(dead))


def put_back(dead: Dead) -> list[Outgoing]:
    """The messages that take it off its shelf, back into the topic that it came from."""
    shelf = QUARANTINE if dead.retry_at is None else RETRIES
    return [
        Outgoing(dead.topic, dead.key, dead.value, attempt=dead.attempts),
        Outgoing(shelf.name, dead.id, None),
    ]


def read(log: Log, shelf: Topic) -> list[Dead]:
    """All that lies on a shelf, oldest first."""
    return sorted(
        (decode(value, Dead) for value in log.latest(shelf.name).values()), key=lambda d: (d.failed, d.id)
    )


def retry(log: Log, dead: Sequence[Dead]) -> None:
    """Try them again now; a person who asks for it gives them all their tries anew."""
    fresh = [msgspec.structs.replace(one, attempts=0) for one in dead]
    log.produce([message for one in fresh for message in put_back(one)])


@dataclass(order=True, frozen=True)
class _Appointment:
    at: datetime
    id: str


class Retries:
    """The appointments of the shelf `retries`; what it keeps in memory is a time and an id for each. Safe in any thread."""

    def __init__(self, log: Log, now: Callable[[], datetime]) -> None:
        self._log = log
        self._now = now
        self._heap: list[_Appointment] = []
        self._lock = threading.Lock()
        self.expect(read(log, RETRIES))

    def expect(self, dead: Iterable[Dead]) -> None:
        """Note the time of those that have one."""
        with self._lock:
            for one in dead:
                if one.retry_at is not None:
                    heapq.heappush(self._heap, _Appointment(one.retry_at, one.id))

    def __len__(self) -> int:
        """How many are waiting."""
        return len(self._heap)

    def due_within(self, seconds: float) -> bool:
        """Whether one comes up so soon."""
        return self._has_until(self._now() + timedelta(seconds=seconds))

    def put_back_due(self) -> int:
        """Put back what has come due and is still on the shelf; returns how many."""
        now = self._now()
        if not self._has_until(now):
            return 0
        number = self._put_back_until(now)
        with self._lock:
            while self._has_until(now):
                heapq.heappop(self._heap)
        return number

    def put_back_orphans(self) -> int:
        """Put back what nobody did although it has been due for a while: the process that put it off is gone."""
        return self._put_back_until(self._now() - ORPHANED)

    def _put_back_until(self, moment: datetime) -> int:
        due = [one for one in read(self._log, RETRIES) if one.retry_at is not None and one.retry_at <= moment]
        if due:
            self._log.produce([message for one in due for message in put_back(one)])
        return len(due)

    def _has_until(self, moment: datetime) -> bool:
        return bool(self._heap) and self._heap[0].at <= moment
