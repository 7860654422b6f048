import stat
from datetime import timedelta
from pathlib import Path

import pytest
from samples.access import GOOD, Clock

from stream.errors import ConfigError
from web.access import passwords
from web.access.accounts import Accounts
from web.access.files import access_file
from web.access.person import Person
from web.access.sessions import LONGEST, UNUSED, Sessions
from web.access.tokens import Tokens
from web.database import Database


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return access_file(tmp_path)


@pytest.fixture
def accounts(database: Database, clock: Clock) -> Accounts:
    made = Accounts(database, clock)
    made.add("Ann", GOOD, "analyst")
    return made


def test_a_person_logs_in_with_her_password_alone(accounts: Accounts) -> None:
    assert accounts.is_right("ann", GOOD)
    for name, password in (
        ("ann", GOOD + "x"),
        ("ann", ""),
        ("bob", GOOD),
        ("", ""),
        ("ann", GOOD + "\0" * 5_000),
    ):
        assert not accounts.is_right(name, password)


def test_no_password_and_no_secret_is_in_the_file(
    database: Database, accounts: Accounts, clock: Clock
) -> None:
    session = Sessions(database, clock).begin("ann")
    _, token = Tokens(database, clock).add("ann", "x", "read", None)
    database.close()
    kept = b"".join(file.read_bytes() for file in database.path.parent.iterdir())
    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in kept
    for secret in (GOOD, session, token, token.removeprefix("ww_")):
        assert secret.encode() not in kept


def test_the_file_is_private(database: Database, accounts: Accounts) -> None:
    assert {stat.S_IMODE(file.stat().st_mode) for file in database.path.parent.iterdir()} == {0o600}


def test_somebody_unknown_takes_as_much_work(monkeypatch: pytest.MonkeyPatch, accounts: Accounts) -> None:
    verified: list[str] = []
    hasher = passwords._HASHER

    class Counting:
        def verify(self, kept: str, password: str) -> bool:
            verified.append(kept.rpartition("$")[0].rpartition("$")[0])
            return hasher.verify(kept, password)

        check_needs_rehash = staticmethod(hasher.check_needs_rehash)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    accounts.is_right("ann", "wrong password")
    accounts.is_right("nobody", "wrong password")
    assert len(verified) == 2
    assert verified[0] == verified[1]  # the same cost


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "ann.of.the.desk", "x" * 1_001])
def test_weak_passwords_are_refused(accounts: Accounts, password: str) -> None:
    with pytest.raises(ConfigError, match="password"):
        accounts.add("ann.of.the.desk", password, "reader")
    assert [one.name for one in accounts.all()] == ["ann"]


@pytest.mark.parametrize("name", ["", "-x", "a b", "an\nn", "ü", "a" * 65, "../x"])
def test_names_are_plain(accounts: Accounts, name: str) -> None:
    with pytest.raises(ConfigError, match="a name has"):
        accounts.add(name, GOOD, "reader")


def test_a_name_can_be_taken_only_once(accounts: Accounts) -> None:
    with pytest.raises(ConfigError, match="there is such a person already"):
        accounts.add("ANN", GOOD, "admin")
    with pytest.raises(ConfigError, match=r"no such person.*did you mean 'ann'"):
        accounts.remove("anne")


def test_sessions_end_unused_or_old(database: Database, accounts: Accounts, clock: Clock) -> None:
    sessions = Sessions(database, clock)
    unused, used = sessions.begin("ann"), sessions.begin("ann")
    began = clock.time
    while clock.time < began + LONGEST:
        assert sessions.whose(used) == Person("ann", "desk", "session")
        clock.pass_by(UNUSED)
    clock.pass_by(timedelta(seconds=1))
    assert sessions.whose(used) is None
    assert sessions.whose(unused) is None
    assert sessions.whose("made up") is None


def test_sessions_can_be_ended(database: Database, accounts: Accounts, clock: Clock) -> None:
    sessions = Sessions(database, clock)
    first, second, third = (sessions.begin("ann") for _ in range(3))
    sessions.end(first)
    assert [sessions.whose(one) is None for one in (first, second)] == [True, False]
    assert sessions.end_all_of("ann") == 2
    assert sessions.whose(third) is None
    fourth = sessions.begin("ann")
    accounts.set_password("ann", GOOD + "!")
    assert sessions.whose(fourth) is None
    assert accounts.is_right("ann", GOOD + "!")
    fifth = sessions.begin("ann")
    accounts.remove("ann")
    assert sessions.whose(fifth) is None


def test_a_role_counts_at_once(database: Database, accounts: Accounts, clock: Clock) -> None:
    session = Sessions(database, clock).begin("ann")
    accounts.set_role("ann", "admin")
    assert Sessions(database, clock).whose(session) == Person("ann", "admin", "session")


def test_tokens_do_no_more_than_their_owner(database: Database, accounts: Accounts, clock: Clock) -> None:
    tokens = Tokens(database, clock)
    reads, everything = (tokens.add("ann", "x", scope, None)[1] for scope in ("read", "admin"))
    assert tokens.whose(reads) == Person("ann", "read", "token")
    assert tokens.whose(everything) == Person("ann", "desk", "token")  # an analyst's
    assert tokens.whose(everything + "x") is None


def test_tokens_expire_and_are_revoked(database: Database, accounts: Accounts, clock: Clock) -> None:
    tokens = Tokens(database, clock)
    token, secret = tokens.add("ann", "weekly", "read", timedelta(days=7))
    other = tokens.add("ann", "other", "read", None)[1]
    assert {one.used for one in tokens.all()} == {None}
    tokens.whose(secret)
    assert {one.label: one.used for one in tokens.all()} == {"weekly": clock.time, "other": None}
    clock.pass_by(timedelta(days=7))
    assert tokens.whose(secret) is None
    assert tokens.whose(other) is not None
    for one in tokens.all():
        tokens.revoke(one.id)
    assert tokens.whose(other) is None
    with pytest.raises(ConfigError, match="no such token"):
        tokens.revoke(token.id)
    with pytest.raises(ConfigError, match="no such person"):
        tokens.add("bob", "", "read", None)


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "access.sqlite").write_bytes(b"not a database at all, but long enough to be looked at" * 30)
    with pytest.raises(ConfigError, match=r"access\.sqlite"):
        Accounts(access_file(tmp_path), Clock()).all()
