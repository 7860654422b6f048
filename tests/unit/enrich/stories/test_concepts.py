import pytest

from enrich.stories.concepts import concepts, spelling


def names(text: str, language: str) -> list[str]:
    return [one.name for one in concepts(text, language)]


def shared(text: str, language: str) -> set[str]:
    return {one.name for one in concepts(text, language) if one.shared}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Syria ceasefire talks in Geneva", "en"),
        ("Syrian truce negotiations in Geneva", "en"),
        ("Conversaciones en Ginebra sobre el alto el fuego en Siria", "es"),
        ("Syrie : les négociations sur le cessez-le-feu à Genève", "fr"),
        ("Verhandlungen über die syrische Waffenruhe in Genf", "de"),
        ("Переговоры о перемирии в Сирии в Женеве", "ru"),
        ("محادثات الهدنة في سوريا بجنيف", "ar"),
    ],
)
def test_one_headline_has_the_same_concepts_in_six_languages(text: str, language: str) -> None:
    assert {"syria", "ceasefire", "talks", "geneva"} <= shared(text, language)


def test_a_compound_may_say_two_things_and_words_that_say_nothing_are_left_out() -> None:
    assert names("die Friedensgespräche", "de") == ["talks"]
    assert names("die Außenministerin", "de") == ["minister", "foreign"]
    assert names("el de la", "es") == []


def test_numbers_are_the_same_however_their_thousands_are_marked() -> None:
    for number, language in (("1,204", "en"), ("1.204", "es"), ("1\u00a0204", "fr"), ("1204", "de")):
        assert shared(number, language) == {"1204"}
    assert names("3.5 of 2255", "en") == ["3", "5", "of", "2255"]


@pytest.mark.parametrize(
    "spellings",
    [
        ("putin", "poutine", "путин"),
        ("madaya", "madaja", "мадаия"),
        ("sorrel", "соррел"),
        ("kefraya", "кефрая"),
    ],
)
def test_names_are_spelt_alike(spellings: tuple[str, ...]) -> None:
    assert len({spelling(one) for one in spellings}) == 1


def test_russian_cases_of_a_name_are_one() -> None:
    assert names("Сухановым", "ru") == names("Суханов", "ru") == names("Суханову", "ru")


def test_words_of_a_language_without_a_list_stand_for_themselves_and_names_are_shared() -> None:
    assert names("Miljoenen voor Rotterdam", "nl") == ["milioenen", "vor", "roterdam"]
    assert shared("miljoenen voor Rotterdam", "nl") == {"roterdam"}
    assert names("Rotterdam", "unknown") == ["roterdam"]
