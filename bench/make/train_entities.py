"""Trains the entity tagger's model, enrich/data/entities.npz. docs/entities-model.md describes the training data.

    pip install python-crfsuite
    python -m bench.make.silver_texts > texts.txt
    java -cp stanford-corenlp-4.5.7.jar:stanford-corenlp-4.5.7-models.jar bench/java/MarkNames.java \\
        edu/stanford/nlp/models/ner/english.all.3class.distsim.crf.ser.gz < texts.txt > texts.xml
    python -m bench.make.train_entities texts.xml

Without `texts.xml` it learns from the other texts alone.
"""

import argparse
import csv
import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from bench.make.news_forms import forms
from bench.material.entity_corpora import Marked, marked_texts, training
from enrich.names.crf import Model, combined, dump_model, key
from enrich.names.features import DEPTHS, PAD, TEMPLATES, Seen, Template, see, word_features
from enrich.names.gazetteer import Gazetteer, default_gazetteer, find
from query.match import Words
from query.tokens import Token

EAGERNESS = 0.5
"""Subtracted from every step to `O`: the training texts have fewer organisations than news has. Chosen on the development
part."""
FAINT = 0.1
"""A feature all of whose weights are smaller is left out of the file."""
OUT = Path(__file__).parents[2] / "enrich" / "data" / "entities.npz"


