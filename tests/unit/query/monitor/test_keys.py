import numpy as np
import pytest

from query.match import prepare
from query.monitor.conjunctions import Key
from query.monitor.keys import Keys

ARTICLE = prepare("Peace talks", "talks on Syria", {"author": ["Ann Lee"], "source": ["BBC News"]})


@pytest.mark.parametrize(
    ("key", "is_there"),
    [
        (Key("word", None, "peace"), True),
        (Key("word", None, "war"), False),
        (Key("word", "text", "peace"), False),
        (Key("word", "title", "peace"), True),
        (Key("pair", None, ("talks", "on")), True),
        (Key("pair", None, ("talks", "talks")), False),  # not from the title into the text
        (Key("prefix", None, "syr"), True),
        (Key("prefix", None, "yri"), False),
        (Key("suffix", "text", "ria"), True),
        (Key("suffix", "title", "ria"), False),
        (Key("pattern", None, "sy?i*"), True),
        (Key("pattern", None, "sy?a"), False),
        (Key("pattern", "source", "bb*ws"), True),
        (Key("word", "author", "lee"), True),
        (Key("word", "source", "bbc news"), True),
        (Key("word", "source", "bbc"), False),
        (Key("prefix", "source", "bbc n"), True),
    ],
)
def test_found_in(key: Key, is_there: bool) -> None:
    keys = Keys()
    keys.number(Key("word", None, "other"))
    number = keys.number(key)
    assert keys.found_in(ARTICLE) == ({number} if is_there else set())


def test_a_key_has_one_number_until_it_is_forgotten() -> None:
    keys = Keys()
    first, second = keys.number(Key("word", None, "peace")), keys.number(Key("prefix", None, "pea"))
    assert keys.number(Key("word", None, "peace")) == first
    assert keys.found_in(ARTICLE) == {first, second}
    keys.forget([first, second, first])
    assert keys.found_in(ARTICLE) == set()
    assert len(keys) == 0
    assert keys.number(Key("word", None, "syria")) in (first, second)
    assert len(keys) == 1


def test_a_prefix_that_is_new_is_found_in_terms_that_were_met_before() -> None:
    keys = Keys()
    keys.number(Key("prefix", None, "x"))
    assert keys.found_in(ARTICLE) == set()
    number = keys.number(Key("prefix", None, "syr"))
    assert keys.found_in(ARTICLE) == {number}


def test_rates_are_guessed_and_then_learned() -> None:
    keys = Keys()
    rare, common = Key("word", None, "said"), Key("word", None, "longerword")
    assert keys.rate(rare) > keys.rate(common)
    numbers = np.array([keys.number(common)], np.int32)
    keys.number(rare)
    for _ in range(1_000):
        keys.learn(numbers)
    assert keys.rate(common) == pytest.approx(1, abs=0.05)
    assert keys.rate(rare) < 0.01
    assert keys.rates()[numbers[0]] == pytest.approx(keys.rate(common))


def test_there_is_room_for_many() -> None:
    keys = Keys()
    numbers = {keys.number(Key("word", None, f"word{number}")) for number in range(5_000)}
    assert numbers == set(range(1, 5_001))
    assert len(keys.rates()) == keys.end == 5_001
