"""Stories as readers see them: the reports on an event, and the events that a search finds.

Built from searches alone, so that both stores give the same result.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from index.counts import Count
from index.store import Fold, Search, Store
from query.tokens import terms
from query.tree import Term
from stream.messages import Enriched

MOST = 1_000
"""How many reports of a story are read: the first ones."""
_ADDED = 6
"""How many names and numbers to give of those that a report adds."""
_NUMBER = re.compile(r"\b\d[\d.,]*\b")


class Report(msgspec.Struct, frozen=True):
    """An article of a story."""

    enriched: Enriched
    copy_of: Enriched | None
    """The first article with nearly the same text; None if this is an outlet's own report."""
    adds: tuple[str, ...]
    """Names and numbers that are in no earlier report."""


class Story(msgspec.Struct, frozen=True):
    """An event and the reports on it, in order of time."""

    id: str
    headline: Enriched
    """The most central report: the one whose headline covers most of what the others say."""
    reports: tuple[Report, ...]
    total: int
    """How many reports there are; the first MOST are here."""


class Folded(msgspec.Struct, frozen=True):
    """A page of the stories that a search finds."""

    folds: tuple[Fold, ...]
    stories: int
    """How many there are in all; an estimate if there are thousands."""


def find_story(store: Store, story: str) -> Story | None:
    """A story by its id; None if no article has it. An article that was never compared with others is a story by itself. The id
    of a story that was merged into another finds that one."""
    found = store.search(Search(query=Term("story", story), sort="oldest", limit=MOST))
    alone = None if found.hits else store.get(story)
    if alone and alone.enriched.story not in ("", story):
        return find_story(store, alone.enriched.story)
    articles = [alone.enriched] if alone else [hit.document.enriched for hit in found.hits]
    if not articles:
        return None
    return Story(story, central(articles), tuple(reports(articles)), max(found.total, 1))


def story_of(store: Store, article_id: str) -> str:
    """The id of the story of an article; the same id if there is no such article: it may be a story's."""
    document = store.get(article_id)
    return (document.enriched.story or document.enriched.article.id) if document else article_id


def top_stories(store: Store, search: Search, number: int) -> list[str]:
    """The ids of the stories with the most articles of a search."""
    counts = store.counts(search, Count(by=("story",), most=number))
    return [tally.value for tally in counts.by["story"]]


def fold(store: Store, search: Search) -> Folded:
    """A page of a search's stories, and how many there are."""
    found = tuple(store.folds(search))
    return Folded(
        found, max(store.counts(search, Count()).stories, search.offset + len(found) if found else 0)
    )


def reports(articles: Sequence[Enriched]) -> Iterator[Report]:
    """The reports of a story; the articles come in order of time."""
    firsts: dict[str, Enriched] = {}
    known: set[str] = set()
    for enriched in articles:
        text = enriched.copy_of or enriched.article.id
        first = firsts.setdefault(text, enriched)
        said = _names_and_numbers(enriched)
        added = tuple(shown for key, shown in said.items() if key not in known)
        known.update(said)
        yield Report(enriched, None if first is enriched else first, added[:_ADDED])


def _names_and_numbers(enriched: Enriched) -> Mapping[str, str]:
    """The names and numbers in a report, by the form that is compared."""
    article = enriched.article
    names = {entity.id or entity.name.casefold(): entity.name for entity in enriched.entities}
    numbers = _NUMBER.findall(f"{article.title}\n{article.text}")
    return names | {number.rstrip(".,"): number.rstrip(".,") for number in numbers}


def central(articles: Sequence[Enriched]) -> Enriched:
    """The article whose headline has the most words in common with the other headlines; of equals, the first."""
    words = [set(terms(enriched.article.title)) for enriched in articles]
    shared = Counter(word for some in words for word in some)

    def weight(at: int) -> float:
        return sum(shared[word] - 1 for word in words[at]) / math.sqrt(len(words[at]) or 1)

    return articles[max(range(len(articles)), key=lambda at: (weight(at), -at))]


def by_hour(story: Story) -> Mapping[datetime, int]:
    """The number of reports in each hour that has any, oldest first."""
    hours = Counter(
        one.enriched.article.time.replace(minute=0, second=0, microsecond=0) for one in story.reports
    )
    return dict(sorted(hours.items()))
