"""What happens to a message that a stage can't handle.

There are two compacted topics, called shelves: `retries` holds messages that are retried automatically at a set time,
`quarantine` those that wait for a person. Either keeps the message as it was, with the reason. A message returns to its topic
before it leaves the shelf, atomically if the log supports that, so it is always in at least one of them.

A message that the log does not accept (it exceeds a topic's limit) can't be kept: only its id, size and reason are.

A shelf is keyed by message and place, because the message may fail again between those two steps: that new failure must stay
on the shelf. The key of a retry begins with the time it is due, so that nothing else need be read to find what is.
"""

import hashlib
import heapq
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from stream.errors import Reject, RetryLater
from stream.log.base import Log, Outgoing, Record
from stream.messages import Dead, decode, encode
from stream.stage import Topic

RETRIES = Topic("retries", Dead, compacted=True)
QUARANTINE = Topic("quarantine", Dead, compacted=True)

BACK_OFF = (2.0, 5.0, 30.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 86_400.0)
"""Seconds before the next try, by the number of tries so far: some 33 hours in total, longer than a night and a day."""

_REASON_CHARACTERS = 500
_NEWER = "~"
"""What the keys of retries begin with. It sorts after all keys of older versions, which began with the id."""

ORPHANED = timedelta(seconds=20)
"""A message this long overdue counts as abandoned by the process that scheduled it."""


def dead_letter(stage: str, record: Record, error: Exception, now: datetime) -> Dead:
    """What to keep of a failed message, and when to retry it, if ever."""
    attempts = record.attempt + 1
    retry_at = None
    match error:
        case Reject(kind=kind, reason=reason):
            pass
        case RetryLater(kind=kind, reason=reason, after=after):
            if attempts <= len(BACK_OFF):
                wait = BACK_OFF[attempts - 1]
                retry_at = now + timedelta(seconds=wait if after is None else max(after, wait))
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
        trace=record.trace,
    )


def _identity(stage: str, record: Record) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in (stage.encode(), record.topic.encode(), record.key.encode(), record.value):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def without_value(dead: Dead, error: Reject) -> Dead:
    """The dead letter of a message that is too large even for the shelf: it waits for a person, and can't be put back.

    Args:
        dead: the whole dead letter.
        error: the log's error.
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
            f" ({error.reason}); topic {dead.topic} still has it{where} until the log deletes it"
        ),
        retry_at=None,
    )


def _cut(reason: str) -> str:
    """A shortened reason: it must fit where the message did not."""
    return reason if len(reason) <= _REASON_CHARACTERS else reason[:_REASON_CHARACTERS] + " ..."


def shelve(dead: Dead) -> Outgoing:
    """The message that puts a dead letter on its shelf."""
    return Outgoing(_shelf(dead).name, _key(dead), encode(dead))


def put_back(copies: Sequence[Dead], attempt: int | None = None) -> list[Outgoing]:
    """The messages that move a dead letter from its shelf back into its topic.

    Args:
        copies: all copies on the shelf; the last one gives the number of tries,
        attempt: unless this is given.
    """
    last = copies[-1]
    tried = last.attempts if attempt is None else attempt
    message = Outgoing(last.topic, last.key, last.value, attempt=tried, trace=last.trace)
    return [message, *_take_off(copies)]


def _take_off(copies: Sequence[Dead]) -> list[Outgoing]:
    """The messages that remove a dead letter from its shelf: also under the key that an older version gave it."""
    keys = [(_shelf(one).name, key) for one in copies for key in dict.fromkeys((_key(one), _place_key(one)))]
    return [Outgoing(shelf, key, None) for shelf, key in keys]


def _shelf(dead: Dead) -> Topic:
    return QUARANTINE if dead.retry_at is None else RETRIES


def _key(dead: Dead) -> str:
    """Its key on its shelf. That of a retry begins with the time it is due: what is due sorts before what is not."""
    return f"{_moment_key(dead.retry_at)}|{_place_key(dead)}" if dead.retry_at else _place_key(dead)


def _place_key(dead: Dead) -> str:
    return f"{dead.id}@{dead.place}" if dead.place else dead.id


def _moment_key(moment: datetime) -> str:
    """A time as the beginning of a key."""
    return f"{_NEWER}{moment.astimezone(UTC):%Y%m%d%H%M%S.%f}"


def _due(key: str) -> datetime | None:
    """When a retry is due, by its key; None for a key of an older version."""
    if not key.startswith(_NEWER):
        return None
    return datetime.strptime(key[1:22], "%Y%m%d%H%M%S.%f").replace(tzinfo=UTC)


def read(log: Log, shelf: Topic) -> list[Dead]:
    """The content of a shelf, oldest first; each message once, with its last failure."""
    return sorted((copies[-1] for copies in _copies(log, shelf).values()), key=lambda d: (d.failed, d.id))


def _copies(log: Log, shelf: Topic, before: str | None = None) -> Mapping[str, Sequence[Dead]]:
    """The content of a shelf, by message id: several entries if the message was in its topic several times."""
    found: dict[str, list[Dead]] = {}
    for one in sorted((decode(value, Dead) for value in log.latest(shelf.name, before).values()), key=_when):
        found.setdefault(one.id, []).append(one)
    return found


def _when(dead: Dead) -> tuple[datetime, int]:
    return dead.failed, dead.attempts


def retry(log: Log, dead: Sequence[Dead]) -> int:
    """Retry messages now, at a person's request, with a fresh number of tries. Those kept without their message stay on the
    shelf. Returns how many were put back."""
    wanted = {one.id for one in dead if not one.omitted}
    on_shelves = [item for shelf in (QUARANTINE, RETRIES) for item in _copies(log, shelf).items()]
    chosen = [copies for id_, copies in on_shelves if id_ in wanted]
    log.produce([message for copies in chosen for message in put_back(copies, attempt=0)])
    return len(wanted)


def discard(log: Log, dead: Sequence[Dead]) -> int:
    """Give messages up, at a person's request: they leave the shelf for good. Returns how many there were."""
    wanted = {one.id for one in dead}
    copies = [
        one
        for shelf in (QUARANTINE, RETRIES)
        for id_, held in _copies(log, shelf).items()
        if id_ in wanted
        for one in held
    ]
    log.produce(_take_off(copies))
    return len({one.id for one in copies})


