"""Towns, states, people and dishes with the names of countries."""

from importlib.resources import files

import pytest

from enrich.names.entities import Recogniser, find_entities
from enrich.names.gazetteer import Gazetteer, default_gazetteer
from enrich.names.recognisers import recogniser
from enrich.topics import load_topics, tag
from query.match import Prepared, prepare

TOPICS = load_topics(files("wirewatch").joinpath("defaults/topics.toml").read_bytes(), "topics.toml")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return default_gazetteer()


@pytest.fixture(scope="module", params=["wirewatch", "gazetteer"])
def recognise(request: pytest.FixtureRequest) -> Recogniser:
    return recogniser(request.param)


def ids(
    gazetteer: Gazetteer, recognise: Recogniser, text: str, title: str = "", language: str = "en"
) -> set[str]:
    """The ids of places in a text."""
    found = find_entities(prepare(title, text, {}), gazetteer, language, recognise)
    return {one.id.partition(":")[2] for one in found if one.id and one.type == "place"}


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("LB", "The fair in Lebanon, Pennsylvania drew record crowds."),
        ("LB", "LEBANON, Pa. (AP) - A fire destroyed a warehouse in Lebanon on Friday."),
        ("LB", "A storm hit Lebanon (Tenn.) at noon. Lebanon was dark for hours."),
        ("SY", "Apples ripen in Syria, Virginia, near Shenandoah."),
        ("SY", "SYRIA, Va. - Apples ripen early."),
        ("MX", "Police in Mexico, Missouri arrested two men."),
        ("MX", "Police in Mexico, MO arrested two men."),
        ("PE", "The circus of Peru, Indiana returned."),
        ("CU", "A barn burned in Cuba, New Mexico."),
        ("524901", "Students in Moscow, Idaho held a vigil. Moscow is small."),
        ("2988507", "Paris, Texas has a tower of its own."),
        ("2988507", "PARIS, Tex. (AP) - The tower fell."),
        ("2643743", "London, Ont. plans a bridge, and London, Ontario will pay."),
        ("GE", "Governor Brian Kemp of Georgia signed the bill in Atlanta. Georgia Republicans cheered."),
        ("GE", "Voters in Georgia and Florida went to the polls."),
        ("GE", "Georgia won the match."),
        ("JO", "Michael Jordan sold his stake. Jordan bought it in 2010."),
        ("TD", "Chad Smith of the Red Hot Chili Peppers played. Chad said he was tired."),
        ("IL", "Israel Vázquez won the bout. Israel thanked his coach."),
        ("TR", "Roast turkey was recalled. Turkey with stuffing was affected."),
        ("TR", "Turkey soup is a fine way to use what is left."),
        ("CN", "She sold china and glass. China cups were the dearest."),
        ("GN", "A Guinea pig escaped. Guinea fowl were sold."),
        ("PA", "He wore a Panama hat and a Panama Jack shirt."),
        ("JE", "New Jersey police closed the road to Newark. Jersey drivers waited."),
    ],
)
def test_namesake_is_not_the_place(
    gazetteer: Gazetteer, recognise: Recogniser, wrong: str, text: str
) -> None:
    assert wrong not in ids(gazetteer, recognise, text)


@pytest.mark.parametrize(
    ("right", "text"),
    [
        ("GE", "Prime Minister Irakli Kobakhidze said in Tbilisi that Georgia would suspend talks."),
        ("GE", "Georgia, Armenia and Azerbaijan signed."),
        ("LB", "Beirut is the capital of Lebanon. Shells fell in southern Lebanon."),
        ("LB", "Lebanon, Syria and Jordan signed the treaty."),
        ("LB", "An envoy from Lebanon, Pennsylvania met Lebanese leaders in Beirut. Lebanon thanked him."),
        ("JO", "Michael Jordan flew to Amman. He trained boys in Jordan."),
        ("JO", "Jordan closed the crossing, officials in Amman said."),
        ("TD", "Refugees from Darfur crossed into Chad."),
        ("TR", "Prices in Ankara rose faster than elsewhere in Turkey, and a turkey costs twice as much."),
        ("MX", "Officials from Mexico, Texas and Arizona met."),
        ("CN", "China imports china from its neighbours, Beijing said."),
        ("RU", "Russia, Iran and Turkey met in Moscow."),
        ("4930956", "Boston, Massachusetts has a new mayor."),
        ("4180439", "The trial in Atlanta, Georgia began."),
        ("6167865", "Toronto, Ont. and the ferry."),
    ],
)
def test_place_itself_is_still_found(
    gazetteer: Gazetteer, recognise: Recogniser, right: str, text: str
) -> None:
    assert right in ids(gazetteer, recognise, text)


def test_town_in_the_text_decides_the_title(gazetteer: Gazetteer, recognise: Recogniser) -> None:
    text = "LEBANON, Pa. (AP) - A fire destroyed a warehouse."
    (lebanon, *_) = find_entities(prepare("Fire in Lebanon", text, {}), gazetteer, "en", recognise)
    assert (lebanon.name, lebanon.id, len(lebanon.spans)) == ("Lebanon, Pennsylvania", "", 2)


def tagged(gazetteer: Gazetteer, recognise: Recogniser, text: str) -> set[str]:
    bare = prepare("", text, {})
    names = [value for one in find_entities(bare, gazetteer, "en", recognise) for value in one.searched_as]
    made: Prepared = prepare("", text, {"entity": names})
    return {one.topic for one in tag(TOPICS, made)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The fair in Lebanon, Pennsylvania drew record crowds.", set()),
        ("Apples ripen in Syria, Virginia, near Shenandoah.", set()),
        ("Paris, Texas and Moscow, Idaho and London, Ontario are on the list.", set()),
        ("Wind felled trees in Odessa, Texas and in St. Petersburg, Fla.", set()),
        ("Israel Vázquez won the bout.", set()),
        ("The Kremlin told Moscow, Idaho to change its name.", {"russia"}),
        ("Lebanon closed its port.", {"middle-east"}),
        ("Syria closed its port.", {"syria", "middle-east"}),
        ("Israel Police said so.", {"israel-palestinians", "middle-east"}),
        ("Odessa was shelled.", {"ukraine"}),
    ],
)
def test_topics_follow(gazetteer: Gazetteer, recognise: Recogniser, text: str, expected: set[str]) -> None:
    assert tagged(gazetteer, recognise, text) == expected
