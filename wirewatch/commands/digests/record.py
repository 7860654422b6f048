"""Which daily digests were sent: a small file in the data folder, so that none is sent twice, wherever a process dies."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from alerts.daily import LATE, next_try
from results.status import DigestStatus
from web.database import Database

NAME = "digests.sqlite"
SENDING_ENDS = timedelta(minutes=10)
"""A digest that is still being sent after that was interrupted."""
_APPLICATION = 0x77776467  # "wwdg"
_UPGRADES = (
    (
        """CREATE TABLE digests (
            person TEXT NOT NULL,
            channel TEXT NOT NULL,
            due INTEGER NOT NULL,
            state TEXT NOT NULL,
            changed INTEGER NOT NULL,
            told_until INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            try_at INTEGER,
            why TEXT NOT NULL,
            PRIMARY KEY (person, channel)
        ) WITHOUT ROWID""",
    ),
)


class _Row(msgspec.Struct, frozen=True):
    """The newest digest of a person for a channel; times are in microseconds since 1970.

    Attributes:
        due: when it was due.
        state: `waiting` for the first, `sending`, `sent` or `failing`.
        changed: when that began.
        told_until: until when the last one that was sent went.
        tries: how often it failed.
        try_at: when it is tried again.
        why: it failed.
    """

    person: str
    channel: str
    due: int
    state: str
    changed: int
    told_until: int
    tries: int
    try_at: int | None
    why: str


_COLUMNS = ", ".join(_Row.__struct_fields__)


class Record:
    """The record. A digest is named by its person and its channel.

    Args:
        folder: the data folder.
        now: the clock.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._database = Database(folder / NAME, _APPLICATION, _UPGRADES)
        self._now = now

    def begin(self, person: str, channel: str, due: datetime) -> None:
        """Take up a digest that was set up just now: the first is sent when it is due next."""
        moment = _number(due)
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO digests VALUES (?, ?, ?, 'waiting', ?, ?, 0, NULL, '')",
                (person, channel, moment, _number(self._now()), moment),
            )

    def wanted(self, person: str, channel: str, due: datetime) -> datetime | None:
        """Until when the one before went, if the digest is to be sent now; else None."""
        row = self._row(person, channel)
        return _time(row.told_until) if row and self._is_wanted(row, due) else None

    def claim(self, person: str, channel: str, due: datetime) -> bool:
        """Note that the digest is being sent from now on; False if another process was quicker."""
        with self._database.writing() as connection:
            found = connection.execute(
                f"SELECT {_COLUMNS} FROM digests WHERE person = ? AND channel = ?",  # noqa: S608
                (person, channel),
            ).fetchone()
            if found is None or not self._is_wanted(_Row(*found), due):
                return False
            connection.execute(
                "UPDATE digests SET tries = CASE WHEN due = ? THEN tries ELSE 0 END, due = ?, state = 'sending', changed = ?,"
                " try_at = NULL, why = '' WHERE person = ? AND channel = ?",
                (_number(due), _number(due), _number(self._now()), person, channel),
            )
        return True

    def sent(self, person: str, channel: str) -> None:
        """Note that the digest was sent."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE digests SET state = 'sent', changed = ?, told_until = due, tries = 0"
                " WHERE person = ? AND channel = ?",
                (_number(self._now()), person, channel),
            )

    def failed(self, person: str, channel: str, due: datetime, why: str) -> None:
        """Note that the digest that was claimed could not be sent; it is tried again later."""
        self._put_off(person, channel, due, why, "state = 'sending'")

    def not_made(self, person: str, channel: str, due: datetime, why: str) -> None:
        """Note that the digest could not be made; it is tried again later, unless another process has sent it meanwhile."""
        self._put_off(person, channel, due, why, "(due < :due OR state = 'failing')")

    def _put_off(self, person: str, channel: str, due: datetime, why: str, where: str) -> None:
        row, now = self._row(person, channel), self._now()
        tries = row.tries + 1 if row and row.due == _number(due) else 1
        values = {
            "person": person,
            "channel": channel,
            "due": _number(due),
            "now": _number(now),
            "tries": tries,
            "try_at": _number(next_try(tries, now)),
            "why": why[:500],
        }
        with self._database.writing() as connection:
            connection.execute(  # `where` is one of the above
                "UPDATE digests SET due = :due, state = 'failing', changed = :now, tries = :tries, try_at = :try_at, why = :why"  # noqa: S608
                f" WHERE person = :person AND channel = :channel AND {where}",
                values,
            )

    def told(self) -> list[DigestStatus]:
        """The state of each digest."""
        return [self._status(row) for row in self._rows("ORDER BY person, channel", ())]

    def close(self) -> None:
        """Release the file."""
        self._database.close()

    def _is_wanted(self, row: _Row, due: datetime) -> bool:
        now, moment = self._now(), _number(due)
        if now - due > LATE:
            return False
        if row.due < moment:
            return True
        return row.due == moment and row.state == "failing" and _number(now) >= (row.try_at or 0)

    def _status(self, row: _Row) -> DigestStatus:
        now, due, state = self._now(), _time(row.due), row.state
        if state == "sending" and now - _time(row.changed) <= SENDING_ENDS:
            state = "waiting"
        elif state == "sending":
            state = "unsure"
        elif state == "failing" and now - due > LATE:
            state = "given up"
        return DigestStatus(
            person=row.person,
            channel=row.channel,
            due=due,
            state=state,  # type: ignore[arg-type]  # one of its values
            why=row.why,
            try_at=_time(row.try_at) if state == "failing" and row.try_at is not None else None,
        )

    def _row(self, person: str, channel: str) -> _Row | None:
        return next(self._rows("WHERE person = ? AND channel = ?", (person, channel)), None)

    def _rows(self, rest: str, values: tuple[str, ...]) -> Iterator[_Row]:
        if not self._database.exists():
            return
        with self._database.reading() as connection:
            found = connection.execute(f"SELECT {_COLUMNS} FROM digests {rest}", values).fetchall()  # noqa: S608
        yield from (_Row(*one) for one in found)


def _number(time: datetime) -> int:
    return round(time.timestamp() * 1_000_000)


def _time(number: int) -> datetime:
    return datetime.fromtimestamp(number / 1_000_000, UTC)
