"""What becomes of a message that a stage could not handle.

Two compacted topics: `retries` holds those that are tried again by themselves at their time, `quarantine` those that wait for
a person. Either way the message is kept as it was, with its reason. It goes back into its topic before it leaves the shelf, in
one step where the log has such, so it is never in neither.

A message that the log does not take (it is larger than a topic allows) can't be kept as it was: its id, size and reason are.

A shelf is keyed by message and place. In between those two steps the message may have failed again: that must not be taken
off the shelf for it. What fails twice at one place (a crash came before the commit) is there once.
"""

import hashlib
import heapq
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from stream.errors import Reject, RetryLater
from stream.log.base import Log, Outgoing, Record
from stream.messages import Dead, decode, encode
from stream.stage import Topic

RETRIES = Topic("retries", Dead, compacted=True)
QUARANTINE = Topic("quarantine", Dead, compacted=True)

BACK_OFF = (2.0, 5.0, 30.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 86_400.0)
"""Seconds before the next try, by the number of tries so far: some 33 hours in all, an outage overnight and a day."""

_REASON_CHARACTERS = 500

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
        place=f"{record.partition}.{record.offset}",
    )


def _identity(stage: str, record: Record) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in (stage.encode(), record.topic.encode(), record.key.encode(), record.value):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def without_value(dead: Dead, error: Reject) -> Dead:
    """What can be kept of a message that even the shelf does not take: it waits for a person, and can't be put back.

    Args:
        dead: the whole dead letter.
        error: what the log said of it.
    """
    partition, _, offset = dead.place.partition(".")
    where = f", at offset {offset} of partition {partition}" if offset else ""
    return msgspec.structs.replace(
        dead,
        value=b"",
        omitted=len(dead.value),
        kind="too-large",
        reason=(
            f"{dead.kind}: {_cut(dead.reason)}. The message ({len(dead.value)} bytes) is too large for the quarantine"
            f" ({error.reason}); topic {dead.topic} still has it{where} until the log forgets it"
        ),
        retry_at=None,
    )


def _cut(reason: str) -> str:
    """A reason, short: it must fit where the message did not."""
    return reason if len(reason) <= _REASON_CHARACTERS else reason[:_REASON_CHARACTERS] + " ..."


def shelve(dead: Dead) -> Outgoing:
    """The message that puts it on its shelf."""
    return Outgoing(_shelf(dead).name, _key(dead), encode(dead))


def put_back(copies: Sequence[Dead], attempt: int | None = None) -> list[Outgoing]:
    """The messages that take one off its shelf, back into the topic that it came from.

    Args:
        copies: all that the shelf has of it; the last one says how often it was tried,
        attempt: unless that is given.
    """
    last = copies[-1]
    tried = last.attempts if attempt is None else attempt
    return [Outgoing(last.topic, last.key, last.value, attempt=tried), *_take_off(copies)]


def _take_off(copies: Sequence[Dead]) -> list[Outgoing]:
    return [Outgoing(_shelf(one).name, _key(one), None) for one in copies]


def _shelf(dead: Dead) -> Topic:
    return QUARANTINE if dead.retry_at is None else RETRIES


def _key(dead: Dead) -> str:
    return f"{dead.id}@{dead.place}" if dead.place else dead.id


def read(log: Log, shelf: Topic) -> list[Dead]:
    """All that lies on a shelf, oldest first; a message once, as it failed last."""
    return sorted((copies[-1] for copies in _copies(log, shelf).values()), key=lambda d: (d.failed, d.id))


def _copies(log: Log, shelf: Topic) -> Mapping[str, Sequence[Dead]]:
    """What lies on a shelf, by the message's id: more than once what was more than once in its topic."""
    found: dict[str, list[Dead]] = {}
    for one in sorted((decode(value, Dead) for value in log.latest(shelf.name).values()), key=_when):
        found.setdefault(one.id, []).append(one)
    return found


def _when(dead: Dead) -> tuple[datetime, int]:
    return dead.failed, dead.attempts


def retry(log: Log, dead: Sequence[Dead]) -> int:
    """Try them again now; a person who asks for it gives them all their tries anew. Those without their message stay where they
    are. Returns how many were put back."""
    wanted = {one.id for one in dead if not one.omitted}
    on_shelves = [item for shelf in (QUARANTINE, RETRIES) for item in _copies(log, shelf).items()]
    chosen = [copies for id_, copies in on_shelves if id_ in wanted]
    log.produce([message for copies in chosen for message in put_back(copies, attempt=0)])
    return len(wanted)


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
        due = [
            copies
            for copies in _copies(self._log, RETRIES).values()
            if copies[-1].retry_at is not None and copies[-1].retry_at <= moment
        ]
        try:
            self._log.produce([message for copies in due for message in put_back(copies)])
        except Reject:  # one of them is too large for its topic by now
            for copies in due:
                self._put_back_one(copies)
        return len(due)

    def _put_back_one(self, copies: Sequence[Dead]) -> None:
        try:
            self._log.produce(put_back(copies))
        except Reject as error:
            self._log.produce([shelve(without_value(copies[-1], error)), *_take_off(copies)])

    def _has_until(self, moment: datetime) -> bool:
        return bool(self._heap) and self._heap[0].at <= moment