def main() -> None:
    """Train, and write the model."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("texts", type=Path, nargs="*", help="texts as MarkNames.java marks them")
    options.add_argument(
        "--dense", type=float, default=0.015, help="names for each word that a text must have (default 0.015)"
    )
    options.add_argument("--silver", type=int, default=23_000, help="sentences of Wikipedia (default 23000)")
    options.add_argument(
        "--gold-times", type=int, default=2, help="how often the gold texts count (default 2)"
    )
    options.add_argument("--iterations", type=int, default=20)
    options.add_argument(
        "--rarest", type=float, default=2, help="how often a feature must occur to be learned (default 2)"
    )
    options.add_argument("--c2", type=float, default=1)
    options.add_argument("--out", type=Path, default=OUT)
    chosen = options.parse_args()
    texts = training()
    random.Random(1).shuffle(texts["silver"])
    news = [text for file in chosen.texts for text in marked_texts(file) if _has_names(text, chosen.dense)]
    gold = (texts["uner"] + texts["re3d"]) * chosen.gold_times
    marked = [*gold, *texts["silver"][: chosen.silver], *news, *(forms(news, _countries()) if news else ())]
    random.Random(2).shuffle(marked)
    with tempfile.NamedTemporaryFile() as file:
        gazetteer = default_gazetteer()
        found = (one for text in marked for one in sequences(text, gazetteer))
        fit("l2sgd", {**_params(chosen), "c2": chosen.c2}, found, file.name)
        model = without_faint(read_model(file.name))
    chosen.out.write_bytes(dump_model(model))
    print(
        f"{len(model.rows)} features, {len(model.tags)} tags, {chosen.out.stat().st_size / 1e6:.1f} MB in {chosen.out}"
    )


Sequences = Iterable[tuple[list[list[str]], list[str]]]
"""The features of each word of a sentence, and its tag."""


def train(sequences: Sequences, file: str, chosen: argparse.Namespace) -> None:
    """Train CRFsuite so that most features get no weight; it writes its model to a file."""
    fit("lbfgs", {**_params(chosen), "c1": chosen.c1, "c2": chosen.c2}, sequences, file)


def _params(chosen: argparse.Namespace) -> dict[str, object]:
    return {
        "max_iterations": chosen.iterations,
        "feature.minfreq": chosen.rarest,
        "feature.possible_transitions": False,
    }


def fit(algorithm: str, params: Mapping[str, object], sequences: Sequences, file: str) -> None:
    """Train CRFsuite by an algorithm with its parameters; it writes its model to a file."""
    import pycrfsuite  # noqa: PLC0415 - only the training needs it

    trainer = pycrfsuite.Trainer(algorithm=algorithm, verbose=False)
    trainer.set_params(params)
    for features, tags in sequences:
        trainer.append(pycrfsuite.ItemSequence(features), tags)
    trainer.train(file)
    last = trainer.logparser.last_iteration
    print(f"loss {last['loss']:.0f} after {last['num']} iterations")


def without_faint(model: Model) -> Model:
    """A model without the features whose weights decide next to nothing."""
    kept = np.abs(model.weights).max(axis=1) >= FAINT
    numbers = np.cumsum(kept) - 1
    rows = {key: int(numbers[row]) for key, row in model.rows.items() if kept[row]}
    return replace(model, rows=rows, weights=model.weights[kept])


def _countries() -> list[str]:
    lines = files("enrich").joinpath("data/countries.csv").read_text("utf-8").splitlines()
    return [row["name"] for row in csv.DictReader(lines) if row["id"].startswith("iso3166:")]


def _has_names(text: Marked, share: float) -> bool:
    """Whether a text has as many names as news has: from texts with too few, the model learns to find few."""
    return len(text.names) >= share * len(text.text.split())


def sequences(marked: Marked, gazetteer: Gazetteer) -> Iterator[tuple[list[list[str]], list[str]]]:
    """The sentences of a text: the features of each word, and its tag."""
    words = Words(marked.text)
    seen = see(words, list(find(gazetteer, words)))
    tags = tags_of(marked, words.tokens)
    features = features_of(seen, words.terms, TEMPLATES)
    for first, end in zip(seen.sentences, seen.sentences[1:], strict=False):
        yield features[first:end], tags[first:end]


def features_of(
    seen: Seen, terms: Sequence[str], templates: Sequence[Template], depths: Mapping[str, int] = DEPTHS
) -> list[list[str]]:
    """The features of each word, as CRFsuite takes them."""
    features: list[list[str]] = [[] for _ in terms]
    padded = [*terms, PAD]
    surfaces = [*seen.surfaces, PAD]
    for number, (role, depth) in enumerate(depths.items()):
        for index, word in enumerate(seen.roles[number].tolist()):
            features[index] += _in_role(role, depth, surfaces[word], padded[word])
    for template in templates:
        name = template.name
        for index, number in enumerate(combined(template, seen).tolist()):
            if number:
                features[index].append(f"{name}={number}")
    return features


@lru_cache(500_000)
def _in_role(role: str, depth: int, surface: str, term: str) -> list[str]:
    """The features of a word in a role."""
    return [role + feature for feature in word_features(surface, term)[:depth]]


def tags_of(marked: Marked, tokens: Sequence[Token]) -> list[str]:
    """The tag of each word: O, or B- (begins), I- (within), L- (last) or U- (alone) and the type."""
    tags = ["O"] * len(tokens)
    starts = {token.start: index for index, token in enumerate(tokens)}
    for start, end, kind in marked.names:
        first = next((starts[at] for at in range(start, end) if at in starts), None)
        if first is None:
            continue
        last = first
        while last + 1 < len(tokens) and tokens[last + 1].end <= end:
            last += 1
        if last == first:
            tags[first] = f"U-{kind}"
            continue
        tags[first], tags[last] = f"B-{kind}", f"L-{kind}"
        tags[first + 1 : last] = [f"I-{kind}"] * (last - first - 1)
    return tags


def read_model(file: str, eagerness: float = EAGERNESS) -> Model:
    """The model that CRFsuite trained, as arrays."""
    import pycrfsuite  # noqa: PLC0415

    tagger = pycrfsuite.Tagger()
    tagger.open(file)
    info = tagger.info()
    tags = tuple(sorted(tagger.labels()))
    number = {tag: index for index, tag in enumerate(tags)}
    rows: dict[int, int] = {}
    for feature, _ in info.state_features:
        rows.setdefault(key(feature), len(rows))
    weights = np.zeros((len(rows), len(tags)), dtype=np.float32)
    for (feature, tag), weight in info.state_features.items():
        weights[rows[key(feature)], number[tag]] += weight
    steps = np.full((len(tags), len(tags)), -1e4, dtype=np.float32)
    for before in tags:
        for after in tags:
            if _may_follow(before, after):
                steps[number[before], number[after]] = info.transitions.get((before, after), 0.0)
    steps[:, number["O"]] -= eagerness
    return Model(tags, rows, weights, steps)


def _may_follow(before: str, after: str) -> bool:
    """Whether a tag can follow another."""
    if before[0] in "BI":
        return after[0] in "IL" and after[2:] == before[2:]
    return after[0] not in "IL"


if __name__ == "__main__":
    main()
