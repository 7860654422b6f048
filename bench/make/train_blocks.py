"""Trains the model of blocks, ingest/page/data/blocks.npz. docs/text-model.md describes the training data.

pip install catboost && python -m bench.make.train_blocks [--out FILE]

To measure it: python -m bench.blocks.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.material.marked_blocks import UNKNOWN, MarkedPage, made_pages, real_pages
from ingest.page.block_features import Numbers
from ingest.page.block_model import Model, dump_model

OUT = Path(__file__).parents[2] / "ingest" / "page" / "data" / "blocks.npz"
SEEDS = 3
"""Models to average: single ones differ by some .0015 of F1."""
TREES, DEPTH, RATE, REGULARISATION = 100, 4, 0.1, 8.0
MADE_WEIGHT = 0.1
"""The weight of a block of a made page: they are many, and alike."""


def main() -> None:
    """Train, and write the model."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--out", type=Path, default=OUT)
    chosen = options.parse_args()
    model = train([*real_pages(), *made_pages()])
    chosen.out.write_bytes(dump_model(model))
    print(f"{len(model.bounds)} trees, {chosen.out.stat().st_size / 1e3:.0f} kB in {chosen.out}")


def train(pages: Sequence[MarkedPage]) -> Model:
    """Train a model on the marked blocks of some pages."""
    known = [page.marks != UNKNOWN for page in pages]
    rows = np.concatenate([page.rows[one] for page, one in zip(pages, known, strict=True)])
    marks = np.concatenate([page.marks[one] for page, one in zip(pages, known, strict=True)])
    weights = np.concatenate(
        [
            np.full(one.sum(), 1.0 if page.sample else MADE_WEIGHT)
            for page, one in zip(pages, known, strict=True)
        ]
    )
    return _mean([_trained(rows, marks, weights, seed) for seed in range(SEEDS)])


def _trained(rows: Numbers, marks: NDArray[np.int64], weights: NDArray[np.float64], seed: int) -> Model:
    from catboost import CatBoostClassifier  # noqa: PLC0415 - only the training needs it

    learner = CatBoostClassifier(
        iterations=TREES,
        depth=DEPTH,
        learning_rate=RATE,
        l2_leaf_reg=REGULARISATION,
        random_seed=seed,
        verbose=0,
        allow_writing_files=False,
        thread_count=2,
    )
    learner.fit(rows, marks, sample_weight=weights)
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        learner.save_model(file.name, format="json")
        return _read(json.loads(Path(file.name).read_text("utf-8")))


def _read(exported: dict[str, Any]) -> Model:
    """A model as CatBoost exports it. A tree of fewer levels is padded with tests that always fail."""
    trees = exported["oblivious_trees"]
    numbers = np.zeros((len(trees), DEPTH), np.int64)
    bounds = np.full((len(trees), DEPTH), np.inf, np.float32)
    leaves = np.zeros((len(trees), 2**DEPTH), np.float32)
    for place, tree in enumerate(trees):
        for level, split in enumerate(tree["splits"] or ()):
            numbers[place, level] = split["float_feature_index"]
            bounds[place, level] = split["border"]
        leaves[place, : len(tree["leaf_values"])] = tree["leaf_values"]
    scale, (start,) = exported["scale_and_bias"]
    return Model(numbers, bounds, leaves * scale, start)


def _mean(models: Sequence[Model]) -> Model:
    return Model(
        numbers=np.concatenate([model.numbers for model in models]),
        bounds=np.concatenate([model.bounds for model in models]),
        leaves=np.concatenate([model.leaves / len(models) for model in models]),
        start=float(np.mean([model.start for model in models])),
    )


if __name__ == "__main__":
    main()
