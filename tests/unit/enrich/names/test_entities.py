import pytest

from enrich.names.entities import find_entities
from enrich.names.gazetteer import Gazetteer, default_gazetteer
from enrich.names.rules import by_rules
from query.match import prepare


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return default_gazetteer()


def found(gazetteer: Gazetteer, text: str, title: str = "", language: str = "en") -> dict[str, list[str]]:
    fields = {"title": title, "text": text}
    entities = find_entities(prepare(title, text, {}), gazetteer, language, by_rules)
    return {
        entity.name: [fields[span.field][span.start : span.end] for span in entity.spans]
        for entity in entities
    }


def test_mentions_of_one_are_joined_in_order(gazetteer: Gazetteer) -> None:
    text = "Vladimir Putin met Mr Obama. Later Mr Putin left; Putin's guest stayed."
    assert found(gazetteer, text, "Putin meets Obama") == {
        "Vladimir Putin": ["Putin", "Vladimir Putin", "Putin", "Putin"],
        "Barack Obama": ["Obama", "Obama"],
    }


def test_surname_is_known_again_after_the_full_name(gazetteer: Gazetteer) -> None:
    text = "Earnest words. Press secretary Josh Earnest spoke; Earnest left. Analyst Ann Stone agreed, as Stone does."
    assert found(gazetteer, text) == {
        "Josh Earnest": ["Earnest", "Josh Earnest", "Earnest"],
        "Ann Stone": ["Ann Stone", "Stone"],
    }
    assert found(gazetteer, "An earnest man in earnest") == {}


def test_surname_of_two_people_means_neither(gazetteer: Gazetteer) -> None:
    text = "Analyst Ann Stone and analyst Bo Stone agreed, as Stone does."
    assert found(gazetteer, text) == {"Ann Stone": ["Ann Stone"], "Bo Stone": ["Bo Stone"]}


def test_titled_surname_joins_the_full_name(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "Editor Ann Stone came. Mrs Stone left.") == {"Ann Stone": ["Ann Stone", "Stone"]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The cruiser Moscow left Moscow.", {"Moscow": ["Moscow"]}),
        ("Russian and Syrian troops, a Parisian.", {}),
        ("Signed under the Geneva Convention.", {}),
        ("The New York Times in New York", {"New York Times": ["New York Times"], "New York": ["New York"]}),
        ("They ate turkey and read us a chad.", {}),
        (
            "North Atlantic Treaty Organisation, or Nato",
            {"NATO": ["North Atlantic Treaty Organisation", "Nato"]},
        ),
    ],
)
def test_what_is_an_entity_and_what_is_not(
    gazetteer: Gazetteer, text: str, expected: dict[str, list[str]]
) -> None:
    assert found(gazetteer, text) == expected


def test_types_and_ids(gazetteer: Gazetteer) -> None:
    entities = find_entities(prepare("", "Putin in Syria with the Kremlin", {}), gazetteer, "en", by_rules)
    assert [(entity.name, entity.type, entity.id) for entity in entities] == [
        ("Vladimir Putin", "person", "wikidata:Q7747"),
        ("Syria", "place", "iso3166:SY"),
        ("Kremlin", "organisation", ""),
    ]


def test_rules_for_english_are_left_out_elsewhere(gazetteer: Gazetteer) -> None:
    text = "Minister Ann Stone var i Genf. Путин в Москве."
    assert found(gazetteer, text, language="sv") == {
        "Geneva": ["Genf"],
        "Vladimir Putin": ["Путин"],
        "Moscow": ["Москве"],
    }
