"""Measures whether names get the right ids: precision and recall over a table of mentions, bench/data/linking.txt.

    python -m bench.linking [--model wirewatch] [--all]

The sentences and marks were made by hand for this. Square brackets hold a name, its type and its id: '' if it must have none,
type `none` for what only looks like a name (the cruiser Moscow). Ids are those of ISO 3166, GeoNames and Wikidata. Printed:
precision and recall for given places (the bench names the mention and asks for its id), and end to end (from the bare sentence,
over all ids). Goal: .98 and .90 on given places, .85 precision end to end.
"""

import argparse
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.material.results import Figure, record
from enrich.names.entities import Recogniser, find_entities
from enrich.names.gazetteer import Gazetteer, default_gazetteer, find
from enrich.names.recognisers import SHIPPED, recogniser
from query.match import Words, prepare

TABLE = Path(__file__).parent / "data" / "linking.txt"
_MARK = re.compile(r"\[([^|\]]+)\|([a-z]+)\|([^\]]*)\]")

Identified = tuple[int, int, str]
"""Start and end of a name in its sentence, and its id."""


class Sentence(NamedTuple):
    """A sentence without its marks, and the marked names: start, end, type, id."""

    text: str
    marks: tuple[tuple[int, int, str, str], ...]


class Score(NamedTuple):
    """Ids given, ids wanted, and those that are both."""

    given: int
    wanted: int
    right: int

    @property
    def precision(self) -> float:
        """The share of the given ids that are right."""
        return self.right / max(self.given, 1)

    @property
    def recall(self) -> float:
        """The share of the wanted ids that were given."""
        return self.right / max(self.wanted, 1)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--model", default=SHIPPED, help="see [entities] model (default wirewatch)")
    options.add_argument("--all", action="store_true", help="print each difference")
    chosen = options.parse_args()
    sentences = list(read(TABLE.read_text("utf-8")))
    gazetteer = default_gazetteer()
    marks = sum(len(sentence.marks) for sentence in sentences)
    print(f"{marks} mentions in {len(sentences)} sentences, model {chosen.model!r}")
    given = given_places(sentences, gazetteer)
    whole = end_to_end(sentences, gazetteer, recogniser(chosen.model), tell=chosen.all)
    _print("places, given", given)
    _print("all, end to end", whole)
    figures = (
        Figure("ids of given places: precision", round(given.precision, 3), at_least=0.98),
        Figure("ids of given places: recall", round(given.recall, 3), at_least=0.90),
        Figure("ids of names, end to end: precision", round(whole.precision, 3), at_least=0.85),
        Figure("ids of names, end to end: recall", round(whole.recall, 3)),
        Figure("mentions marked by hand", marks),
    )
    record("linking", figures)


def read(table: str) -> Iterator[Sentence]:
    """The sentences of a table."""
    for line in table.splitlines():
        text, marks, at = "", [], 0
        for mark in _MARK.finditer(line):
            text += line[at : mark.start()]
            marks.append((len(text), len(text) + len(mark[1]), mark[2], mark[3]))
            text += mark[1]
            at = mark.end()
        yield Sentence(text + line[at:], tuple(marks))


def given_places(sentences: Iterable[Sentence], gazetteer: Gazetteer) -> Score:
    """The score of places whose bounds and type are given."""
    given = wanted = right = 0
    for sentence in sentences:
        for start, end, kind, identifier in sentence.marks:
            if kind != "place":
                continue
            name = Words(sentence.text[start:end])
            found = next((m.named.id for m in find(gazetteer, name) if _is_all(m.first, m.last, name)), "")
            given += bool(found)
            wanted += bool(identifier)
            right += bool(found) and found == identifier
    return Score(given, wanted, right)


def _is_all(first: int, last: int, words: Words) -> bool:
    return first == 0 and last == len(words.terms)


def end_to_end(
    sentences: Sequence[Sentence], gazetteer: Gazetteer, recognise: Recogniser, *, tell: bool = False
) -> Score:
    """The score of names in bare sentences."""
    given = wanted = right = 0
    for sentence in sentences:
        gold = _gold(sentence)
        found = _found(sentence, gazetteer, recognise)
        given, wanted, right = given + len(found), wanted + len(gold), right + len(gold & found)
        if tell:
            for start, end, identifier in sorted(gold ^ found):
                side = "missed" if (start, end, identifier) in gold else "wrong "
                print(f"    {side} {sentence.text[start:end]!r} {identifier} in {sentence.text!r}")
    return Score(given, wanted, right)


def _gold(sentence: Sentence) -> set[Identified]:
    words = Words(sentence.text)
    return {
        (*_on_words(start, end, words), identifier)
        for start, end, _, identifier in sentence.marks
        if identifier
    }


def _found(sentence: Sentence, gazetteer: Gazetteer, recognise: Recogniser) -> set[Identified]:
    entities = find_entities(prepare("", sentence.text, {}), gazetteer, "en", recognise)
    return {(span.start, span.end, one.id) for one in entities if one.id for span in one.spans}


def _on_words(start: int, end: int, words: Words) -> tuple[int, int]:
    """A span trimmed to its words: without the final full stop of `U.S.`."""
    inside = [token for token in words.tokens if token.start < end and token.end > start]
    return inside[0].start, inside[-1].end


def _print(name: str, score: Score) -> None:
    print(
        f"{name:16} precision {score.precision:.3f}  recall {score.recall:.3f}  ({score.wanted} ids, {score.given} given)"
    )


if __name__ == "__main__":
    main()
