"""Relatives and namesakes are never taken for a listed person."""

import pytest

from enrich.names.entities import Recogniser, find_entities
from enrich.names.gazetteer import Gazetteer, default_gazetteer, load_gazetteer
from enrich.names.recognisers import recogniser
from query.match import prepare

OWN = (
    "name,type,id,aliases\n"
    "Viktor Volkov,person,ofac:1,Volkov|Волков\n"
    "Kim Tae-ho,person,ofac:2,Kim\n"
    "山田太郎,person,ofac:3,山田\n"
    "Jean-Pierre Duval,person,ofac:4,Duval\n"
    "Omar Haddad,person,ofac:5,Haddad|عمر حداد|حداد\n"
    "Kilo,person,ofac:6,\n"
    "Chen Wei,person,ofac:7,陈伟\n"
)
MODELS = ("wirewatch", "gazetteer")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return default_gazetteer([("own.csv", OWN.encode())])


@pytest.fixture(scope="module", params=MODELS)
def recognise(request: pytest.FixtureRequest) -> Recogniser:
    return recogniser(request.param)


def named(
    gazetteer: Gazetteer, recognise: Recogniser, language: str, text: str, title: str = ""
) -> dict[str, list[str]]:
    """How a text writes each listed person, by id or, without one, by name."""
    fields = {"title": title, "text": text}
    listed = {(one.name, one.id) for one in gazetteer.people}
    return {
        one.id or one.name: [fields[span.field][span.start : span.end] for span in one.spans]
        for one in find_entities(prepare(title, text, {}), gazetteer, language, recognise)
        if one.type == "person" and (one.name, one.id) in listed
    }


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Asma al-Assad arrived in Moscow on Friday with her children, officials said."),
        ("en", "Michelle Obama spoke at the convention in Chicago on Friday."),
        ("en", "Melania Trump will not attend, her office said on Friday in Washington."),
        ("en", "Rifaat al-Assad, an uncle of the president, was tried in Paris."),
        ("en", "Lyudmila Putina lives in Spain, the paper said on Friday."),
        ("en", "Hafez Assad ruled for decades. Assad died in 2000."),
        ("en", "Donald Trump Jr. spoke in Ohio."),
        ("en", "The Assad family owns Trump Tower and the Assad Foundation."),
        ("en", "The Assads and the Trumps met."),
        ("en", "Mrs Obama wore red. First Lady Assad wore blue."),
        ("en", "The younger Assad studied in London."),
        ("en", "Daniil Medvedev beat a rival in Miami. Medvedev smiled."),
        ("en", "Kim Yo-jong spoke in Pyongyang. Kim left."),
        ("ru", "Асма Асад прибыла в Москву в пятницу."),
        ("ru", "Мишель Обама выступила в Чикаго."),
        ("ru", "Мелания Трамп не приедет."),
        ("ru", "Людмила Путина живёт в Испании. Путина молчит."),
        ("ru", "Вчера прибыла Людмила Александровна Путина."),
        ("fr", "Mélania Trump ne viendra pas à Paris vendredi."),
        ("fr", "Michelle Obama a parlé vendredi à Chicago."),
        ("fr", "Asma el-Assad est arrivée à Moscou vendredi. Mme Assad a souri."),
        ("fr", "Les Assad sont partis."),
        ("de", "Michelle Obama sprach in Chicago. Frau Obama reiste ab."),
        ("es", "Los Obama llegaron a Madrid con Malia Obama."),
        ("it", "È arrivata Melania Trump a Roma."),
        ("pt", "A ex-primeira-dama Michelle Obama chegou a Lisboa."),
        ("ar", "قالت ميشيل أوباما إنها سعيدة"),
        ("ar", "وصلت أسماء الأسد إلى موسكو"),
        ("en", "The striker Dmitri Volkov gave United a victory over City on Friday."),
        ("en", "Dmitri Volkov scored twice on Friday. Volkov was praised."),
        ("en", "Volkov scored twice, and coach Volkov was glad."),
        ("en", "Viktor Volkov-Petrov was there, and Jean-Viktor Volkov, and V. Volkov, and D. Volkov."),
        ("en", "Jordan Volkov won."),
        ("en", "Hafez Bashar al-Assad, the president's son, studied maths."),
        ("en", "Omar Haddad al-Masri and Abu Omar Haddad and Omar bin Haddad sang."),
        ("en", "The tanker Viktor Volkov sank. Volkov & Sons closed, and so did Volkov Holding."),
        ("en", "President Volkov of the chess club resigned."),
        ("ru", "Дмитрий Волков забил гол. Волков доволен."),
        ("ru", "Гол забил Д. Волков. Тренер Волков доволен."),
        ("en", "Kim Soo-yeon won the race. Kim smiled."),
        ("ja", "山田花子さんが語った。"),
        ("ja", "山田が語った。"),
        ("fr", "Pierre Duval a gagné. Jean-Paul Duval aussi. Duval sourit."),
        ("ar", "قال سامي حداد"),
    ],
)
def test_relative_or_namesake_is_not_the_listed_person(
    gazetteer: Gazetteer, recognise: Recogniser, language: str, text: str
) -> None:
    assert named(gazetteer, recognise, language, text) == {}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (
            "en",
            "Bashar al-Assad fled. Assad is in Moscow.",
            {"Bashar al-Assad": ["Bashar al-Assad", "Assad"]},
        ),
        ("en", "Syria's President Assad fled. Assad is away.", {"Bashar al-Assad": ["Assad", "Assad"]}),
        ("en", "Angela Merkel left. Mrs Merkel smiled.", {"Angela Merkel": ["Angela Merkel", "Merkel"]}),
        ("en", "Viktor Volkov was fined. Volkov appealed.", {"ofac:1": ["Viktor Volkov", "Volkov"]}),
        ("en", "Viktor Volkov was fined. Dmitri Volkov ran. Volkov fell.", {"ofac:1": ["Viktor Volkov"]}),
        ("en", "Bashar al-Assad met Asma al-Assad. Assad left.", {"Bashar al-Assad": ["Bashar al-Assad"]}),
        ("en", "Kim Tae-ho was fined, Kim Soo-yeon was not.", {"ofac:2": ["Kim Tae-ho"]}),
        ("en", "George H.W. Bush met George W. Bush.", {"George W. Bush": ["George W. Bush"]}),
        ("en", "Police arrested Kilo in Lima.", {"ofac:6": ["Kilo"]}),
        ("ru", "Владимир Владимирович Путин прибыл.", {"wikidata:Q7747": ["Владимир Владимирович Путин"]}),
        ("ru", "Путин Владимир Владимирович прибыл.", {"wikidata:Q7747": ["Путин Владимир Владимирович"]}),
        ("ru", "В. В. Путин прибыл в Омск.", {"wikidata:Q7747": ["В. В. Путин"]}),
        ("ru", "Вчера Путин прибыл в Омск.", {"wikidata:Q7747": ["Путин"]}),
        ("ru", "Виктор Волков оштрафован. Волков молчит.", {"ofac:1": ["Виктор Волков", "Волков"]}),
        ("ru", "Виктор Петрович Волков оштрафован.", {"ofac:1": ["Виктор Петрович Волков"]}),
        ("es", "Sánchez y Putin hablaron.", {"wikidata:Q7747": ["Putin"]}),
        ("pt", "Encontro entre Silva e Putin termina.", {"wikidata:Q7747": ["Putin"]}),
        ("de", "Kremlchef Putin reiste ab.", {"wikidata:Q7747": ["Putin"]}),
        ("de", "Der Bruder von Viktor Volkov kam.", {"ofac:1": ["Viktor Volkov"]}),
        ("zh", "警方说陈伟已经离开。陈伟明进球了。", {"ofac:7": ["陈伟"]}),
        ("en", "Viktor Volkov bought the ship. Volkov named it.", {"ofac:1": ["Viktor Volkov", "Volkov"]}),
        ("fr", "Jean-Pierre Duval a gagné. Duval sourit.", {"ofac:4": ["Jean-Pierre Duval", "Duval"]}),
        ("ja", "山田太郎が語った。", {"ofac:3": ["山田太郎"]}),
        ("ar", "قال عمر حداد ثم قال حداد", {"ofac:5": ["عمر حداد", "حداد"]}),
        ("ar", "وصلت أسماء الأسد مع بشار الأسد", {"Bashar al-Assad": ["بشار الأسد"]}),
    ],
)
def test_listed_person_is_known_where_the_text_is_sure(
    gazetteer: Gazetteer, recognise: Recogniser, language: str, text: str, expected: dict[str, list[str]]
) -> None:
    assert named(gazetteer, recognise, language, text) == expected


def test_evidence_of_the_text_counts_for_the_title(gazetteer: Gazetteer, recognise: Recogniser) -> None:
    of_another = named(gazetteer, recognise, "en", "Dmitri Volkov scored.", "Volkov wins the cup for United")
    his = named(gazetteer, recognise, "en", "Viktor Volkov was fined.", "Volkov fined by the court")
    assert (of_another, his) == ({}, {"ofac:1": ["Volkov", "Viktor Volkov"]})


def test_mark_makes_a_surname_count_alone(recognise: Recogniser) -> None:
    own = load_gazetteer([], [("own.csv", b"name,type,id,aliases\nViktor Volkov,person,ofac:1,!Volkov\n")])
    assert named(own, recognise, "en", "Police say Volkov left.") == {"ofac:1": ["Volkov"]}
    assert named(own, recognise, "en", "Police say Dmitri Volkov left.") == {}
