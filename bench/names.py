"""Measures whether a relative or namesake ever gets a listed person's id, or a town a country's: bench/data/names.toml.

    python -m bench.names [--model wirewatch] [--all]

The sentences were written for this bench, in eleven languages; square brackets mark a name and the id that it must get, or
none. The listed people are a user's own list, with surnames as aliases. Printed by kind: how many marked names get the right id
or none, beside the ids that the gazetteer alone gives (every alias, without context), and how many wrongly get the id of a
listed person. Goals: no wrong id of a listed person, and .97 right.
"""

import argparse
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from bench.material.results import Figure, record
from enrich.names.entities import find_entities
from enrich.names.gazetteer import Gazetteer, default_gazetteer, find
from enrich.names.recognisers import SHIPPED, recogniser
from query.match import Words, prepare

TABLE = Path(__file__).parent / "data" / "names.toml"
LISTED = "l:"
"""The prefix of the ids of listed people."""
_MARK = re.compile(r"\[([^|\]]+)(?:\|([^\]]*))?\]")


class Sentence(NamedTuple):
    """A sentence without its marks, and the marked names: start, end, id ('' for none)."""

    kind: str
    language: str
    text: str
    marks: tuple[tuple[int, int, str], ...]


class Given(NamedTuple):
    """An id that a span of text got."""

    start: int
    end: int
    id: str


Reader = Callable[[str, str], list[Given]]
"""Maps a language and a text to the ids of its names."""


class Score(NamedTuple):
    """Marked names, those that are right, and ids of listed people given to others."""

    marked: int
    right: int
    wrong_people: int

    def __add__(self, other: object) -> "Score":
        assert isinstance(other, Score)
        return Score(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def share(self) -> float:
        """The share of marked names that are right."""
        return self.right / max(self.marked, 1)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--model", default=SHIPPED, help="see [entities] model (default wirewatch)")
    options.add_argument("--all", action="store_true", help="print each name that is wrong")
    chosen = options.parse_args()
    gazetteer, sentences = load()
    ours, alone = reader(gazetteer, chosen.model), lists_alone(gazetteer)
    scores, baseline = by_kind(sentences, ours, tell=chosen.all), by_kind(sentences, alone)
    languages = len({sentence.language for sentence in sentences})
    print(f"{len(sentences)} sentences in {languages} languages, model {chosen.model!r}")
    print(f"{'':52} names   right  wrong ids of listed people (the gazetteer alone)")
    for kind, score in scores.items():
        _print(kind, score, baseline[kind])
    whole, of_lists = _sum(scores), _sum(baseline)
    _print("all", whole, of_lists)
    lists = "the gazetteer alone"
    figures = (
        Figure(
            "ids of listed people given to others",
            whole.wrong_people,
            at_most=0,
            peers={lists: of_lists.wrong_people},
        ),
        Figure(
            "names that get the right id, or rightly none",
            round(whole.share, 3),
            at_least=0.97,
            peers={lists: round(of_lists.share, 3)},
        ),
        Figure("names marked by hand", whole.marked),
    )
    record("names", figures)


def load() -> tuple[Gazetteer, list[Sentence]]:
    """The gazetteer with the list of the table, and its sentences."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    sentences = [
        read(one["kind"], one["language"], sentence) for one in table["set"] for sentence in one["sentences"]
    ]
    return default_gazetteer([(TABLE.name, table["own"].strip().encode())]), sentences


def read(kind: str, language: str, marked: str) -> Sentence:
    """A sentence of the table."""
    text, marks, at = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        marks.append((len(text), len(text) + len(mark[1]), mark[2] or ""))
        text += mark[1]
        at = mark.end()
    return Sentence(kind, language, text + marked[at:], tuple(marks))


def reader(gazetteer: Gazetteer, model: str) -> Reader:
    """A function that gives the ids as wirewatch does."""
    recognise = recogniser(model)

    def given(language: str, text: str) -> list[Given]:
        entities = find_entities(prepare("", text, {}), gazetteer, language, recognise)
        return [Given(span.start, span.end, one.id) for one in entities if one.id for span in one.spans]

    return given


def lists_alone(gazetteer: Gazetteer) -> Reader:
    """The ids of the lists' aliases, wherever they occur."""

    def given(_: str, text: str) -> list[Given]:
        words = Words(text)
        return [
            Given(words.tokens[found.first].start, words.tokens[found.last - 1].end, found.named.id)
            for found in find(gazetteer, words)
            if found.named.id
        ]

    return given


def by_kind(sentences: list[Sentence], given: Reader, *, tell: bool = False) -> Mapping[str, Score]:
    """The scores of each kind of sentence."""
    scores: dict[str, Score] = defaultdict(lambda: Score(0, 0, 0))
    for sentence in sentences:
        found = given(sentence.language, sentence.text)
        scores[sentence.kind] += score(sentence, found)
        if tell:
            for line in _faults(sentence, found):
                print(f"    {line}")
    return scores


def score(sentence: Sentence, found: list[Given]) -> Score:
    """The score of a sentence. An id of a listed person outside of all marks is wrong too."""
    right = sum(_ids_at(start, end, found) == ({wanted} - {""}) for start, end, wanted in sentence.marks)
    wrong = sum(
        not any(one.id == wanted and _meet(start, end, one) for start, end, wanted in sentence.marks)
        for one in found
        if one.id.startswith(LISTED)
    )
    return Score(len(sentence.marks), right, wrong)


def _faults(sentence: Sentence, found: list[Given]) -> Iterator[str]:
    for start, end, wanted in sentence.marks:
        ids = _ids_at(start, end, found)
        if ids != {wanted} - {""}:
            given = ", ".join(sorted(ids)) or "none"
            yield f"{sentence.text[start:end]!r}: wanted {wanted or 'none'}, found {given} in {sentence.text!r}"


def _ids_at(start: int, end: int, found: list[Given]) -> set[str]:
    return {one.id for one in found if _meet(start, end, one)}


def _meet(start: int, end: int, one: Given) -> bool:
    return one.start < end and one.end > start


def _sum(scores: Mapping[str, Score]) -> Score:
    return sum(scores.values(), Score(0, 0, 0))


def _print(kind: str, ours: Score, alone: Score) -> None:
    print(
        f"{kind:52} {ours.marked:5}  {ours.share:6.3f} ({alone.share:.3f})  {ours.wrong_people:3} ({alone.wrong_people})"
    )


if __name__ == "__main__":
    main()
