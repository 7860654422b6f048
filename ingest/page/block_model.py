"""The model that says how likely a block of a page belongs to its article: trees, each of which applies the same tests to all
blocks. docs/text-model.md says what it learned from; bench/make/train_blocks.py trains it.
"""

import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from ingest.page.block_features import NAMES, Numbers

_AT_ONCE = 1000
"""Blocks processed at once; bounds the memory for a hostile page of many blocks."""


@dataclass(frozen=True)
class Model:
    """Trees of equal depth; each level of a tree tests whether one number of a block is above a bound.

    Attributes:
        numbers: tree x level; which number.
        bounds: tree x level.
        leaves: tree x 2**depth; what a tree adds to the log-odds. The first test gives a leaf's lowest bit.
        start: the log-odds before any tree.
    """

    numbers: NDArray[np.int64]
    bounds: Numbers
    leaves: Numbers
    start: float

    def likelihood(self, rows: Numbers) -> Numbers:
        """How likely each block, described in a row, belongs to the article: 0 to 1."""
        parts = [self._odds(rows[first : first + _AT_ONCE]) for first in range(0, len(rows), _AT_ONCE)]
        odds = np.concatenate([np.zeros(0, np.float32), *parts])
        return np.asarray(1 / (1 + np.exp(-odds)), np.float32)

    def _odds(self, rows: Numbers) -> Numbers:
        trees, depth = self.numbers.shape
        above = rows[:, self.numbers.ravel()] > self.bounds.ravel()
        leaf = np.packbits(above.reshape(len(rows), trees, depth), axis=2, bitorder="little")[:, :, 0]
        return np.asarray(self.start + self.leaves[np.arange(trees), leaf].sum(1), np.float32)


def dump_model(model: Model) -> bytes:
    """A model as a file (NumPy's npz)."""
    file = io.BytesIO()
    np.savez_compressed(
        file,
        names=np.array(NAMES),
        numbers=model.numbers.astype(np.uint8),
        bounds=model.bounds.astype(np.float32),
        leaves=model.leaves.astype(np.float16),
        start=model.start,
    )
    return file.getvalue()


def load_model(data: bytes) -> Model:
    """The model in such a file.

    Raises:
        ValueError: it was trained on numbers other than those of `block_features`.
    """
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        if tuple(file["names"].tolist()) != NAMES:
            raise ValueError(
                "the model of blocks was trained on other features: run bench/make/train_blocks.py"
            )
        return Model(
            numbers=file["numbers"].astype(np.int64),
            bounds=file["bounds"],
            leaves=file["leaves"].astype(np.float32),
            start=float(file["start"]),
        )


@cache
def default_model() -> Model:
    """The model that comes with wirewatch; loaded when it is first needed."""
    return load_model(files("ingest.page").joinpath("data/blocks.npz").read_bytes())
