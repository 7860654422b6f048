"""The sentences of bench/data/names.toml: each kind of relative, namesake and homonymous town."""

import pytest

from bench.names import Given, Score, load, read, reader, score

GAZETTEER, SENTENCES = load()


@pytest.mark.parametrize("model", ["wirewatch", "gazetteer"])
def test_no_listed_person_is_mistaken_for_another(model: str) -> None:
    given = reader(GAZETTEER, model)
    total = Score(0, 0, 0)
    for sentence in SENTENCES:
        scored = score(sentence, given(sentence.language, sentence.text))
        assert scored.wrong_people == 0, sentence.text
        total += scored
    assert total.share >= 0.97
    assert len(SENTENCES) >= 300
    assert len({sentence.language for sentence in SENTENCES}) >= 8


def test_score_counts_what_is_right_and_who_is_mistaken() -> None:
    sentence = read("kind", "en", "[Ann Lee|l:lee] met [Bo Lee] and Cy.")
    assert sentence.text == "Ann Lee met Bo Lee and Cy."
    assert score(sentence, [Given(0, 7, "l:lee")]) == Score(2, 2, 0)
    assert score(sentence, [Given(0, 7, "l:lee"), Given(15, 18, "l:lee")]) == Score(2, 1, 1)
    assert score(sentence, [Given(23, 25, "l:cy")]) == Score(2, 1, 1)
