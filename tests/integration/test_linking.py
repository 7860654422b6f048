"""The hand-marked mentions (bench/data/linking.txt) still get their ids."""

import pytest

from bench.linking import TABLE, Sentence, end_to_end, given_places, read
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import RULES, SHIPPED, recogniser


@pytest.fixture(scope="module")
def sentences() -> list[Sentence]:
    return list(read(TABLE.read_text("utf-8")))


def test_table_has_what_it_says(sentences: list[Sentence]) -> None:
    marks = [mark for sentence in sentences for mark in sentence.marks]
    assert len(marks) >= 295
    assert {kind for _, _, kind, _ in marks} == {"place", "person", "organisation", "none"}


def test_given_places_get_their_ids(sentences: list[Sentence]) -> None:
    score = given_places(sentences, default_gazetteer())
    assert score.precision >= 0.98
    assert score.recall >= 0.90


@pytest.mark.parametrize("model", [SHIPPED, RULES])
def test_bare_sentences_get_their_ids(sentences: list[Sentence], model: str) -> None:
    score = end_to_end(sentences, default_gazetteer(), recogniser(model))
    assert score.precision >= 0.95
    assert score.recall >= 0.90
