"""Measures how headlines are grouped by event, over the 606 headlines of 25 outlets in ../shared/data/stories-dev.json, half of
them judged.

    python -m bench.stories

Printed: BCubed and pairwise F1 (stories_score.py beside the data) as wirewatch groups them, with its threshold and with others
up to 20 % lower and higher, since a threshold that fits a single set of headlines is worth nothing; and the same with the
threshold chosen on half of the stories and judged on the others, and chosen on half of the days and judged on the other half.
The articles come in order, each placed as it comes. Last, how many messages alerts on some names send over these days.
"""

import random
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import msgspec

from alerts.backtest import backtest
from alerts.definitions import definition_of
from bench.material.results import Figure, record
from enrich.stories import clusterer
from query.article import prepare_enriched
from query.match import matches
from query.tree import Node
from stream.messages import Article, Enriched, Regrouping

DATA = Path("../shared/data/stories-dev.json")
THRESHOLDS = tuple(round(clusterer.ALIKE * (0.8 + 0.05 * step), 4) for step in range(9))
SPLITS = 40
ALERTS = ("iran", "ukraine", "epstein")
UPDATES = "outlets >= 5, 20"


class Headline(msgspec.Struct, frozen=True):
    """One item of a feed, and its event as a reader judged it; None if nobody did."""

    id: int
    published: datetime
    outlet: str
    title: str
    summary: str | None
    story: str | None


class Score(NamedTuple):
    """The agreement of a grouping with the judged one, between 0 and 1."""

    bcubed: float
    precision: float
    recall: float
    pairs: float


def main() -> None:
    """Measure, print, record."""
    if not DATA.exists():
        print(f"skipped: there is no {DATA}")
        return
    headlines = load()
    grouped = {limit: group(headlines, limit) for limit in THRESHOLDS}
    near = {limit: score(headlines, found) for limit, found in grouped.items()}
    for limit, found in near.items():
        print(f"  threshold {limit:.3f}  {shown(found)}")
    ours = near[clusterer.ALIKE]
    print(f"as shipped, {clusterer.ALIKE}: {shown(ours)}")
    worst = Score(*map(min, zip(*near.values(), strict=True)))
    print(f"lowest with a threshold up to 20 % lower or higher: {shown(worst)}")
    crossed = cross_validated(headlines, grouped)
    print(f"threshold chosen on half of the stories, judged on the others, {SPLITS} times: {shown(crossed)}")
    later = mean_of(halves(headlines, grouped))
    print(f"threshold chosen on half of the days, judged on the other half: {shown(later)}")
    told = messages(headlines, UPDATES)
    for word, (matching, copies, events) in told.items():
        print(
            f"alert on {word}: {matching} headlines match; {copies} messages once for each text,"
            f" {events} once for each event with updates = {UPDATES!r}"
        )
    record("stories", [*figures(ours, worst, crossed, later), *alert_figures(told)])


def load() -> list[Headline]:
    """The headlines, in order of arrival."""
    text = DATA.read_bytes().replace(b"+00:00", b"Z")
    return msgspec.json.decode(text, type=list[Headline], strict=False)


def group(headlines: Sequence[Headline], limit: float) -> Mapping[int, str]:
    """The story of each headline, for a threshold."""
    stories = clusterer.Stories(timedelta(days=3), 10**6, alike=limit)
    found: dict[str, str] = {}
    for one in headlines:
        lead = one.summary or ""
        follow(found, str(one.id), stories.place(str(one.id), one.title, lead, lead, one.published))
    return {int(key): story for key, story in found.items()}


def follow(found: dict[str, str], key: str, placed: clusterer.Placed) -> None:
    """Note the story of an article, and of those that went to another story when it came."""
    for change in placed.regrouped:
        found.update({one: change.story for one, story in found.items() if change.moves(one, story)})
    found[key] = placed.story


def score(headlines: Sequence[Headline], grouped: Mapping[int, str]) -> Score:
    """The agreement over the judged headlines."""
    judged = [one for one in headlines if one.story]
    ours = {one.id: {other.id for other in judged if grouped[other.id] == grouped[one.id]} for one in judged}
    truth = {one.id: {other.id for other in judged if other.story == one.story} for one in judged}
    both = {key: len(ours[key] & truth[key]) for key in ours}
    precise = statistics.mean(both[key] / len(ours[key]) for key in ours)
    complete = statistics.mean(both[key] / len(truth[key]) for key in ours)
    right = sum(both.values()) - len(judged)
    precision = right / max(sum(map(len, ours.values())) - len(judged), 1)
    recall = right / max(sum(map(len, truth.values())) - len(judged), 1)
    return Score(mean(precise, complete), precision, recall, mean(precision, recall))


def mean(one: float, other: float) -> float:
    """The harmonic mean."""
    return 2 * one * other / (one + other) if one + other else 0.0


