import stat
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from samples.access import Clock

from query.parse import parse
from query.tree import Marked, Not
from results.desk import Mark
from stream.errors import ConfigError
from web.desk.desk import Desk, OnArticle
from web.desk.rules import MOST_ON_ARTICLE, MOST_SEARCHES

A, B, C = "a" * 32, "b" * 32, "c" * 32


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Desk:
    return Desk(tmp_path, clock)


def found(desk: Desk, query: str, person: str = "ann") -> set[str]:
    node = parse(query, desk.marks_of(person))
    assert isinstance(node, Marked)
    return set(node.ids)


def test_a_desk_without_marks(desk: Desk, tmp_path: Path) -> None:
    assert desk.on("ann", [A]) == {}
    assert desk.listed(["star", "tag"]) == desk.tags() == list(desk.all()) == []
    assert found(desk, "starred:true") == found(desk, "tag:x") == set()
    assert not list(tmp_path.iterdir())  # who only asks makes no file


def test_stars_and_what_is_read_are_ones_own_the_rest_is_everybodys(desk: Desk) -> None:
    for kind, value in (
        ("star", ""),
        ("read", ""),
        ("tag", "urgent"),
        ("note", "Call Bob."),
        ("assigned", "bob"),
    ):
        desk.add(kind, "ann", A, value)  # type: ignore[arg-type]
    desk.add("not-topic", "bob", A, "syria")
    anns, bobs = desk.on("ann", [A, B])[A], desk.on("bob", [A])[A]
    assert (anns.starred, anns.read) == (True, True)
    assert (bobs.starred, bobs.read) == (False, False)
    assert anns.tags == bobs.tags
    assert [(tag.value, tag.person) for tag in bobs.tags] == [("urgent", "ann")]
    assert [note.value for note in bobs.notes] == ["Call Bob."]
    assert bobs.assigned is not None
    assert bobs.assigned.value == "bob"
    assert [(one.kind, one.value, one.person) for one in anns.corrections] == [("not-topic", "syria", "bob")]
    assert B not in desk.on("ann", [A, B])


def test_a_mark_is_there_once_and_can_be_taken_away(desk: Desk) -> None:
    for tag in ("To check", "to-check", "TO CHECK"):
        desk.add("tag", "ann", A, tag)
    assert [tag.value for tag in desk.on("bob", [A])[A].tags] == ["TO CHECK"]
    desk.add("assigned", "ann", A, "bob")
    desk.add("assigned", "ann", A, "ann")
    assert [one.value for one in desk.listed(["assigned"])] == ["ann"]
    desk.add("note", "ann", A, "one")
    second = desk.add("note", "ann", A, "two")
    assert desk.remove("tag", "bob", A, "to check")
    assert desk.remove("assigned", "bob", A)
    assert desk.remove("note", "bob", A, name=second.name)
    assert not desk.remove("note", "bob", A, name=second.name)
    desk.add("star", "ann", A)
    assert not desk.remove("star", "bob", A)
    assert desk.on("ann", [A])[A] == OnArticle(starred=True, notes=(desk.listed(["note"])[0],))


def test_queries_find_what_is_marked(desk: Desk) -> None:
    desk.add("tag", "ann", A, "to check")
    desk.add("tag", "bob", B, "Toll")
    desk.add("note", "bob", B, "Called the ministry; no answer.")
    desk.add("star", "ann", A)
    desk.add("star", "bob", B)
    desk.add("read", "ann", C)
    desk.add("assigned", "ann", A, "bob.jones@desk")
    desk.add("assigned", "bob", C, "ann")
    assert found(desk, "tag:to-check") == {A}
    assert found(desk, "tag:to*") == {A, B}
    assert found(desk, "tag:to") == set()
    assert (
        found(desk, "note:ministry")
        == found(desk, 'note:"the ministry"')
        == found(desk, "note:minis*")
        == {B}
    )
    assert found(desk, 'note:"called answer"~5') == {B}
    assert found(desk, "note:minis") == set()
    assert found(desk, "starred:true") == {A}
    assert found(desk, "starred:true", "bob") == {B}
    assert parse("read:false", desk.marks_of("ann")) == Not(Marked("read:true", frozenset([C])))
    assert found(desk, "assigned:me") == {C}
    assert found(desk, "assigned:me", "bob.jones@desk") == found(desk, 'assigned:"bob.jones@desk"') == {A}
    assert found(desk, "assigned:*nes*") == {A}


