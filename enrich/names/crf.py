"""Applies a linear-chain conditional random field, which gives each word of a text a tag. English only.

Its weights were trained with CRFsuite (bench/make/train_entities.py); here they are only added up, which takes numpy less time
than passing the features to CRFsuite would. The weights of a word are looked up once and cached.
"""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from enrich.names.features import (
    CUED_TEMPLATES,
    DEPTHS,
    PAD,
    ROLES,
    SIZES,
    TEMPLATES,
    Seen,
    Template,
    word_features,
)
from query.tokens import terms

Weights = NDArray[np.float32]
_WORDS_KEPT = 40_000
_AT_ONCE = 256
"""Sentences processed in parallel; bounds the memory for a hostile page of many sentences."""


def key(feature: str) -> int:
    """The key of a feature in the model's file: CRC-32. With some 100,000 features, collisions are rare and small."""
    return zlib.crc32(feature.encode())


_ROLE_KEYS = [(key(role), depth) for role, depth in DEPTHS.items()]


@dataclass(frozen=True)
class Model:
    """Tags, the weight of each feature for each tag, and the weights of transitions between tags.

    Attributes:
        tags: `O`, or `B-`, `I-`, `L-`, `U-` and a type.
        rows: the row of `weights` for each feature's key.
        weights: feature x tag.
        steps: tag x next tag; -inf where the next can't follow.
    """

    tags: tuple[str, ...]
    rows: dict[int, int]
    weights: Weights
    steps: Weights


class Tagger:
    """Tags texts; may be called from several threads."""

    def __init__(self, model: Model, templates: Sequence[Template] = TEMPLATES) -> None:
        self._model = model
        self._templates = templates
        self._word = lru_cache(_WORDS_KEPT)(self._weights_of_word)
        self._tables = [_table(model, template) for template in templates]

    def tag(self, seen: Seen) -> list[str]:
        """The best tags of a text's words, sentence by sentence (Viterbi)."""
        if not seen.surfaces:
            return []
        signs = [combined(template, seen) for template in self._templates]
        best: list[int] = []
        for number in range(0, len(seen.sentences) - 1, _AT_ONCE):
            bounds = seen.sentences[number : number + _AT_ONCE + 1]
            emissions = self._emissions(seen, signs, bounds[0], bounds[-1])
            best += _best(emissions, [bound - bounds[0] for bound in bounds], self._model.steps)
        return [self._model.tags[number] for number in best]

    def _emissions(self, seen: Seen, signs: Sequence[NDArray[np.int32]], first: int, end: int) -> Weights:
        """The score of each tag from each word's features, for whole sentences from `first` to before `end`."""
        words = np.stack([*map(self._word, seen.surfaces[first:end]), self._word(PAD)])
        total = np.zeros((end - first, len(self._model.tags)), dtype=np.float32)
        for number in range(len(ROLES)):
            places = seen.roles[number, first:end]
            total += words[np.where(places < 0, -1, places - first), number]  # -1 points at PAD, the last
        for numbers, table in zip(signs, self._tables, strict=True):
            total += table[numbers[first:end]]
        return total

    def _weights_of_word(self, surface: str) -> Weights:
        """The weights of a word: role x tag."""
        term = " ".join(terms(surface))
        total = np.zeros((len(ROLES), len(self._model.tags)), dtype=np.float32)
        features = [feature.encode() for feature in word_features(surface, term)]
        for number, (start, depth) in enumerate(_ROLE_KEYS):
            for feature in features[:depth]:
                row = self._model.rows.get(zlib.crc32(feature, start))  # the key of role and feature together
                if row is not None:
                    total[number] += self._model.weights[row]
        return total


