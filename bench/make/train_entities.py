"""Trains the entity tagger's model, enrich/data/entities.npz. docs/entities-model.md describes the training data.

pip install python-crfsuite && python -m bench.make.train_entities [--silver 23000] [--iterations 80] [--out FILE]
"""

import argparse
import random
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.material.entity_corpora import Marked, training
from enrich.names.crf import Model, combined, dump_model, key
from enrich.names.features import DEPTHS, PAD, TEMPLATES, Seen, Template, see, word_features
from enrich.names.gazetteer import Gazetteer, default_gazetteer, find
from query.match import Words
from query.tokens import Token

EAGERNESS = 0.4
"""Subtracted from every step to `O`: the training texts have fewer organisations than news has. Chosen on the development
part."""
OUT = Path(__file__).parents[2] / "enrich" / "data" / "entities.npz"


def main() -> None:
    """Train, and write the model."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--silver", type=int, default=23_000, help="sentences of Wikipedia (default 23000)")
    options.add_argument(
        "--gold-times", type=int, default=2, help="how often the gold texts count (default 2)"
    )
    options.add_argument("--iterations", type=int, default=80)
    options.add_argument(
        "--rarest", type=float, default=2, help="how often a feature must occur to be learned (default 2)"
    )
    options.add_argument("--c1", type=float, default=0.1)
    options.add_argument("--c2", type=float, default=0.5)
    options.add_argument("--out", type=Path, default=OUT)
    chosen = options.parse_args()
    texts = training()
    random.Random(1).shuffle(texts["silver"])
    marked = [*(texts["uner"] + texts["re3d"]) * chosen.gold_times, *texts["silver"][: chosen.silver]]
    with tempfile.NamedTemporaryFile() as file:
        gazetteer = default_gazetteer()
        train((one for text in marked for one in sequences(text, gazetteer)), file.name, chosen)
        model = read_model(file.name)
    chosen.out.write_bytes(dump_model(model))
    print(
        f"{len(model.rows)} features, {len(model.tags)} tags, {chosen.out.stat().st_size / 1e6:.1f} MB in {chosen.out}"
    )


Sequences = Iterable[tuple[list[list[str]], list[str]]]
"""The features of each word of a sentence, and its tag."""


def train(sequences: Sequences, file: str, chosen: argparse.Namespace) -> None:
    """Train CRFsuite, which writes its model to a file."""
    import pycrfsuite  # noqa: PLC0415 - only the training needs it

    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(
        {
            "c1": chosen.c1,
            "c2": chosen.c2,
            "max_iterations": chosen.iterations,
            "feature.minfreq": chosen.rarest,
            "feature.possible_transitions": False,
        }
    )
    for features, tags in sequences:
        trainer.append(pycrfsuite.ItemSequence(features), tags)
    trainer.train(file)
    print(
        f"loss {trainer.logparser.last_iteration['loss']:.0f} after {trainer.logparser.last_iteration['num']} iterations"
    )


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
    of_words = [word_features(surface, term) for surface, term in zip(surfaces, padded, strict=True)]
    for number, (role, depth) in enumerate(depths.items()):
        for index, word in enumerate(seen.roles[number].tolist()):
            features[index] += [role + feature for feature in of_words[word][:depth]]
    for template in templates:
        for index, number in enumerate(combined(template, seen).tolist()):
            if number:
                features[index].append(f"{template.name}={number}")
    return features


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


def read_model(file: str) -> Model:
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
    steps[:, number["O"]] -= EAGERNESS
    return Model(tags, rows, weights, steps)


def _may_follow(before: str, after: str) -> bool:
    """Whether a tag can follow another."""
    if before[0] in "BI":
        return after[0] in "IL" and after[2:] == before[2:]
    return after[0] not in "IL"


if __name__ == "__main__":
    main()