@pytest.mark.parametrize(
    ("kind", "article", "value", "name", "reason"),
    [
        ("star", "", "", "", "needs the id of an article"),
        ("star", "../x", "", "", "needs the id of an article"),
        ("star", A, "x", "", "has no value"),
        ("tag", A, " ", "", "it is empty"),
        ("tag", A, "!!!", "", "a letter or a digit"),
        ("tag", A, "x" * 65, "", "at most 64 characters, and it has 65"),
        ("note", A, "x" * 10_001, "", "at most 10,000"),
        ("search", "", "/?q=a", " ", "needs a name"),
        ("search", "", "https://evil.example", "x", "the address of a view"),
        ("search", "", "//evil.example", "x", "the address of a view"),
    ],
)
def test_what_is_not_a_mark(desk: Desk, kind: str, article: str, value: str, name: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        desk.add(kind, "ann", article, value, name)  # type: ignore[arg-type]
    assert list(desk.all()) == []


def test_marks_are_bounded(desk: Desk) -> None:
    for number in range(MOST_ON_ARTICLE):
        desk.add("tag", "ann", A, f"t{number}")
    with pytest.raises(ConfigError, match="200 marks on this article"):
        desk.add("note", "ann", A, "one more")
    desk.add("star", "ann", A)
    desk.add("note", "ann", B, "elsewhere")
    for number in range(MOST_SEARCHES):
        desk.add("search", "ann", value="/?q=a", name=str(number))
    with pytest.raises(ConfigError, match="500 saved searches"):
        desk.add("search", "ann", value="/?q=a", name="x")
    desk.add("search", "bob", value="/?q=a", name="x")


def test_lists_are_the_newest_first(desk: Desk, clock: Clock) -> None:
    for article in (A, B, C):
        desk.add("star", "ann", article)
        desk.add("tag", "ann", article, "urgent")
        clock.pass_by(timedelta(seconds=1))
    desk.add("star", "bob", A)
    assert [mark.article for mark in desk.listed(["star"], "ann")] == [C, B, A]
    assert [mark.person for mark in desk.listed(["star"])] == ["bob", "ann", "ann", "ann"]
    assert len(desk.listed(["star", "tag"], limit=3)) == 3
    assert [mark.kind for mark in desk.listed(["star", "tag"], "ann", B)] == ["star", "tag"]
    assert desk.tags() == [("urgent", 3)]


def test_marks_go_from_one_desk_to_another_and_the_newer_stays(
    desk: Desk, clock: Clock, tmp_path: Path
) -> None:
    desk.add("tag", "ann", A, "urgent")
    desk.add("note", "ann", A, "Grüße, 台灣")
    desk.add("search", "ann", value="/?q=a", name="mine")
    other = Desk(tmp_path / "other", clock)
    clock.pass_by(timedelta(microseconds=1))
    other.add("tag", "bob", A, "URGENT")
    told = [msgspec.json.decode(msgspec.json.encode(mark), type=Mark) for mark in desk.all()]
    assert other.take_in(told) == (2, 1)
    assert other.take_in(told) == (0, 3)
    assert {(mark.kind, mark.person) for mark in other.all()} == {
        ("tag", "bob"),
        ("note", "ann"),
        ("search", "ann"),
    }
    tag = next(mark for mark in told if mark.kind == "tag")
    bad = msgspec.structs.replace(tag, article=B, value="")
    with pytest.raises(ConfigError, match="empty"):
        other.take_in([msgspec.structs.replace(tag, article=C), bad])
    assert not other.on("ann", [C])


def test_marks_are_kept_privately_and_through_a_restart(desk: Desk, clock: Clock, tmp_path: Path) -> None:
    mark = desk.add("tag", "ann", A, "urgent")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}
    desk.close()
    assert list(Desk(tmp_path, clock).all()) == [mark]


def test_two_at_once(tmp_path: Path, clock: Clock) -> None:
    one, other = Desk(tmp_path, clock), Desk(tmp_path, clock)
    one.add("tag", "ann", A, "a")
    other.add("tag", "bob", A, "b")
    one.add("star", "ann", A)
    assert [tag.value for tag in one.on("ann", [A])[A].tags] == ["a", "b"]
    assert one.on("ann", [A]) != other.on("bob", [A])
