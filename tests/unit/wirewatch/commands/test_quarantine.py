"""What could not be processed: listed, shown, put back and discarded."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from samples.settings import settings_in
from unit.wirewatch.commands.conftest import Here

from stream.errors import Reject, RetryLater
from stream.log.base import Record
from stream.messages import Dead, Entry, encode
from stream.quarantine import dead_letter, shelve
from wirewatch.config import Config
from wirewatch.topics import ENTRIES, open_log

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def dead(number: int, error: Exception) -> Dead:
    url = f"https://wire.example/{number}"
    entry = Entry(
        url=url,
        feed="https://wire.example/rss",
        source="Harbour Wire",
        guid=url,
        key="wire.example",
        title=f"Talks {number}",
        seen=NOON,
    )
    record = Record(ENTRIES.name, 0, number, entry.key, encode(entry), 0, NOON)
    return dead_letter("fetch", record, error, NOON + timedelta(minutes=number))


@pytest.fixture
def letters(data: Path) -> Sequence[Dead]:
    """A page that is gone, one that is too large to be kept, and one that is tried again."""
    large = msgspec.structs.replace(
        dead(2, Reject("too-large", "larger than a page may be")), value=b"", omitted=9_999_999
    )
    found = [
        dead(1, Reject("http-404", "https://wire.example/1 does not exist (HTTP 404)")),
        large,
        dead(3, RetryLater("http-503", "https://wire.example/3 answered HTTP 503")),
    ]
    with open_log(Config(), settings_in(data).paths) as log:
        log.produce(list(map(shelve, found)))
    return found


def test_the_list_names_each_with_its_reason(here: Here, letters: Sequence[Dead]) -> None:
    listed = here.run("quarantine", "list").out
    assert f"{letters[0].id}  2026-03-01 " in listed
    assert "fetch: http-404" in listed
    assert "https://wire.example/1 does not exist" in listed
    assert "http-503" not in listed
    assert "fetch: http-503  next try " in here.run("quarantine", "list", "--waiting").out
    assert [one["kind"] for one in here.lines("quarantine", "list")] == ["http-404", "too-large"]
    nothing = here.run("quarantine", "list", "--kind", "robots", "--stage", "fetch").out
    assert nothing == (
        "Nothing matches stage fetch and kind robots; 2 other messages there, of these kinds: http-404, too-large.\n"
    )


def test_one_is_shown_for_a_person_and_for_a_program(here: Here, letters: Sequence[Dead]) -> None:
    told = here.run("quarantine", "show", letters[0].id[:10]).out
    assert "kind       http-404" in told
    assert "next try   never: it waits for you (wirewatch quarantine retry)" in told
    assert "  title          Talks 1" in told
    assert "  seen           2026-03-01 " in told
    assert not {"backfill", "True", "False", "None"} & set(told.split()), (
        "nothing empty, and no notation of Python's"
    )
    assert "next try   2026-03-01 " in here.run("quarantine", "show", letters[2].id).out
    shown = here.ask("quarantine", "show", letters[0].id)
    assert (shown["dead"]["id"], shown["message"]["title"]) == (letters[0].id, "Talks 1")
    assert "no message has the ID 'nosuch'" in here.run("quarantine", "show", "nosuch", code=2).err
    assert "3 IDs start with ''" in here.run("quarantine", "show", "", code=2).err


def test_what_is_put_back_and_what_cannot_be(here: Here, letters: Sequence[Dead]) -> None:
    assert "say what to retry" in here.run("quarantine", "retry", code=2).err
    assert "Nothing matches kind robots" in here.run("quarantine", "retry", "--kind", "robots").out
    said = here.run("quarantine", "retry", letters[0].id[:10], letters[1].id).out
    assert "1 message put back." in said
    assert (
        f"1 message not put back: too large to be kept in the quarantine, only the reason is there: {letters[1].id}"
        in said
    )
    assert [one["id"] for one in here.ask("quarantine", "list")["messages"]] == [letters[1].id]
    assert "1 message put back." in here.run("quarantine", "retry", "--kind", "http-503").out
    assert here.run("quarantine", "list", "--waiting").out == "Nothing is waiting for another try.\n"


def test_what_is_discarded_is_gone(here: Here, letters: Sequence[Dead]) -> None:
    assert "say what to discard" in here.run("quarantine", "discard", code=2).err
    assert here.run("quarantine", "discard", letters[0].id).out == "1 message discarded.\n"
    assert here.run("quarantine", "discard", "--stage", "fetch").out == "1 message discarded.\n"
    assert here.run("quarantine", "list").out == "The quarantine is empty.\n"
