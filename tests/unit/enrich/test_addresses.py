from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from enrich import addresses as module
from enrich.addresses import Addresses, Marked
from enrich.stories.clusterer import Stories
from enrich.stories.state import Told

NOW = datetime(2026, 3, 14, tzinfo=UTC)
DAY = timedelta(days=1)


def told(number: int, *marks: str, hearsay: bool = False, seen: datetime = NOW) -> Told:
    key = f"{number:032x}"
    return Told(
        key=key, story=key, copies=key, seen=seen, signature=b"", url=f"http://{number}.example/", marks=marks, hearsay=hearsay
    )  # fmt: skip


def remembering(tolds: Sequence[Told], most: int = 10**6) -> tuple[Stories, Addresses]:
    stories = Stories(3 * DAY, most)
    addresses = Addresses(stories)
    for one in tolds:
        stories.take_up([one])
        addresses.remember([one])
    return stories, addresses


def key(found: Marked | None) -> int | None:
    return int(found.key, 16) if found else None


def test_the_first_of_several_bearers_is_found() -> None:
    _, addresses = remembering([told(1, "pa", "tb"), told(2, "pa", "tc"), told(3, "tc")])
    assert key(addresses.same("new", ("pa",), NOW)) == 1
    assert key(addresses.same("new", ("px", "tc"), NOW)) == 2
    assert addresses.same("new", ("px",), NOW) is None
    assert addresses.same(f"{1:032x}", ("pa",), NOW) is None, "it is itself"


def test_many_at_once_are_the_same_as_one_after_another() -> None:
    tolds = [told(number, f"p{number % 7}", f"t{number % 5}") for number in range(40)]
    stories = Stories(3 * DAY, 10**6, known=tolds)
    at_once = Addresses(stories)
    at_once.remember(reversed(tolds))
    _, singly = remembering(tolds)
    marks = [f"{kind}{number}" for kind in "pt" for number in range(9)]
    assert [at_once.same("new", (mark,), NOW) for mark in marks] == [
        singly.same("new", (mark,), NOW) for mark in marks
    ]


def test_a_mark_of_the_text_counts_for_a_day() -> None:
    _, addresses = remembering([told(1, "pa", "tb")])
    assert key(addresses.same("new", ("tb",), NOW + DAY)) == 1
    assert addresses.same("new", ("tb",), NOW + DAY + timedelta(seconds=1)) is None
    assert key(addresses.same("new", ("tb", "pa"), NOW + 2 * DAY)) == 1


def test_hearsay_is_told_with_its_address() -> None:
    _, addresses = remembering([told(1, "pa", hearsay=True), told(2, "pb")])
    assert addresses.same("new", ("pa",), NOW) == Marked(f"{1:032x}", True, "http://1.example/")
    assert addresses.same("new", ("pb",), NOW) == Marked(f"{2:032x}", False, "")


def test_a_state_is_continued() -> None:
    tolds = [told(1, "pa", hearsay=True), told(2, "pb")]
    stories, addresses = remembering(tolds)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(addresses.state()))
    taken_up = Addresses(stories, state)
    taken_up.remember(tolds)  # as of a log that is read again
    assert taken_up.state() == addresses.state()
    assert taken_up.same("new", ("pa",), NOW) == Marked(f"{1:032x}", True, "http://1.example/")


@pytest.mark.parametrize("smallest", [2, 1024])
def test_marks_of_forgotten_articles_are_forgotten(smallest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SMALLEST", smallest)
    stories = Stories(3 * DAY, most=10)
    addresses = Addresses(stories)
    for number in range(50):
        placed = stories.place(f"{number:032x}", f"w{number}", "", "", NOW + number * timedelta(minutes=1))
        assert placed.told
        addresses.remember(
            [msgspec.structs.replace(placed.told, marks=(f"p{number % 25}",), hearsay=True, url="u")]
        )
    living = {number % 25 for number in range(40, 50)}
    assert {number for number in range(25) if addresses.same("new", (f"p{number}",), NOW)} == living
