import pytest

from enrich.names.gazetteer import Gazetteer, Named, Type, find, load_gazetteer
from enrich.names.linking import linked, unlinked
from query.match import Words

NAMES = b"""name,type,id,aliases
China,place,iso3166:CN,
Kremlin,organisation,,
New York,place,geonames:5128581,
New York Times,organisation,,
Barack Obama,person,wikidata:Q76,Obama
Jordan,place,iso3166:JO,
Syrian,none,,
John Kerry,person,,~Kerry
Emmanuel Macron,person,,!Macron
"""
OWN = b"name,type\nSyrian Chess Club,organisation\nChina Grill,product\n"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer([("n", NAMES)], [("own", OWN)])


def names(gazetteer: Gazetteer, text: str, *found: tuple[str, Type]) -> list[Named]:
    """The result for these finds of a model, each the first occurrence of its words in the text."""
    words = Words(text)
    mentions = []
    for written, kind in found:
        size = len(Words(written).terms)
        first = next(i for i in range(len(words.terms)) if words.terms[i : i + size] == Words(written).terms)
        mentions.append(unlinked(kind, first, first + size, words))
    return [mention.named for mention in linked(mentions, list(find(gazetteer, words)))]


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("in China", [("China", "place")], [Named("China", "place", "iso3166:CN")]),
        ("in China", [], [Named("China", "place", "iso3166:CN")]),
        ("China 3, Peru 1", [("China", "organisation")], [Named("China", "organisation")]),
        ("the Kremlin", [("Kremlin", "place")], [Named("Kremlin", "organisation")]),
        ("Jordan Smith", [("Jordan Smith", "person")], [Named("Jordan Smith", "person")]),
        ("New York Times", [("New York", "place")], [Named("New York Times", "organisation")]),
        ("Obama Hold Talks", [("Obama Hold", "person")], [Named("Barack Obama", "person", "wikidata:Q76")]),
        ("Syrian", [("Syrian", "place")], []),
        ("Kerry", [("Kerry", "person")], [Named("Kerry", "person")]),
        ("Kerry", [("Kerry", "place")], [Named("Kerry", "place")]),
        ("Talks between Macron and", [("Macron", "place")], [Named("Emmanuel Macron", "person")]),
        ("Macron 3, Peru 1", [("Macron", "organisation")], [Named("Emmanuel Macron", "person")]),
        ("a b c d e f g h i j k l m n", [("a b c d e f g h i j k l m n", "organisation")], []),
    ],
)
def test_find_is_linked_if_the_type_fits(
    gazetteer: Gazetteer, text: str, found: list[tuple[str, Type]], expected: list[Named]
) -> None:
    assert [named for named in names(gazetteer, text, *found) if named.type != "none"] == expected


def test_own_names_take_precedence_over_everything(gazetteer: Gazetteer) -> None:
    assert names(gazetteer, "the China Grill", ("China Grill", "person")) == [
        Named("China Grill", "product", own=True)
    ]
    assert names(gazetteer, "old Syrian Chess Club Homs", ("Syrian Chess Club Homs", "place")) == [
        Named("Syrian Chess Club", "organisation", own=True)
    ]
