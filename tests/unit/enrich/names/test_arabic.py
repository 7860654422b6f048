import pytest

from enrich.names.arabic import with_clitics, without_clitics
from enrich.names.exonyms import in_language
from enrich.names.gazetteer import default_gazetteer, find
from query.match import Words


def test_name_stands_after_a_conjunction_or_a_preposition() -> None:
    assert {"وموسكو", "لموسكو", "بموسكو"} <= set(with_clitics("موسكو"))
    assert {"والصين", "للصين", "بالصين"} <= set(with_clitics("الصين"))


@pytest.mark.parametrize("name", ["قطر", "Moscow", "Москва", ""])
def test_others_do_not(name: str) -> None:
    assert list(with_clitics(name)) == []


@pytest.mark.parametrize(
    ("term", "name"),
    [("وموسكو", "موسكو"), ("وبموسكو", "موسكو"), ("للبنك", "البنك"), ("وللبنك", "البنك"), ("موسكو", "موسكو")],
)
def test_word_without_what_is_written_together_with_it(term: str, name: str) -> None:
    assert without_clitics(term)[0] == term
    assert name in without_clitics(term)


@pytest.mark.parametrize("term", ["وزن", "Moscow", ""])
def test_short_word_and_word_of_another_script_stay(term: str) -> None:
    assert without_clitics(term) == (term,)


def test_countries_and_people_are_found_so() -> None:
    gazetteer = in_language(default_gazetteer(), "ar")
    found = [
        one.named.name
        for one in find(gazetteer, Words("اتفاق بين واشنطن وموسكو، وقال لافروف لبوتين إن للصين دورا"))
    ]
    assert found == ["Washington", "Moscow", "Sergei Lavrov", "Vladimir Putin", "China"]


def test_words_that_look_like_an_organisation_are_none() -> None:
    gazetteer = in_language(default_gazetteer(), "ar")

    def names(text: str) -> list[str]:
        return [one.named.name for one in find(gazetteer, Words(text)) if not one.weak]

    assert names("استقبله الجمهور بحماس، وأصيب طالبان") == []  # with enthusiasm; two students
    assert names("قالت حماس وحركة طالبان") == ["Hamas", "Taliban"]
