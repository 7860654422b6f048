"""A clock that stands still, a valid password, and people who log in with it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from web.access.accounts import Accounts
from web.access.files import access_file
from web.access.person import Role
from web.access.services import LogIn
from web.access.sessions import Sessions
from web.access.shares import Shares
from web.access.tokens import Tokens

GOOD = "correct horse battery"


class Clock:
    """A clock that advances only when the test says so."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def pass_by(self, time: timedelta) -> None:
        self.time += time


def login_of(folder: Path, clock: Clock, **people: Role) -> LogIn:
    """The log-in of a data folder, for people of these roles; each may share views, for up to 90 days."""
    database = access_file(folder)
    made = LogIn(
        Accounts(database, clock),
        Sessions(database, clock),
        Tokens(database, clock),
        shares=Shares(database, clock),
        share_days=90,
    )
    for name, role in people.items():
        made.accounts.add(name, GOOD, role)
    return made
