import numpy as np
import pytest

from ingest.page.block_features import NAMES
from ingest.page.block_model import Model, default_model, dump_model, load_model

MODEL = Model(
    numbers=np.array([[0, 1], [2, 2]]),
    bounds=np.array([[0.5, 0.5], [1, 2]], np.float32),
    leaves=np.array([[0, 1, 2, 3], [-10, 10, 0, 20]], np.float32),
    start=0.5,
)


def odds(row: list[float]) -> float:
    rows = np.zeros((1, len(NAMES)), np.float32)
    rows[0, : len(row)] = row
    likelihood = float(MODEL.likelihood(rows)[0])
    return float(np.log(likelihood / (1 - likelihood)))


@pytest.mark.parametrize(
    ("row", "expected"),
    [([0, 0, 0], -9.5), ([1, 0, 0], -8.5), ([0, 1, 0], -7.5), ([1, 1, 0], -6.5), ([0.5, 0, 1.5], 10.5)],
)
def test_each_tree_adds_the_leaf_that_its_answers_lead_to(row: list[float], expected: float) -> None:
    assert odds(row) == pytest.approx(expected, abs=0.01)


def test_rows_are_evaluated_in_parts_and_no_rows_give_none() -> None:
    rows = np.zeros((2500, len(NAMES)), np.float32)
    assert MODEL.likelihood(rows).shape == (2500,)
    assert MODEL.likelihood(rows[:0]).shape == (0,)


def test_a_model_comes_back_from_its_file() -> None:
    again = load_model(dump_model(MODEL))
    rows = np.random.default_rng(0).normal(1, 1, (50, len(NAMES))).astype(np.float32)
    assert np.allclose(again.likelihood(rows), MODEL.likelihood(rows), atol=1e-3)


def test_a_model_of_other_features_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = dump_model(MODEL)
    monkeypatch.setattr("ingest.page.block_model.NAMES", NAMES[1:])
    with pytest.raises(ValueError, match="other features"):
        load_model(data)


def test_the_model_that_ships_fits_the_features_and_is_small() -> None:
    model = default_model()
    assert model.numbers.max() < len(NAMES)
    assert model.leaves.nbytes + model.bounds.nbytes + model.numbers.nbytes < 200_000
