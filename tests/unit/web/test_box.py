"""The search box while one types: what is asked for, and what comes back."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from samples.page import Client, page_over
from samples.reading import make_archive
from samples.settings import settings_in

from web.box.complete import MOST, Typed, Value, completions, typed

KNOWN = {
    "topic": [Value("peace-talks", 7, "Peace talks"), Value("sport", 3, "Sport")],
    "source": [Value("BBC News", 9), Value("Radio", 2), Value('The "Bugle"', 1)],
    "entity": [Value("Bashar al-Assad", 8), Value("Peace Now", 1)],
    "language": [Value("en", 5)],
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Typed(0, 0, "", "")),
        ("syria", Typed(0, 5, "", "syria")),
        ("syria AND pea", Typed(10, 13, "", "pea")),
        ("syria AND NOT (topic:pea", Typed(15, 24, "topic", "pea")),
        ("-spo", Typed(1, 4, "", "spo")),
        ('source:"bbc ne', Typed(0, 14, "source", "bbc ne")),
        ('"peace talks" topic:', Typed(14, 20, "topic", "")),
        ('"peace talks" ', Typed(14, 14, "", "")),
        ("𝔞𝔟 topic:x", Typed(3, 10, "topic", "x")),
    ],
)
def test_what_is_being_typed(query: str, expected: Typed) -> None:
    assert typed(query, len(query)) == expected


def test_the_caret_may_stand_within_the_query() -> None:
    assert typed("topic:pea AND syria", 9) == Typed(0, 9, "topic", "pea")
    assert typed('source:"bb" AND syria', 10) == Typed(0, 11, "source", "bb"), "the closing quote goes too"


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("topic:pea", ["topic:peace-talks "]),
        ("topic:TALKS", ["topic:peace-talks "]),
        ("source:", ['source:"BBC News" ', "source:Radio ", 'source:"The  Bugle" ']),
        ('source:"new', ['source:"BBC News" ']),
        ("assad", ['entity:"Bashar al-Assad" ']),
        ("pea", ["topic:peace-talks ", 'entity:"Peace Now" ']),
        ("so", ["source:"]),
        ("t", []),
        ("", []),
        ("title:pea", []),
        ("nosuch:x", []),
    ],
)
def test_ways_on(query: str, texts: list[str]) -> None:
    assert [one.text for one in completions(typed(query, len(query)), KNOWN)][: len(texts) or None] == texts


def test_ways_on_are_few_and_say_what_they_are() -> None:
    many = {"entity": [Value(f"Person {number}", 100 - number) for number in range(50)]}
    found = completions(typed("person", 6), many)
    assert len(found) == MOST
    assert (found[0].label, found[0].kind, found[0].articles) == ("Person 0", "entity", 100)
    (topic,) = completions(typed("topic:peace", 11), KNOWN)
    assert topic.label == "Peace talks (peace-talks)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("archive")
    make_archive(settings_in(made).paths.index)
    return made


@pytest_asyncio.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    async with page_over(folder) as made:
        yield made


async def test_a_query_is_checked(client: Client) -> None:
    found = await (await client.get("/api/v1/check?q=syria+OR+truce+AND+geneva")).json()
    assert found["understood"] == "(syria OR (truce AND geneva))"
    assert [one["kind"] for one in found["warnings"]] == ["precedence"]
    found = await (await client.get("/api/v1/check?q=topic:nosuch")).json()
    assert found["warnings"]
    answer = await client.get("/api/v1/check?q=syria+AND+(")
    assert (answer.status, (await answer.json())["position"]) == (400, 11)
    assert (await (await client.get("/api/v1/check")).json())["understood"] == ""


async def test_a_query_is_completed_from_the_archive(client: Client) -> None:
    found = await (await client.get("/api/v1/complete?q=talks+AND+source:low")).json()
    assert (found["start"], found["end"]) == (10, 20)
    assert [one["text"] for one in found["completions"]] == ['source:"Lowland Post" ']
    found = await (await client.get("/api/v1/complete?q=entity:gen+talks&at=10")).json()
    assert [one["label"] for one in found["completions"]] == ["Geneva"]
    assert (await client.get("/api/v1/complete?q=x&at=-1")).status == 400


async def test_an_archive_that_is_not_there_yet_completes_topics(tmp_path: Path) -> None:
    async with page_over(tmp_path) as client:
        found = await (await client.get("/api/v1/complete?q=topic:peace")).json()
    assert [one["text"] for one in found["completions"]] == ["topic:peace-talks "]


async def test_days_are_those_of_the_reader(client: Client) -> None:
    for zone in ("Asia/Tokyo", "", "No/Where", "../../etc/passwd", "x" * 500):
        answer = await client.get("/?q=talks", headers={"Cookie": f"zone={zone}"})
        assert answer.status == 200
