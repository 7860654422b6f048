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
