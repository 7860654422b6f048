"""The cost of enrichment grows no faster than the text."""

from collections.abc import Callable
from pathlib import Path

import pytest
from growth import LINEAR, adversarial, growth, letters, work

from enrich.language import detect
from enrich.names.entities import find_entities
from enrich.names.gazetteer import Gazetteer, default_gazetteer, load_gazetteer
from enrich.names.recognisers import recogniser
from enrich.stories.signature import fingerprints
from enrich.topics import load_topics, tag
from query.match import prepare

TEXTS = list(adversarial(1))
TOPICS = Path(__file__).parents[3] / "wirewatch/defaults/topics.toml"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return default_gazetteer()


@pytest.mark.parametrize("model", ["wirewatch", "gazetteer"])
@pytest.mark.parametrize("text", TEXTS)
def test_names(text: str, model: str, gazetteer: Gazetteer) -> None:
    recognise = recogniser(model)

    def finding(given: str) -> Callable[[], object]:
        return lambda: find_entities(prepare("", given, {}), gazetteer, "en", recognise)

    assert growth(finding, text) <= LINEAR


@pytest.mark.parametrize("text", TEXTS)
def test_topics(text: str) -> None:
    topics = load_topics(TOPICS.read_bytes(), TOPICS.name)
    assert growth(lambda given: lambda: tag(topics, prepare("", given, {})), text) <= LINEAR


@pytest.mark.parametrize("text", TEXTS)
def test_language_and_signature(text: str) -> None:
    assert growth(lambda given: lambda: detect(given), text) <= LINEAR
    assert growth(lambda given: lambda: fingerprints(given), text) <= LINEAR


def test_names_cost_no_more_where_many_begin_alike() -> None:
    def known(count: int) -> Gazetteer:
        rows = "".join(f"New {letters(number)},place\n" for number in range(count))
        return load_gazetteer([("own.csv", f"name,type\n{rows}".encode())])

    def finding(given: Gazetteer) -> int:
        text = prepare("", "New York New " * 100, {})
        find_entities(text, given, "de", recogniser("gazetteer"))  # loads what is loaded once
        return work(lambda: find_entities(text, given, "de", recogniser("gazetteer")))

    assert finding(known(1000)) == finding(known(10))