def cross_validated(headlines: Sequence[Headline], grouped: Mapping[float, Mapping[int, str]]) -> Score:
    """The mean score on stories that the threshold was not chosen on."""
    chosen = random.Random(20260211)
    names = sorted({one.story for one in headlines if one.story})
    found = []
    for _ in range(SPLITS):
        known = set(chosen.sample(names, len(names) // 2))
        here = [one for one in headlines if one.story in known]
        there = [one for one in headlines if one.story and one.story not in known]
        found.append(chosen_on(here, there, grouped))
    return mean_of(found)


def halves(headlines: Sequence[Headline], grouped: Mapping[float, Mapping[int, str]]) -> Iterator[Score]:
    """The score on each half of the time, with the threshold chosen on the other half."""
    judged = sorted((one for one in headlines if one.story), key=lambda one: one.published)
    early, late = judged[: len(judged) // 2], judged[len(judged) // 2 :]
    yield chosen_on(early, late, grouped)
    yield chosen_on(late, early, grouped)


def chosen_on(
    here: Sequence[Headline], there: Sequence[Headline], grouped: Mapping[float, Mapping[int, str]]
) -> Score:
    """The score on some headlines with the threshold that is best for others; of several, the one in the middle."""
    pairs = {limit: score(here, grouped[limit]).pairs for limit in sorted(grouped)}
    best = [limit for limit, found in pairs.items() if found == max(pairs.values())]
    return score(there, grouped[best[len(best) // 2]])


def mean_of(scores: Iterable[Score]) -> Score:
    """The mean of each part."""
    return Score(*(statistics.mean(values) for values in zip(*scores, strict=True)))


def messages(headlines: Sequence[Headline], updates: str) -> Mapping[str, tuple[int, int, int]]:
    """For alerts on some words: how many headlines match, the messages if each text is reported once, and if each event is."""
    stories = clusterer.Stories(timedelta(days=3), 10**6)
    placed = [
        (one, stories.place(str(one.id), one.title, one.summary or "", one.summary or "", one.published))
        for one in headlines
    ]
    found = {}
    for word in ALERTS:
        sent, matching = [], 0
        for level, extra in (("copies", {}), ("story", {"updates": updates})):
            definition = definition_of({"name": word, "query": word, **extra}, "bench")
            assert definition.tree is not None
            matched = list(_matching(definition.tree, placed, level))
            matching = len(matched)
            since, until = headlines[0].published, headlines[-1].published
            sent.append(backtest(definition, matched, since, until).messages)
        found[word] = (matching, *sent)
    return found


def _matching(
    tree: Node, placed: Sequence[tuple[Headline, clusterer.Placed]], level: str
) -> Iterator[tuple[datetime, Enriched]]:
    """The headlines that match, each with the changes of stories since the one before it."""
    changes: list[Regrouping] = []
    for one, where in placed:
        changes += where.regrouped if level == "story" else ()
        article = enriched(one, getattr(where, level), where.copies)
        if matches(tree, prepare_enriched(article)):
            yield article.article.seen, msgspec.structs.replace(article, regrouped=tuple(changes))
            changes.clear()


def enriched(one: Headline, story: str, copy_of: str) -> Enriched:
    """A headline as an article of a story."""
    seen = one.published
    article = Article(
        id=str(one.id), url=str(one.id), feed="", source=one.outlet, title=one.title, text=one.summary or "",
        published=seen, seen=seen, fetched=seen, extracted=seen,
    )  # fmt: skip
    return Enriched(article=article, language="en", story=story, copy_of=copy_of, enriched=seen)


def shown(one: Score) -> str:
    """A score as a line."""
    return f"pairs F1 {one.pairs:.3f} (P {one.precision:.3f} R {one.recall:.3f})  BCubed F1 {one.bcubed:.3f}"


def alert_figures(told: Mapping[str, tuple[int, int, int]]) -> list[Figure]:
    """The figures for the alerts."""
    return [
        Figure(
            f"messages of an alert on {word} over {matching} headlines, with updates at 5 and 20 outlets",
            events,
            peers={"once for each text": copies},
        )
        for word, (matching, copies, events) in told.items()
    ]


def figures(ours: Score, worst: Score, crossed: Score, later: Score) -> list[Figure]:
    """The figures for docs/measured.md."""
    others = {
        "the same, lowest with a threshold up to 20 % lower or higher": worst,
        "the same, threshold chosen on other stories": crossed,
        "the same, threshold chosen on other days": later,
    }
    return [
        Figure("real headlines grouped by event: pairs F1", round(ours.pairs, 3), at_least=0.88),
        Figure("real headlines grouped by event: BCubed F1", round(ours.bcubed, 3), at_least=0.965),
        *(
            Figure(f"{what}: {measure} F1", round(value, 3))
            for what, one in others.items()
            for measure, value in (("pairs", one.pairs), ("BCubed", one.bcubed))
        ),
    ]


if __name__ == "__main__":
    main()
