import pytest

from enrich.names.corrections import load_corrections
from enrich.names.entities import Recogniser, find_entities
from enrich.names.gazetteer import Gazetteer, default_gazetteer
from enrich.names.recognisers import recogniser
from query.match import prepare
from stream.errors import ConfigError

OWN = b"name,type,id,aliases\nViktor Volkov,person,ofac:1,!Volkov\nHarbour Bank,organisation,desk:7,Harbour\n"
HEADER = "written,rule,name,type,id,with,without,source,language\n"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return default_gazetteer([("own.csv", OWN)])


@pytest.fixture(scope="module", params=["wirewatch", "gazetteer"])
def recognise(request: pytest.FixtureRequest) -> Recogniser:
    return recogniser(request.param)


def ids(
    gazetteer: Gazetteer, recognise: Recogniser, rows: str, text: str, source: str = "", language: str = "en"
) -> dict[str, list[str]]:
    """The written forms of each id in a text."""
    corrections = load_corrections([("corrections.csv", (HEADER + rows).encode())])
    found = find_entities(prepare("", text, {}), gazetteer, language, recognise, corrections, source)
    return {one.id: [text[span.start : span.end] for span in one.spans] for one in found if one.id}


FOOTBALL = "Police say Volkov left the striker alone."


@pytest.mark.parametrize(
    ("row", "source", "language", "is_his"),
    [
        ("Volkov,is not,,,ofac:1,striker|football,,,", "", "en", False),
        ("Volkov,is not,Viktor Volkov,,,,,,", "", "en", False),
        (",is not,,,ofac:1,striker,,,", "", "en", False),
        ("Volkov,is not,,,ofac:1,ballet|chess club,,,", "", "en", True),
        ("Volkov,is not,,,ofac:1,,sanctions,,", "", "en", False),
        ("Volkov,is not,,,ofac:1,,police,,", "", "en", True),
        ("Volkov,is not,,,ofac:1,,,Sport Daily,", "sport daily", "en", False),
        ("Volkov,is not,,,ofac:1,,,Sport Daily,", "City News", "en", True),
        ("Volkov,is not,,,ofac:1,,,,ru", "", "en", True),
        ("Volkov,is not,,,ofac:1,,,,fr", "", "fr", False),
        ("Volkov,is not,,,ofac:2,,,,", "", "en", True),
        ("Volkova,is not,,,ofac:1,,,,", "", "en", True),
    ],
)
def test_name_does_not_mean_whom_a_correction_denies(
    gazetteer: Gazetteer, recognise: Recogniser, row: str, source: str, language: str, is_his: bool
) -> None:
    assert ("ofac:1" in ids(gazetteer, recognise, row + "\n", FOOTBALL, source, language)) == is_his


def test_denied_name_stays_without_its_id(gazetteer: Gazetteer) -> None:
    rules = load_corrections([("c", (HEADER + "Volkov,is not,,,ofac:1,,,,\n").encode())])
    found = find_entities(prepare("", FOOTBALL, {}), gazetteer, "de", recogniser("gazetteer"), rules)
    assert [(one.name, one.type, one.id) for one in found] == [("Volkov", "person", "")]


def test_name_that_is_nobody_is_left_out(gazetteer: Gazetteer, recognise: Recogniser) -> None:
    rules = load_corrections([("c", (HEADER + "Harbour,is not,,,,,,,\n").encode())])
    found = find_entities(prepare("", "The Harbour is cold.", {}), gazetteer, "en", recognise, rules)
    assert "Harbour" not in {one.name for one in found}


def test_alias_counts_beside_a_word_of_its_context(gazetteer: Gazetteer, recognise: Recogniser) -> None:
    row = "The Captain,is,Viktor Volkov,person,ofac:1,yacht|sanctions,,,\n"
    assert ids(gazetteer, recognise, row, "The Captain bought a yacht.") == {"ofac:1": ["The Captain"]}
    assert ids(gazetteer, recognise, row, "The Captain bought a horse.") == {}


def test_correction_overrides_everything_else(gazetteer: Gazetteer, recognise: Recogniser) -> None:
    row = "Jordan,is,Jordan River Trust,organisation,desk:9,trust,,,\n"
    text = "The trust said Jordan would pay. Officials in Amman agreed."
    assert ids(gazetteer, recognise, row, text) == {"desk:9": ["Jordan"], "geonames:250441": ["Amman"]}


def test_corrected_surname_is_not_taken_from_another_name(
    gazetteer: Gazetteer, recognise: Recogniser
) -> None:
    row = "Petrov,is,Oleg Petrov,person,desk:3,,,,\n"
    assert ids(gazetteer, recognise, row, "Police say Anna Petrov left.") == {}
    assert ids(gazetteer, recognise, row, "Police say Petrov left; a petrov too.") == {"desk:3": ["Petrov"]}


def test_corrected_and_listed_are_one_entity(gazetteer: Gazetteer) -> None:
    rules = load_corrections(
        [("c", (HEADER + "Vova,is,Vladimir Putin,person,wikidata:Q7747,,,,\n").encode())]
    )
    text = "Vladimir Putin, called Vova, left."
    (putin,) = find_entities(prepare("", text, {}), gazetteer, "de", recogniser("gazetteer"), rules)
    assert [text[span.start : span.end] for span in putin.spans] == ["Vladimir Putin", "Vova"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ["line 1", "written, rule"]),
        ("written,rule,colour\n", ["line 1", "written, rule"]),
        ("written,rule\nVolkov\n", ["line 2", "2 columns", "1"]),
        ("written,rule\nVolkov,isnt\n", ["line 2", "column 'rule'", "'is' or 'is not'", "'isnt'"]),
        ("written,rule,type\nVolkov,is not,planet\n", ["line 2", "column 'type'", "person", "'planet'"]),
        ("written,rule\nVolkov,is\n", ["line 2", "'is'", "written, name and type"]),
        ("written,rule\n,is not\n", ["line 2", "'written', 'name' or 'id'"]),
        ("written,rule\n...,is not\n", ["line 2", "column 'written'", "letters"]),
        ("written,rule,with\nA,is not,a|!\n", ["line 2", "column 'with'", "letters", "'!'"]),
        (
            "written,rule,language\nA,is not,\nB,is not,English\n",
            ["line 3", "column 'language'", "'English'"],
        ),
        ('written,rule\n"A,is not\n', ["not valid CSV"]),
        ("\xff", ["UTF-8"]),
    ],
)
def test_fault_of_a_file_is_named(text: str, told: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_corrections([("my.csv", text.encode("latin-1"))])
    assert all(part in str(caught.value) for part in ["my.csv", *told]), str(caught.value)