class Retries:
    """The schedule of the shelf `retries`: keeps a time for each message in memory, and reads only those that are due.
    Thread-safe."""

    def __init__(self, log: Log, now: Callable[[], datetime]) -> None:
        self._log = log
        self._now = now
        self._lock = threading.Lock()
        self.returned = 0
        """How many messages went back into their topics."""
        older = log.latest(RETRIES.name, _NEWER)
        found = (
            decode(older[key], Dead).retry_at if key in older else _due(key) for key in log.keys(RETRIES.name)
        )
        self._heap = [at for at in found if at is not None]
        heapq.heapify(self._heap)

    def expect(self, dead: Iterable[Dead]) -> None:
        """Schedule the dead letters that have a time."""
        with self._lock:
            for one in dead:
                if one.retry_at is not None:
                    heapq.heappush(self._heap, one.retry_at)

    def __len__(self) -> int:
        """How many are waiting."""
        return len(self._heap)

    def due_within(self, seconds: float) -> bool:
        """Whether a retry is due within the given time."""
        moment = self._now() + timedelta(seconds=seconds)
        with self._lock:
            return bool(self._heap) and self._heap[0] <= moment

    def put_back_due(self) -> int:
        """Put back messages that are due and still on the shelf; returns how many."""
        if not self.due_within(0.0):
            return 0
        now = self._now()
        with self._lock:
            due = sum(at <= now for at in self._heap)
        number = self._put_back_until(now)
        with self._lock:
            for _ in range(due):  # what was scheduled meanwhile may have come to the shelf after it was read
                heapq.heappop(self._heap)
        return number

    def put_back_orphans(self) -> int:
        """Put back messages that are long overdue: the process that scheduled them is gone."""
        return self._put_back_until(self._now() - ORPHANED)

    def _put_back_until(self, moment: datetime) -> int:
        due = [
            copies
            for copies in _copies(self._log, RETRIES, _moment_key(moment) + "}").values()
            if (at := copies[-1].retry_at) and at <= moment
        ]
        try:
            self._log.produce([message for copies in due for message in put_back(copies)])
        except Reject:  # one of them is too large for its topic by now
            for copies in due:
                self._put_back_one(copies)
        with self._lock:
            self.returned += len(due)
        return len(due)

    def _put_back_one(self, copies: Sequence[Dead]) -> None:
        try:
            self._log.produce(put_back(copies))
        except Reject as error:
            self._log.produce([shelve(without_value(copies[-1], error)), *_take_off(copies)])
