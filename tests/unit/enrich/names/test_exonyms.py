from collections import Counter
from importlib.resources import files

import pytest

from enrich.names.exonyms import in_language
from enrich.names.gazetteer import default_gazetteer, find, load_gazetteer
from query.match import Words


def names(text: str, language: str) -> list[tuple[str, str]]:
    found = find(in_language(default_gazetteer(), language), Words(text))
    return [(mention.named.name, mention.named.id) for mention in found]


def test_country_is_found_by_what_its_language_calls_it() -> None:
    russia = ("Russia", "iso3166:RU")
    assert names("Rusia protesta", "es") == [russia]
    assert names("La Russie proteste", "fr") == [russia]
    assert names("Russland protestiert", "de") == [russia]
    assert names("визит в Россию", "ru") == [russia]
    assert names("Росії не буде", "uk") == [russia]
    assert names("روسيا ترد", "ar") == [russia]


def test_city_is_found_in_its_cases() -> None:
    assert [name for name, _ in names("из Парижа в Варшаву", "ru")] == ["Paris", "Warsaw"]


def test_polish_place_is_found_in_its_cases() -> None:
    assert names("w Polsce i w Stanach Zjednoczonych", "pl") == [
        ("Poland", "iso3166:PL"),
        ("United States", "iso3166:US"),
    ]


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("La OMS pide cautela", "es", "World Health Organization"),
        ("selon l'Organisation mondiale de la santé", "fr", "World Health Organization"),
        ("Die Weltgesundheitsorganisation warnt", "de", "World Health Organization"),
        ("По данным Всемирной организации здравоохранения", "ru", "World Health Organization"),
        ("За даними Всесвітньої організації охорони здоров'я", "uk", "World Health Organization"),
        ("według Światowej Organizacji Zdrowia", "pl", "World Health Organization"),
        ("حذرت منظمة الصحة العالمية", "ar", "World Health Organization"),
        ("il Fondo monetario internazionale", "it", "International Monetary Fund"),
        ("os Médicos Sem Fronteiras", "pt", "Médecins Sans Frontières"),
        ("de Europese Commissie", "nl", "European Commission"),
        (
            "суда по правам человека, Европейский суд по правам человека",
            "ru",
            "European Court of Human Rights",
        ),
        ("وقوات سوريا الديمقراطية", "ar", "Syrian Democratic Forces"),
    ],
)
def test_international_organisation_is_one_in_every_language(text: str, language: str, name: str) -> None:
    assert name in [found for found, _ in names(text, language)]
    assert name not in [found for found, _ in names(text, "sv")]


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("en la Franja de Gaza", "es", "Gaza"),
        ("im Westjordanland", "de", "West Bank"),
        ("в секторе Газа", "ru", "Gaza"),
        ("у Криму", "uk", "Crimea"),
        ("w Strefie Gazy", "pl", "Gaza"),
        ("na Krymie", "pl", "Crimea"),
        ("قصف على دير الزور", "ar", "Deir ez-Zor"),
        ("وصلوا إلى الرقة ودرعا", "ar", "Daraa"),
        ("dans le Haut-Karabakh", "fr", "Nagorno-Karabakh"),
        ("na Escócia", "pt", "Scotland"),
        ("nel Mar Rosso", "it", "Red Sea"),
        ("in de Zwarte Zee", "nl", "Black Sea"),
    ],
)
def test_region_sea_and_city_are_one_in_every_language(text: str, language: str, name: str) -> None:
    assert name in [found for found, _ in names(text, language)]
    assert name not in [found for found, _ in names(text, "sv")] or name == "Gaza"


@pytest.mark.parametrize("file", ["organisation_exonyms.csv", "place_exonyms.csv"])
def test_no_two_are_called_alike_in_a_language(file: str) -> None:
    rows = (files("enrich") / "data" / file).read_text("utf-8").splitlines()[1:]
    assert len(rows) == len(set(rows))
    called = Counter((row.split(",")[0], row.split(",", 2)[2]) for row in rows)
    assert [one for one, count in called.items() if count > 1] == []


def test_listed_person_is_found_in_the_cases_of_polish() -> None:
    text = "Rozmowa Trumpa z Putinem, Zełenskiemu i Donaldowi Tuskowi powiedziano później"
    assert [name for name, _ in names(text, "pl")] == [
        "Donald Trump",
        "Vladimir Putin",
        "Volodymyr Zelensky",
        "Donald Tusk",
    ]
    assert names("Rozmowa Trumpa", "es") == []


@pytest.mark.parametrize(
    ("text", "language", "name"),
    [
        ("Ławrow i Łukaszenka", "pl", "Alexander Lukashenko"),
        ("Lawrow und Lukaschenko", "de", "Alexander Lukashenko"),
        ("Benyamin Nétanyahou a répondu", "fr", "Benjamin Netanyahu"),
        ("Benjamin Netanjahu antwortete", "de", "Benjamin Netanyahu"),
        ("Yevgueni Prigozhin murió", "es", "Yevgeny Prigozhin"),
        ("رمضان قديروف", "ar", "Ramzan Kadyrov"),
        ("встреча с Рамзаном Кадыровым", "ru", "Ramzan Kadyrov"),
        ("le pape Léon XIV", "fr", "Pope Leo XIV"),
    ],
)
def test_person_is_one_in_each_languages_spelling(text: str, language: str, name: str) -> None:
    assert name in [found for found, _ in names(text, language)]


def test_name_of_another_thing_in_english_is_a_city_in_its_language() -> None:
    assert [name for name, _ in names("Nacque a Roma nel 1908", "it")] == ["Rome"]


def test_users_word_that_is_no_name_stays_none() -> None:
    own = load_gazetteer((), [("own.csv", b"name,type,id,aliases\nRoma,none,,\n")])
    (found,) = find(in_language(own, "it"), Words("Nacque a Roma"))
    assert found.named.type == "none"


def test_name_counts_in_its_language_only() -> None:
    assert names("Inde", "fr") == [("India", "iso3166:IN")]
    assert names("Inde", "en") == []
    assert in_language(default_gazetteer(), "en") is default_gazetteer()


def test_users_own_name_comes_first() -> None:
    own = load_gazetteer((), [("own.csv", b"name,type,id,aliases\nRusia FC,organisation,,Rusia\n")])
    (found,) = find(in_language(own, "es"), Words("Rusia gana"))
    assert found.named.name == "Rusia FC"