def load_model(data: bytes) -> Model:
    """The model that `dump_model` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        tags = tuple(arrays["tags"].tolist())
        weights = arrays["weights"].astype(np.float32) * arrays["scale"]
        return Model(
            tags,
            dict(zip(arrays["keys"].tolist(), range(len(weights)), strict=True)),
            weights,
            arrays["steps"],
        )


def dump_model(model: Model) -> bytes:
    """A model as a file (NumPy's npz): weights as 8-bit numbers, scaled by tag."""
    order = sorted(model.rows, key=model.rows.__getitem__)
    scale = np.maximum(np.abs(model.weights).max(axis=0), 1e-6) / 127
    file = io.BytesIO()
    np.savez_compressed(
        file,
        tags=np.array(model.tags),
        keys=np.array(order, dtype=np.uint32),
        weights=np.round(model.weights / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        steps=model.steps,
    )
    return file.getvalue()


@cache
def tagger_elsewhere(caution: float = 0.0) -> Tagger:
    """The tagger for other languages: docs/languages.md says what it learned from.

    Args:
        caution: added to every step to `O`; with more, less is taken for a name.
    """
    model = load_model(files("enrich").joinpath("data/entities_elsewhere.npz").read_bytes())
    model.steps[:, model.tags.index("O")] += caution
    return Tagger(model, CUED_TEMPLATES)


@cache
def default_tagger() -> Tagger:
    """The tagger that comes with wirewatch: docs/entities-model.md describes its training data."""
    return Tagger(load_model(files("enrich").joinpath("data/entities.npz").read_bytes()))


def combined(template: Template, seen: Seen) -> NDArray[np.int32]:
    """The number of the combination of a template's signs at each word."""
    number = np.zeros(len(seen.surfaces), dtype=np.int32)
    for sign, place in template.parts:
        number = number * SIZES[sign] + _shifted(seen.signs[sign], place)
    return number


def combinations(template: Template) -> int:
    """The number of values that `combined` may have."""
    return int(np.prod([SIZES[sign] for sign, _ in template.parts]))


def _shifted(values: NDArray[np.int32], place: int) -> NDArray[np.int32]:
    """The values of neighbours; 0 where there is none."""
    if place == 0:
        return values
    moved = np.zeros_like(values)
    if place < 0:
        moved[-place:] = values[:place]
    else:
        moved[:-place] = values[place:]
    return moved


def _table(model: Model, template: Template) -> Weights:
    """The score of each tag from each combination of a template's signs."""
    table = np.zeros((combinations(template), len(model.tags)), dtype=np.float32)
    name = template.name
    for number in range(len(table)):
        row = model.rows.get(key(f"{name}={number}"))
        if row is not None:
            table[number] = model.weights[row]
    return table


def _best(emissions: Weights, bounds: Sequence[int], steps: Weights) -> list[int]:
    """The best path through each sentence; sentences advance in step, longest first, so that numpy processes many at once."""
    sizes = np.diff(bounds)
    order = np.argsort(-sizes, kind="stable")
    starts, sizes = np.array(bounds[:-1])[order], sizes[order]
    longest = int(sizes[0])
    score = emissions[starts]
    back = np.zeros((longest, len(starts), steps.shape[0]), dtype=np.int8)
    for step in range(1, longest):
        alive = int(np.searchsorted(-sizes, -step))
        paths = score[:alive, :, None] + steps
        back[step, :alive] = paths.argmax(axis=1)
        score[:alive] = paths.max(axis=1) + emissions[starts[:alive] + step]
    return _walk_back(score, back, starts, sizes, len(emissions))


def _walk_back(
    score: Weights, back: NDArray[np.int8], starts: NDArray[np.int64], sizes: NDArray[np.int64], count: int
) -> list[int]:
    found = np.zeros(count, dtype=np.int64)
    for number, (start, size) in enumerate(zip(starts.tolist(), sizes.tolist(), strict=True)):
        tag = int(score[number].argmax())
        for step in range(size - 1, -1, -1):
            found[start + step] = tag
            tag = int(back[step, number, tag])
    return found.tolist()
