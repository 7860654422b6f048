"""Names in languages other than English, by the shipped model."""

import pytest

from enrich.names.entities import find_entities
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import RULES, SHIPPED, recogniser
from query.match import prepare


def found(text: str, language: str, model: str = SHIPPED) -> set[tuple[str, str]]:
    entities = find_entities(prepare("", text, {}), default_gazetteer(), language, recogniser(model))
    return {(entity.name, entity.type) for entity in entities}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "El ministro Julián Arrieta habló en Bilbao.", {("Julián Arrieta", "person"), ("Bilbao", "place")}),
        ("fr", "La ministre Solène Kerbrat est arrivée à Quimperlé.", {("Solène Kerbrat", "person"), ("Quimperlé", "place")}),
        ("de", "Die Ministerin Wiebke Harmsen sprach in Husum.", {("Wiebke Harmsen", "person"), ("Husum", "place")}),
        ("pt", "O ministro Tiago Lacerda falou em Coimbra.", {("Tiago Lacerda", "person"), ("Coimbra", "place")}),
        ("it", "Il ministro Ezio Bertolaso ha parlato a Ferrara.", {("Ezio Bertolaso", "person"), ("Ferrara", "place")}),
        ("nl", "Minister Sjoerd Hoekema sprak in Leeuwarden.", {("Sjoerd Hoekema", "person"), ("Leeuwarden", "place")}),
        ("ru", "Министр Артём Голубев приехал в Саратов.", {("Артём Голубев", "person"), ("Saratov", "place")}),
        ("pl", "Minister Jan Kalinowski przyjechał do Tarnowa.", {("Jan Kalinowski", "person"), ("Tarnowa", "place")}),
        ("uk", "Міністр Тарас Гаврилюк приїхав до Луцька.", {("Тарас Гаврилюк", "person"), ("Луцька", "place")}),
    ],
)  # fmt: skip
def test_names_that_no_list_has(language: str, text: str, expected: set[tuple[str, str]]) -> None:
    assert expected <= found(text, language)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("es", "Nació en Betanzos y murió en Lugo.", {("Betanzos", "place"), ("Lugo", "place")}),
        ("de", "Sie studierte an der Universität Marburg bei Hans Gadamer.",
         {("Universität Marburg", "organisation"), ("Hans Gadamer", "person")}),
        ("it", "Giuseppe Ferraguti (Ferrara, 1889 – Roma, 1951) è stato un ingegnere.",
         {("Giuseppe Ferraguti", "person"), ("Ferrara", "place"), ("Rome", "place")}),
        ("nl", "Oosterhesselen is een dorp in de provincie Drenthe.", {("Oosterhesselen", "place"), ("Drenthe", "place")}),
        ("pl", "Spadł śnieg w Hiszpanii i we Francji.", {("Spain", "place"), ("France", "place")}),
    ],
)  # fmt: skip
def test_names_in_an_encyclopedias_sentences(
    language: str, text: str, expected: set[tuple[str, str]]
) -> None:
    assert expected <= found(text, language)


def test_surname_is_the_person_named_in_full() -> None:
    text = "El ministro Julián Arrieta habló ayer. Según Arrieta, no hay prisa."
    assert found(text, "es") == {("Julián Arrieta", "person")}


def test_listed_person_is_one_in_every_script() -> None:
    for language, text in (
        ("ru", "Встреча с Владимиром Путиным отложена."),
        ("fr", "Vladimir Poutine a refusé."),
        ("ar", "رفض فلاديمير بوتين الاقتراح."),
    ):
        assert ("Vladimir Putin", "person") in found(text, language)


def test_rules_and_unknown_languages_keep_to_the_lists() -> None:
    assert found("El ministro Julián Arrieta habló en Rusia.", "es", RULES) == {("Russia", "place")}
    assert found("Ministern Sjoerd Hoekema talade om Russia.", "sv") == {("Russia", "place")}


def test_quoted_name_is_an_organisation_in_russian_and_ukrainian() -> None:
    assert ("Речной вокзал", "organisation") in found("Завод «Речной вокзал» закрыт.", "ru")
    said = "Он сказал: «Мы не согласны с тем, что написано в газете»."
    assert not [name for name, kind in found(said, "ru") if kind == "organisation"]
