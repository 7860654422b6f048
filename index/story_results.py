"""Stories as documents of results/story.py."""

from collections import Counter
from datetime import UTC

import msgspec

from index.counts import Count
from index.results import language_or_none
from index.store import Search, Store
from index.stories import Report, Story, by_hour, find_story, top_stories
from results import story as public
from results.parts import Coverage

_NAMES = 10
"""How many people and places of a story to give."""


def stories_document(store: Store, search: Search, number: int, coverage: Coverage | None) -> public.Stories:
    """The stories with the most articles of a search, without their reports."""
    counts = store.counts(search, Count())
    found = [find_story(store, story) for story in top_stories(store, search, number)]
    return public.Stories(
        articles=counts.articles,
        stories=counts.stories,
        since=search.since.astimezone(UTC) if search.since else None,
        top=tuple(msgspec.structs.replace(story_document(one), reports=()) for one in found if one),
        coverage=coverage,
    )


def story_document(story: Story) -> public.Story:
    """A story with its reports."""
    articles = [report.enriched.article for report in story.reports]
    copies = sum(report.copy_of is not None for report in story.reports)
    return public.Story(
        id=story.id,
        headline=story.headline.article.title,
        first=articles[0].time.astimezone(UTC),
        last=articles[-1].time.astimezone(UTC),
        articles=story.total,
        own_reports=len(articles) - copies,
        copies=copies,
        outlets=tuple(dict.fromkeys(article.source for article in articles)),
        languages=tuple(dict.fromkeys(report.enriched.language for report in story.reports)),
        places=_named(story, "place"),
        people=_named(story, "person"),
        by_hour=tuple(public.Hour(hour.astimezone(UTC), count) for hour, count in by_hour(story).items()),
        reports=tuple(map(_report, story.reports)),
    )


def _named(story: Story, kind: str) -> tuple[str, ...]:
    counts = Counter(
        name
        for report in story.reports
        for name in {entity.name for entity in report.enriched.entities if entity.type == kind}
    )
    return tuple(name for name, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_NAMES])


def _report(report: Report) -> public.Report:
    article = report.enriched.article
    return public.Report(
        id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        language=language_or_none(report.enriched.language),
        time=article.time.astimezone(UTC),
        copy_of=report.copy_of.article.id if report.copy_of else None,
        adds=report.adds,
    )
