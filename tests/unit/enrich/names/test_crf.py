"""The arithmetic of the tagger, over weights that are made up here; no trained model."""

import itertools
import random

import numpy as np
import pytest

from enrich.names.crf import (
    Model,
    Tagger,
    combinations,
    combined,
    default_tagger,
    dump_model,
    key,
    load_model,
)
from enrich.names.features import TEMPLATES, see
from query.match import Words

TAGS = ("B-person", "L-person", "O", "U-place")


def model(features: dict[str, dict[str, float]], steps: np.ndarray | None = None) -> Model:
    weights = np.array([[of.get(tag, 0.0) for tag in TAGS] for of in features.values()], dtype=np.float32)
    rows = {key(feature): row for row, feature in enumerate(features)}
    even = np.zeros((len(TAGS), len(TAGS)), dtype=np.float32)
    return Model(TAGS, rows, weights.reshape(-1, len(TAGS)), even if steps is None else steps)


def tagged(made: Model, text: str) -> list[str]:
    return Tagger(made).tag(see(Words(text), []))


def test_word_and_its_neighbours_add_to_a_tags_score() -> None:
    made = model(
        {
            "w=rome": {"U-place": 2.0},
            "l1=mr": {"B-person": 3.0},
            "w=x": {"O": 1.0},
            "l2=mr": {"L-person": 1.0},
        }
    )
    assert tagged(made, "Rome") == ["U-place"]
    assert tagged(made, "Mr Ann Lee")[1:] == ["B-person", "L-person"]


def test_neighbours_are_of_the_same_sentence() -> None:
    made = model({"l1=mr": {"B-person": 3.0}, "w=ann": {"O": 1.0}})
    assert tagged(made, "Mr\nAnn")[1] == "O"
    assert tagged(made, "Mr Ann")[1] == "B-person"


def test_best_path_is_the_one_of_all_paths() -> None:
    chance = random.Random(3)
    steps = np.array([[chance.uniform(-2, 2) for _ in TAGS] for _ in TAGS], dtype=np.float32)
    words = ["ash", "birch", "cedar", "date", "elm"]
    made = model({f"w={word}": {tag: chance.uniform(-2, 2) for tag in TAGS} for word in words}, steps)
    weights = {word: made.weights[number] for number, word in enumerate(words)}

    def score(path: tuple[int, ...]) -> float:
        own = sum(weights[word][tag] for word, tag in zip(words, path, strict=True))
        return float(own + sum(steps[a, b] for a, b in itertools.pairwise(path)))

    best = max(itertools.product(range(len(TAGS)), repeat=len(words)), key=score)
    assert tagged(made, " ".join(words)) == [TAGS[tag] for tag in best]


def test_sentences_do_not_touch_each_other() -> None:
    chance = random.Random(5)
    steps = np.array([[chance.uniform(-2, 2) for _ in TAGS] for _ in TAGS], dtype=np.float32)
    made = model({f"w={word}": {tag: chance.uniform(-2, 2) for tag in TAGS} for word in "abcdef"}, steps)
    lines = ["a b c", "d", "e f a b", "c d"]
    assert tagged(made, "\n".join(lines)) == [tag for line in lines for tag in tagged(made, line)]


def test_nothing_has_no_tags() -> None:
    assert tagged(model({"w=x": {"O": 1.0}}), "") == []


def test_combined_signs_are_numbered_apart() -> None:
    seen = see(Words("Ann saw Bo Lee in Rome, (at 3) \"noon\" - or 'later'."), [])
    for template in TEMPLATES:
        numbers = combined(template, seen)
        assert numbers.min() >= 0
        assert numbers.max() < combinations(template)


def test_model_is_read_as_it_was_written() -> None:
    made = model({"w=rome": {"U-place": 2.0, "O": -1.27}, "w=x": {"O": 1.0}}, np.eye(4, dtype=np.float32))
    read = load_model(dump_model(made))
    assert (read.tags, read.rows) == (made.tags, made.rows)
    assert np.allclose(read.weights, made.weights, atol=0.01)
    assert (read.steps == made.steps).all()


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("He flew to Geneva.", ["O", "O", "O", "U-place"]),
        ("Mr John Smith spoke.", ["O", "B-person", "L-person", "O"]),
    ],
)
def test_shipped_model(text: str, tags: list[str]) -> None:
    assert default_tagger().tag(see(Words(text), [])) == tags
