"""How well topics and names are found in nine languages, on texts that were written for this (bench/data/texts).

    python -m bench.languages [--half development] [--show LANGUAGE]

Fifty texts a language, a headline and a report each; their topics and names were marked by hand before anything was
tuned; the model learned from the first half, and one rule came after a look at the second. Since topics' words and texts have
one author, the figures flatter. Names are also measured on sentences of newspaper prose, written after cues and lists
(bench/data/prose.txt), and on sentences as an encyclopedia has them, in Polish as well (bench/data/encyclopedia.txt), written
before the model learned from others like them. A topic's parent counts as marked with it. A name is right if
its place, its extent and its type (person, organisation, place) are.
"""

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from bench.material.results import Figure, record
from bench.material.texts import ENCYCLOPEDIA, LANGUAGES, PLAIN, PROSE, Passage, Text, sentences, texts
from enrich.enrich import Enricher
from enrich.names.entities import find_entities
from enrich.names.gazetteer import default_gazetteer
from enrich.names.recognisers import SHIPPED, recogniser
from enrich.topics import Topic, load_topics
from query.match import prepare
from stream.messages import Article, Enriched

TOPICS = Path(__file__).parents[1] / "wirewatch" / "defaults" / "topics.toml"
KINDS = ("person", "organisation", "place")
_PLURALS = {"person": "persons", "organisation": "organisations", "place": "places"}
_WORDS, _TIMES = 500, 5
NOW = datetime(2026, 11, 28, tzinfo=UTC)


class Score(NamedTuple):
    """How many were right, found, and marked."""

    right: int
    found: int
    marked: int

    @property
    def f1(self) -> float:
        """F1, of 1."""
        return 2 * self.right / max(self.found + self.marked, 1)


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--half", choices=("development", "test"), default="test")
    options.add_argument("--show", metavar="LANGUAGE", help="print what was missed and invented")
    chosen = options.parse_args()
    topics = load_topics(TOPICS.read_bytes(), TOPICS.name)
    enrich = Enricher(topics, default_gazetteer(), lambda: NOW, recognise=recogniser(SHIPPED))
    figures = []
    print(f"{'':<6}{'topics':>22}" + "".join(f"{kind:>14}" for kind in KINDS) + f"{'names':>22}")
    print(f"{'':<6}{'P     R     F1':>22}{'F1':>14}{'F1':>14}{'F1':>14}{'P     R     F1':>22}")
    for language in LANGUAGES:
        read = [(text, enrich(_article(text))) for text in texts(language, chosen.half)]
        of_topics = _score((_with_parents(text, topics), _topics(found)) for text, found in read)
        of_kinds = [_score((_marked(t, kind), _names(f, kind)) for t, f in read) for kind in KINDS]
        of_names = Score(*map(sum, zip(*of_kinds, strict=True)))
        cells = "".join(f"{score.f1:>14.2f}" for score in of_kinds)
        print(f"{language:<6}{_cell(of_topics):>22}{cells}{_cell(of_names):>22}")
        if chosen.show == language:
            for text, found in read:
                _show(text, found, topics)
        measures = {"topics": of_topics, "names": of_names, **dict(zip(KINDS, of_kinds, strict=True))}
        figures += [
            Figure(f"{language}: F1 of {_PLURALS.get(what, what)}", round(score.f1, 2))
            for what, score in measures.items()
        ]
        of_prose = _of_sentences(PROSE, language, enrich)
        figures += [
            Figure(f"{language}: F1 of names in prose", round(of_prose.f1, 2)),
            _of_plain(language, enrich),
        ]
        print(f"      in prose of another kind: {_cell(of_prose)}")
        speed = _articles_per_second(read, language)
        figures.append(
            Figure(f"{language}: articles of 500 words whose names are found, per CPU-second", round(speed))
        )
    figures += [_of_plain(language, enrich) for language in PLAIN if language not in LANGUAGES]
    print(
        "\n".join(f"{figure.what} {figure.value:.2f}" for figure in figures if "encyclopedia" in figure.what)
    )
    if chosen.half == "test":
        record("languages", figures)


