from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from stream.errors import Reject
from stream.messages import Article, Entry, decode, encode

ENTRY = Entry(feed="f", source="s", guid="g", url="u", seen=datetime(2026, 3, 1, tzinfo=UTC), key="k")


def test_messages_survive_a_round_trip() -> None:
    assert decode(encode(ENTRY), Entry) == ENTRY


def test_an_unknown_field_is_ignored() -> None:
    fields = msgspec.msgpack.decode(encode(ENTRY))
    assert decode(msgspec.msgpack.encode({**fields, "mood": "calm"}), Entry) == ENTRY


def test_a_message_of_a_newer_version_says_what_to_do() -> None:
    newer = msgspec.structs.replace(ENTRY, v=99)
    with pytest.raises(
        Reject, match=r"newer-version: .*Entry \(version 99; .*upgrade this process.*quarantine retry"
    ):
        decode(encode(newer), Entry)


SEEN = datetime(2026, 3, 1, tzinfo=UTC)
EARLIER, AHEAD = SEEN - timedelta(days=9), SEEN + timedelta(days=9)


def article(**known: object) -> Article:
    return Article(id="a", url="u", feed="f", source="s", seen=SEEN, fetched=SEEN, extracted=SEEN, **known)  # type: ignore[arg-type]


def test_an_article_of_an_older_version_has_no_doubtful_date() -> None:
    fields = msgspec.msgpack.decode(encode(article(published=EARLIER)))
    older = {name: value for name, value in fields.items() if "doubt" not in name}
    assert decode(msgspec.msgpack.encode(older), Article).time == EARLIER


@pytest.mark.parametrize(
    ("published", "doubt", "source", "time", "dates"),
    [
        (None, None, "", SEEN, ()),
        (EARLIER, None, "", EARLIER, (EARLIER,)),
        (EARLIER, SEEN, "feed", SEEN, (EARLIER, SEEN)),
        (SEEN, EARLIER, "feed", SEEN, (SEEN, EARLIER)),
        (EARLIER, SEEN, "seen", SEEN, (EARLIER,)),
        (EARLIER, AHEAD, "json-ld", EARLIER, (EARLIER,)),
        (None, AHEAD, "json-ld", SEEN, ()),
    ],
)
def test_the_later_date_counts_unless_it_lies_in_the_future(
    published: datetime | None,
    doubt: datetime | None,
    source: str,
    time: datetime,
    dates: tuple[datetime, ...],
) -> None:
    doubted = article(published=published, published_doubt=doubt, published_doubt_from=source)
    assert (doubted.time, doubted.published_any) == (time, dates)
