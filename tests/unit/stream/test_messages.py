from datetime import UTC, datetime

import msgspec
import pytest

from stream.errors import Reject
from stream.messages import Entry, decode, encode

ENTRY = Entry(feed="f", source="s", guid="g", url="u", seen=datetime(2026, 3, 1, tzinfo=UTC), key="k")


def test_what_is_written_is_read() -> None:
    assert decode(encode(ENTRY), Entry) == ENTRY


def test_a_field_that_is_not_known_yet_is_ignored() -> None:
    fields = msgspec.msgpack.decode(encode(ENTRY))
    assert decode(msgspec.msgpack.encode({**fields, "mood": "calm"}), Entry) == ENTRY


def test_a_message_of_a_newer_version_says_what_to_do() -> None:
    newer = msgspec.structs.replace(ENTRY, v=99)
    with pytest.raises(
        Reject, match=r"newer-version: .*Entry \(version 99; .*upgrade this process.*quarantine retry"
    ):
        decode(encode(newer), Entry)
