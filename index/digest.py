"""A section of a digest: the largest stories that a search found."""

from datetime import UTC
from typing import Literal

from index.counts import Count
from index.store import Search, Store
from index.stories import Story, find_story, top_stories
from results.digest import Item, Section


def section(
    store: Store, kind: Literal["topic", "search"], name: str, query: str, search: Search, most: int
) -> Section:
    """What a search found.

    Args:
        store: the archive.
        kind: what it comes from.
        name: its name, for a reader.
        query: the search, for a reader.
        search: of the time that the digest covers.
        most: stories at most.
    """
    counts = store.counts(search, Count())
    stories = [find_story(store, story) for story in top_stories(store, search, most)]
    top = tuple(_item(story) for story in stories if story)
    return Section(
        kind=kind, name=name, query=query, articles=counts.articles, stories=counts.stories, top=top
    )


def _item(story: Story) -> Item:
    article = story.headline.article
    reports = [report.enriched.article for report in story.reports]
    return Item(
        story=story.id,
        headline=article.title,
        source=article.source,
        url=article.url,
        articles=story.total,
        outlets=len({each.source for each in reports}),
        first=reports[0].time.astimezone(UTC),
    )
