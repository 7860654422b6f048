import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from enrich.stories.rarity import Rarity, feature_of, shipped
from enrich.stories.vector import (
    SIZE,
    features_of,
    narrow,
    of_one_language,
    similarities,
    similarities_across,
    vector_of,
    widen,
)


def rarity() -> Rarity:
    return Rarity(shipped())


def test_rare_words_come_first_and_common_ones_not_at_all() -> None:
    features = features_of(
        vector_of("The president of Kyrgyzstan and the Zhaparov affair", "", rarity())
    ).tolist()
    assert feature_of("the") not in features
    assert features.index(feature_of("shaparov")) < features.index(feature_of("president"))


def test_a_word_of_the_title_weighs_more_than_one_of_the_lead() -> None:
    features = features_of(vector_of("Zhaparov", "Qoryoqov", rarity())).tolist()
    assert features[:2] == [feature_of("shaparov"), feature_of("koriokov")]


def test_a_word_that_the_stream_uses_often_becomes_common() -> None:
    lately = rarity()
    before = lately.of("zhaparov")
    lately.learn(np.full((2000, 1), feature_of("zhaparov"), dtype=np.uint32))
    assert lately.of("zhaparov") < 2 < before
    lately.forget(np.full((2000, 1), feature_of("zhaparov"), dtype=np.uint32))
    assert lately.of("zhaparov") == before


@given(st.text(max_size=300), st.text(max_size=300))
def test_a_vector_is_like_itself_and_survives_being_stored(title: str, lead: str) -> None:
    vector = vector_of(title, lead, rarity())
    assert len(vector) == SIZE
    assert (widen(narrow(vector)[None, :]) == vector).all()
    if vector.any():
        assert 0.2 < float(similarities(vector, vector[None, :])[0]) < 1.2


def test_what_two_languages_share_is_compared_and_what_one_has_alone_is_not() -> None:
    english = vector_of("Ferry with 214 people runs aground off Cape Sorrel", "", rarity(), "en")
    russian = vector_of("Паром сел на мель у мыса Соррел, все 214 человек спасены", "", rarity(), "ru")
    other = vector_of("В буфете кончился чай, а вратарь отразил семьдесят бросков", "", rarity(), "ru")
    alike = similarities_across(english, np.stack([russian, other]))
    assert alike[0] > 0.5
    assert alike[1] == 0


def test_of_an_old_vector_nothing_is_taken_for_shared() -> None:
    vector = vector_of("Putin and Kerry meet in Moscow", "", rarity())
    old = of_one_language(vector)
    assert float(similarities_across(vector, vector[None, :])[0]) > 0.5
    assert float(similarities_across(vector, old[None, :])[0]) == 0