def _of_plain(language: str, enrich: Enricher) -> Figure:
    """Names in sentences as an encyclopedia has them."""
    score = _of_sentences(ENCYCLOPEDIA, language, enrich)
    return Figure(f"{language}: F1 of names in an encyclopedia's sentences", round(score.f1, 2))


def _of_sentences(file: Path, language: str, enrich: Enricher) -> Score:
    """Names in the sentences of a file; the first of the two passages is left empty."""
    empty = Passage("", ())
    read = [Text(language, frozenset(), empty, passage) for passage in sentences(file, language)]
    found = [(text, enrich(_article(text))) for text in read]
    of_kinds = [_score((_marked(t, kind), _names(f, kind)) for t, f in found) for kind in KINDS]
    return Score(*map(sum, zip(*of_kinds, strict=True)))


def _articles_per_second(read: Sequence[tuple[Text, Enriched]], language: str) -> float:
    """How many articles of 500 words, made of these texts, have their names found per CPU-second."""
    words = " ".join(found.article.text for _, found in read).split()
    articles = [" ".join(words[start : start + _WORDS]) for start in range(0, len(words), _WORDS)]
    recognise, gazetteer = recogniser(SHIPPED), default_gazetteer()
    started = time.process_time()
    for _ in range(_TIMES):
        for article in articles:
            find_entities(prepare("", article, {}), gazetteer, language, recognise)
    return _TIMES * len(words) / _WORDS / (time.process_time() - started)


def _article(text: Text) -> Article:
    return Article(
        id="bench",
        url="https://news.example/",
        feed="",
        title=text.title.text,
        text=text.report.text,
        source="bench",
        seen=NOW,
        fetched=NOW,
        extracted=NOW,
        declared_language=text.language,
    )


def _score(pairs: Iterable[tuple[set[object], set[object]]]) -> Score:
    counts = [(len(marked & found), len(found), len(marked)) for marked, found in pairs]
    return Score(*map(sum, zip(*counts, strict=True)))


def _cell(score: Score) -> str:
    return (
        f"{score.right / max(score.found, 1):.2f}  {score.right / max(score.marked, 1):.2f}  {score.f1:.2f}"
    )


def _with_parents(text: Text, topics: Iterable[Topic]) -> set[object]:
    parents = {topic.id: topic.parent for topic in topics}
    return {*text.topics, *(parents[one] for one in text.topics if parents.get(one))}


def _topics(found: Enriched) -> set[object]:
    return {one.topic for one in found.topics}


def _marked(text: Text, kind: str) -> set[object]:
    passages = (("title", text.title), ("text", text.report))
    return {(field, n.start, n.end) for field, one in passages for n in one.names if n.kind == kind}


def _names(found: Enriched, kind: str) -> set[object]:
    return {
        (span.field, span.start, span.end) for one in found.entities if one.type == kind for span in one.spans
    }


def _show(text: Text, found: Enriched, topics: Iterable[Topic]) -> None:
    """What was not as marked: `-` missed, `+` invented."""
    wanted, tagged = _with_parents(text, topics), _topics(found)
    differing = [*(f"-{one}" for one in wanted - tagged), *(f"+{one}" for one in tagged - wanted)]
    print(f"    {text.title.text} | {text.report.text}\n      topics: {' '.join(differing)}")
    for kind in KINDS:
        marked, named = _marked(text, kind), _names(found, kind)
        missed, invented = [*_texts(text, marked - named)], [*_texts(text, named - marked)]
        if missed or invented:
            print(f"      {kind}: -{missed} +{invented}")


def _texts(text: Text, spans: Iterable[object]) -> Iterator[str]:
    for field, start, end in spans:  # type: ignore[misc]
        yield (text.title if field == "title" else text.report).text[start:end]


if __name__ == "__main__":
    main()
