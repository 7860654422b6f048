import pytest

from enrich.names.persons import after_titles, english_cues, find_persons, is_ship
from query.match import Words


def persons(text: str, taken: frozenset[int] = frozenset()) -> list[str]:
    return [mention.named.name for mention in find_persons(Words(text), taken, english_cues())]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("White House press secretary Josh Earnest said Monday", ["Josh Earnest"]),
        ("Vox foreign editor Max Fisher wrote", ["Max Fisher"]),
        ("Ambassador Vitaly Churkin told reporters", ["Vitaly Churkin"]),
        ("Mr Putin and Mrs. Smith met Prof. Ann Lee", ["Putin", "Smith", "Ann Lee"]),
        ("still in power”, said Alloush.", ["Alloush"]),
        ("the envoy, said Staffan de Mistura, who", ["Staffan de Mistura"]),
        ("Secretary of State John Kerry", ["John Kerry"]),
        ("General Sir Peter Wall", ["Peter Wall"]),
        ("spokesman Jean-Luc O'Neill", ["Jean-Luc O'Neill"]),
    ],
)
def test_people_are_known_by_the_words_before_them(text: str, expected: list[str]) -> None:
    assert persons(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "he said Monday.", "said The", "the president. Nobody came", "the minister The Hague",
        "the editor\nMax Fisher", "the leader Monday",
        "said nobody.", "Said Alloush to", "the minister is in London", "editor, Max", "", "Mr", "the secretary May",
    ],
)  # fmt: skip
def test_other_capitalised_words_are_not_people(text: str) -> None:
    assert persons(text) == []


def test_names_that_are_taken_stay_what_they_are() -> None:
    assert persons("press secretary White House", frozenset({2, 3})) == []


@pytest.mark.parametrize(
    ("text", "ship"),
    [
        ("the cruiser Moscow", True),
        ("in old Moscow", False),
        ("Moscow", False),
        ("the cruiser Moscow (or Moskov)", True),
        ("the cruiser Moscow or Moskov", False),
        ("in Moscow (or Moskov)", False),
    ],
)
def test_ships(text: str, ship: bool) -> None:
    words = Words(text)
    assert is_ship(len(words.terms) - 1, words, english_cues()) is ship


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("Ambassador Vitaly Churkin", "Vitaly Churkin"),
        ("Foreign Minister Ann Lee", "Foreign Minister Ann Lee"),
        ("Vice President Lee", "Lee"),
        ("Secretary General Ban", "Ban"),
        ("Judge", "Judge"),
        ("Ann Judge", "Ann Judge"),
        ("Lord Justice Lee", "Lee"),
    ],
)
def test_titles_are_not_part_of_a_name(text: str, bare: str) -> None:
    words = Words(text)
    first = after_titles(0, len(words.terms), words, english_cues())
    assert text[words.tokens[first].start :] == bare
