"""Daily digests from a real archive to a real SMTP server on loopback."""

import dataclasses
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from samples.archive import archive, report
from samples.settings import settings_in
from servers.mail import Mailbox, mailbox
from waiting import until

from alerts.settings import Digest
from results.status import DigestStatus
from wirewatch.commands.digests.daily import digests_told, keep_digests, send_due
from wirewatch.commands.digests.record import Record
from wirewatch.commands.settings import Settings

SEVEN = datetime(2026, 3, 10, 7, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


class Clock:
    def __init__(self) -> None:
        self.time = SEVEN - 2 * HOUR

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    async with mailbox() as made:
        yield made


def installation(folder: Path, port: int, **digest: object) -> Settings:
    settings = settings_in(folder)
    daily = (report(name, SEVEN - HOUR + number * DAY) for number, name in enumerate("abc"))
    archive(settings, daily, SEVEN)  # one for each digest
    url = f"mailto://127.0.0.1:{port}?from=wire@desk.example&to=ed@desk.example&mode=insecure"
    settings.paths.alerts.write_text(f'[channels.mail]\nkind = "apprise"\nurl = "{url}"\n')
    wanted = Digest(**{"at": "07:00", "channels": ("mail",), **digest})  # type: ignore[arg-type]
    return dataclasses.replace(settings, config=msgspec.structs.replace(settings.config, digest=wanted))


def state_of(record: Record) -> DigestStatus:
    (one,) = record.told()
    return one


async def test_a_digest_is_sent_once_a_day(tmp_path: Path, clock: Clock, box: Mailbox) -> None:
    settings, record = installation(tmp_path, box.port), Record(tmp_path, clock)
    for minutes in (0, 110, 121, 122, 600):
        clock.time = SEVEN - 2 * HOUR + minutes * MINUTE
        await send_due(settings, record, "local", "mail", clock)
        assert len(box.mails) == (minutes > 120)
    assert (state_of(record).state, state_of(record).due) == ("sent", SEVEN)
    clock.time = SEVEN + DAY
    await send_due(settings, Record(tmp_path, clock), "local", "mail", clock)
    assert [mail.count(b"1 article came in") > 0 for mail in box.mails] == [True, True]
    record.close()


async def test_after_days_without_one_it_covers_them_all(tmp_path: Path, clock: Clock, box: Mailbox) -> None:
    settings, record = installation(tmp_path, box.port), Record(tmp_path, clock)
    await send_due(settings, record, "local", "mail", clock)
    clock.time = SEVEN + 2 * DAY + HOUR
    await send_due(settings, record, "local", "mail", clock)
    (mail,) = box.mails
    assert b"3 articles came in" in mail
    record.close()


async def test_what_was_late_for_half_a_day_is_left_to_the_next(
    tmp_path: Path, clock: Clock, box: Mailbox
) -> None:
    settings, record = installation(tmp_path, box.port), Record(tmp_path, clock)
    await send_due(settings, record, "local", "mail", clock)
    clock.time = SEVEN + 13 * HOUR
    await send_due(settings, record, "local", "mail", clock)
    assert not box.mails
    clock.time = SEVEN + DAY
    await send_due(settings, record, "local", "mail", clock)
    assert b"2 articles came in" in box.mails[0]
    record.close()


async def test_one_that_was_interrupted_is_not_sent_twice(tmp_path: Path, clock: Clock, box: Mailbox) -> None:
    """A process that is killed while it sends leaves what a claim writes."""
    settings, record = installation(tmp_path, box.port), Record(tmp_path, clock)
    await send_due(settings, record, "local", "mail", clock)
    clock.time = SEVEN
    assert record.claim("local", "mail", SEVEN)
    record.close()
    again = Record(tmp_path, clock)
    assert not again.claim("local", "mail", SEVEN)
    clock.time = SEVEN + HOUR
    await send_due(settings, again, "local", "mail", clock)
    assert not box.mails
    assert state_of(again).state == "unsure"
    clock.time = SEVEN + DAY
    await send_due(settings, again, "local", "mail", clock)
    assert b"2 articles came in" in box.mails[0]
    again.close()


async def test_one_that_is_refused_is_tried_again_and_reported(
    tmp_path: Path, clock: Clock, box: Mailbox
) -> None:
    settings, record = installation(tmp_path, 9), Record(tmp_path, clock)
    await send_due(settings, record, "local", "mail", clock)
    clock.time = SEVEN
    await send_due(settings, record, "local", "mail", clock)
    told = state_of(record)
    assert (told.state, told.try_at) == ("failing", SEVEN + MINUTE)
    assert "channel mail: " in told.why
    settings = installation(tmp_path, box.port)
    await send_due(settings, record, "local", "mail", clock)
    assert not box.mails
    clock.time = SEVEN + MINUTE
    await send_due(settings, record, "local", "mail", clock)
    assert (len(box.mails), state_of(record).state) == (1, "sent")
    record.close()


@pytest.mark.parametrize("wrong", [{"channels": ("nosuch",)}, {"topics": ("nosuch",)}])
async def test_what_is_set_up_wrongly_is_reported(
    tmp_path: Path, clock: Clock, box: Mailbox, wrong: dict[str, object]
) -> None:
    settings, record = installation(tmp_path, box.port, **wrong), Record(tmp_path, clock)
    channel = settings.config.digest.channels[0]
    await send_due(settings, record, "local", channel, clock)
    clock.time = SEVEN + HOUR
    await send_due(settings, record, "local", channel, clock)
    assert (state_of(record).state, "'nosuch'" in state_of(record).why) == ("failing", True)
    clock.time = SEVEN + 13 * HOUR
    assert state_of(record).state == "given up"
    assert not box.mails
    record.close()


def test_a_failure_to_make_it_hides_no_success_of_another_process(tmp_path: Path, clock: Clock) -> None:
    record = Record(tmp_path, clock)
    record.begin("local", "mail", SEVEN - DAY)
    clock.time = SEVEN
    assert record.claim("local", "mail", SEVEN)
    record.sent("local", "mail")
    record.not_made("local", "mail", SEVEN, "no archive")
    assert state_of(record).state == "sent"
    record.close()


async def test_a_running_process_sends_what_is_due(tmp_path: Path, clock: Clock, box: Mailbox) -> None:
    settings = installation(tmp_path, box.port, people={"Ann": ["mail"]}, channels=())
    record = Record(tmp_path, clock)
    record.begin("ann", "mail", SEVEN - DAY)
    record.close()
    clock.time = SEVEN
    async with keep_digests(settings, ["fetch"], clock):
        pass  # another process delivers
    assert not box.mails
    async with keep_digests(settings, ["deliver"], clock):
        await until(lambda: bool(digests_told(settings)) and digests_told(settings)[0].state == "sent")
    assert len(box.mails) == 1
    assert [(one.person, one.state) for one in digests_told(settings)] == [("ann", "sent")]
