import numpy as np
import pytest

from query.match import prepare
from query.monitor import keys as module
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
        (Key("pair", None, ("talks", "talks")), False),  # not across title and text
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


def test_a_new_prefix_is_found_in_terms_seen_before() -> None:
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


@pytest.mark.parametrize(
    ("key", "guess"),
    [
        (Key("pair", None, ("peace", "talks")), 0.002),
        (Key("word", None, "a"), 1.0),
        (Key("word", None, "four"), 1 / 16),
        (Key("prefix", None, "four"), 1 / 4),
        (Key("suffix", None, "four"), 1 / 4),
        (Key("pattern", "source", "fo*r"), 1 / 4),
        (Key("word", "source", ""), 1.0),
    ],
)
def test_a_guess_depends_on_the_length(key: Key, guess: float) -> None:
    keys = Keys()
    assert keys.rate(key) == guess
    keys.number(key)
    assert keys.rate(key) == pytest.approx(guess)


def learned(keys: Keys, number: int, articles: int, of_them: int) -> None:
    """Learn from articles, some of which have the key."""
    for place in range(articles):
        keys.learn(np.array([number] if place < of_them else [], np.int32))


def test_a_rate_is_learned_from_the_articles_since_its_key_came_and_the_guess_weighs_as_twenty() -> None:
    keys = Keys()
    assert keys.seen == 0
    first = keys.number(Key("word", None, "four"))
    learned(keys, first, articles=30, of_them=10)
    second = keys.number(Key("prefix", None, "four"))
    learned(keys, second, articles=20, of_them=5)
    assert keys.seen == 50
    assert keys.rate(Key("word", None, "four")) == pytest.approx((10 + 20 / 16) / (50 + 20))
    assert keys.rate(Key("prefix", None, "four")) == pytest.approx((5 + 20 / 4) / (20 + 20))
    assert keys.rates()[[first, second]] == pytest.approx([11.25 / 70, 10 / 40])


def test_a_reused_number_starts_without_a_learned_rate() -> None:
    keys = Keys()
    number = keys.number(Key("word", None, "peace"))
    learned(keys, number, articles=30, of_them=30)
    keys.forget([number])
    assert keys.number(Key("prefix", None, "pea")) == number
    assert keys.rate(Key("prefix", None, "pea")) == pytest.approx(1 / 3)
    assert keys.found_in(ARTICLE) == {number}
    keys.forget([number])
    assert (keys.found_in(ARTICLE), len(keys)) == (set(), 0)


def test_the_forms_of_terms_are_cached_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_REMEMBERED", 3)
    keys = Keys()
    number = keys.number(Key("prefix", None, "x"))
    forms = keys._scopes[None]._forms
    assert keys.found_in(prepare("xa b", "c", {})) == {number}
    assert set(forms) == {"xa", "b", "c"}
    assert keys.found_in(prepare("xd", "", {})) == {number}
    assert set(forms) == {"xd"}
