"""Measures how reports of one event are grouped across languages, over the demo world's articles in six languages.

    python -m bench.stories_across [--show]

Pairs of articles in two languages are judged: those that are grouped together (precision), and those on one event according to
bench/data/demo_events.toml (recall). The articles come in order, each placed as it comes. Printed: the result as shipped; with
other weights for similarity across languages; and with the weight chosen on half of the events and judged on the others. The
texts are our own, and the list of news words was written beside them: expect less elsewhere.
"""

import argparse
import random
import statistics
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from bench.material.results import Figure, record
from bench.stories import follow
from demo.world import Article, bundled
from enrich.stories.clusterer import ACROSS, Stories

EVENTS = Path(__file__).parent / "data/demo_events.toml"
WEIGHTS = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
SPLITS = 40

Groups = Mapping[str, str]
"""The group of each article, by outlet and slug."""


class Score(NamedTuple):
    """The quality of pairs in two languages, between 0 and 1."""

    precision: float
    recall: float


def main() -> None:
    """Measure, print, record."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--show", action="store_true", help="name the pairs that are wrong")
    articles, (truth, unclear) = bundled().articles, events()
    languages = {name(one): one.outlet.language for one in articles if name(one) not in unclear}
    found = {weight: grouped(articles, weight) for weight in {*WEIGHTS, ACROSS}}
    for weight in sorted(found):
        print(f"  weight {weight}: {shown(score(languages, truth, found[weight]))}")
    ours = score(languages, truth, found[ACROSS])
    print(f"as shipped, {ACROSS}: {shown(ours)}; {len(list(pairs(languages, truth)))} pairs in truth")
    crossed = cross_validated(languages, truth, found)
    print(f"weight chosen on half of the events, judged on the others, {SPLITS} times: {shown(crossed)}")
    if options.parse_args().show:
        show(languages, truth, found[ACROSS])
    record("stories_across", figures(ours, crossed))


def events() -> tuple[Groups, frozenset[str]]:
    """The event of each article that shares one with others, and the articles that are not judged."""
    content = tomllib.loads(EVENTS.read_text(encoding="utf-8"))
    truth = {article: event for event, articles in content["events"].items() for article in articles}
    return truth, frozenset(content["unclear"])


def name(article: Article) -> str:
    """The name of an article in the list of events."""
    return f"{article.outlet.key}/{article.slug}"


def grouped(articles: Sequence[Article], weight: float) -> Groups:
    """The story of each article, with a weight for similarity across languages."""
    stories = Stories(timedelta(days=3), 10**6, across=weight)
    found: dict[str, str] = {}
    for one in articles:
        key, language = name(one), one.outlet.language
        placed = stories.place(key, one.title, one.summary, text_of(one), one.published, language=language)
        follow(found, key, placed)
    return found


def text_of(article: Article) -> str:
    """The article's whole text."""
    return "\n".join(block.text for block in article.blocks)


def pairs(languages: Mapping[str, str], groups: Groups) -> Iterator[tuple[str, str]]:
    """The pairs of articles in two languages that belong together; an article without a group belongs to none."""
    for one, other in combinations(languages, 2):
        if languages[one] != languages[other] and one in groups and groups[one] == groups.get(other):
            yield one, other


def score(languages: Mapping[str, str], truth: Groups, groups: Groups) -> Score:
    """The score of the pairs."""
    wanted, got = set(pairs(languages, truth)), set(pairs(languages, groups))
    right = len(wanted & got)
    return Score(right / max(len(got), 1), right / max(len(wanted), 1))


def cross_validated(languages: Mapping[str, str], truth: Groups, found: Mapping[float, Groups]) -> Score:
    """The mean score on events that the weight was not chosen on: the weight with the best recall at a precision of at least
    0.95."""
    chosen, names, scores = random.Random(20260314), sorted(set(truth.values())), []
    for _ in range(SPLITS):
        known = set(chosen.sample(names, len(names) // 2))
        here = {one: spoken for one, spoken in languages.items() if truth.get(one) in known}
        there = {one: spoken for one, spoken in languages.items() if truth.get(one) not in known}
        best = max(found, key=lambda weight: _merit(score(here, truth, found[weight])))
        scores.append(score(there, truth, found[best]))
    return Score(*(statistics.mean(values) for values in zip(*scores, strict=True)))


def _merit(one: Score) -> tuple[bool, float]:
    return one.precision >= 0.95, one.recall if one.precision >= 0.95 else one.precision


def shown(one: Score) -> str:
    """A score as words."""
    return f"across languages precision {one.precision:.3f}, recall {one.recall:.3f}"


def show(languages: Mapping[str, str], truth: Groups, groups: Groups) -> None:
    """Name the pairs that are wrongly together, and those wrongly apart."""
    wanted, got = set(pairs(languages, truth)), set(pairs(languages, groups))
    for one, other in sorted(got - wanted):
        print(f"  wrong: {one} | {other}")
    for one, other in sorted(wanted - got):
        print(f"  missed: {one} | {other}")


def figures(ours: Score, crossed: Score) -> list[Figure]:
    """The figures for docs/measured.md."""
    what = "reports of one event in two languages, six languages"
    return [
        Figure(f"{what}: precision", round(ours.precision, 3), at_least=0.95),
        Figure(f"{what}: recall", round(ours.recall, 3), at_least=0.8),
        Figure("the same, weight chosen on other events: precision", round(crossed.precision, 3)),
        Figure("the same, weight chosen on other events: recall", round(crossed.recall, 3)),
    ]


if __name__ == "__main__":
    main()
