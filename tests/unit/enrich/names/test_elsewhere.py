"""Names in languages other than English, by the shipped model."""

import pytest

from enrich.names.elsewhere import corrected
from enrich.names.entities import find_entities
from enrich.names.gazetteer import Mention, Named, default_gazetteer
from enrich.names.linking import unlinked
from enrich.names.recognisers import RULES, SHIPPED, recogniser
from query.match import Words, prepare


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
    said = "«Мы ждём ответа», — сказала она. «Зенит» выиграл."
    assert found(said, "ru") == {("Зенит", "organisation")}


@pytest.mark.parametrize(
    ("text", "language", "kept"),
    [
        ("La ministra de Transportes, Begoña Larrazábal, dimite.", "es", {("Begoña Larrazábal", "person")}),
        ("A ministra da Agricultura, Lídia Cavaleiro, demitiu-se.", "pt", {("Lídia Cavaleiro", "person")}),
        ("La ministre de la Culture, Anaïs Corbel, démissionne.", "fr", {("Anaïs Corbel", "person")}),
    ],
)
def test_what_a_minister_is_for_is_no_organisation(
    text: str, language: str, kept: set[tuple[str, str]]
) -> None:
    assert found(text, language) == kept


def test_adjective_before_a_quoted_name_is_no_organisation() -> None:
    assert found("Київське «Динамо» перемогло «Карпати».", "uk") == {
        ("Динамо", "organisation"),
        ("Карпати", "organisation"),
    }


def test_country_of_an_office_is_a_place() -> None:
    assert ("Ukraine", "place") in found("O presidente da Ucrânia, Volodymyr Zelensky, falou.", "pt")


@pytest.mark.parametrize(
    ("text", "language", "kind", "expected"),
    [
        ("gol da Ucrânia", "pt", "organisation", "place"),
        ("em Ucrânia", "pt", "organisation", "place"),
        ("Ucrânia 3, Peru 1", "pt", "organisation", "organisation"),
        ("senhor Ucrânia", "pt", "person", "person"),
    ],
)
def test_listed_place_is_a_team_unless_the_text_says_where(
    text: str, language: str, kind: str, expected: str
) -> None:
    words, one = mention(text, kind, "Ucrânia")
    known = [Mention(Named("Ukraine", "place", "iso3166:UA"), one.first, one.last)]
    assert [name.named.type for name in corrected([one], known, words, language)] == [expected]


def test_arabic_names_joined_by_and_are_apart() -> None:
    assert found("زيارة مرتقبة لماكرون إلى بيروت والرياض", "ar") == {
        ("Emmanuel Macron", "person"),
        ("Beirut", "place"),
        ("Riyadh", "place"),
    }


def test_arabic_person_is_called_without_and() -> None:
    text = "أضافت خديجة بلعيد أن الاجتماع تأجل. وقالت الوزيرة وسلمى بلعيد إنهما ستسافران."
    assert {("خديجة بلعيد", "person"), ("سلمى بلعيد", "person")} <= found(text, "ar")


def mention(text: str, kind: str, written: str) -> tuple[Words, Mention]:
    """A find of some words in a text."""
    words = Words(text)
    first = words.terms.index(Words(written).terms[0])
    return words, unlinked(kind, first, first + len(Words(written).terms), words)


def left(text: str, kind: str, written: str, language: str) -> list[tuple[str, str]]:
    """What is left of a find."""
    words, one = mention(text, kind, written)
    return [(name.named.name, name.named.type) for name in corrected([one], [], words, language)]


@pytest.mark.parametrize(
    ("text", "kind", "written", "names"),
    [
        ("وصل إلى البلدة", "place", "البلدة", []),
        ("يقع في مجملها", "place", "مجملها", []),
        ("في بلدة البلدة", "place", "البلدة", ["البلدة"]),  # called so
        ("وصل إلى الحديدة", "place", "الحديدة", ["الحديدة"]),  # listed
        ("وصل إلى للحديدة", "place", "للحديدة", ["للحديدة"]),
        ("اجتمعت لجنة الرقابة الأسبوع", "organisation", "لجنة الرقابة الأسبوع", ["لجنة الرقابة"]),
        ("في أيار", "place", "أيار", []),
        (
            "وزارة التعليم والبحث العلمي",
            "organisation",
            "وزارة التعليم والبحث العلمي",
            ["وزارة التعليم والبحث العلمي"],
        ),
    ],
)
def test_arabic_common_nouns_and_days_are_no_names(
    text: str, kind: str, written: str, names: list[str]
) -> None:
    assert [name for name, _ in left(text, kind, written, "ar")] == names


@pytest.mark.parametrize(
    ("text", "written", "language", "is_kept"),
    [
        ("El ministro de Podemos", "Podemos", "es", False),
        ("El líder de Podemos", "Podemos", "es", True),
        ("Российские военные", "Российские", "ru", False),
        ("Российские, Белорусские", "Российские", "ru", True),
        ("Зеленский", "Зеленский", "ru", True),
    ],
)
def test_organisation_is_left_if_it_may_be_one(text: str, written: str, language: str, is_kept: bool) -> None:
    assert bool(left(text, "organisation", written, language)) == is_kept
