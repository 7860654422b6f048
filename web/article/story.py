"""The story that an article belongs to, as the article's page tells of it."""

import msgspec

from index.results import head
from index.store import Document, Search, Store
from index.stories import central, reports
from query.tree import Term
from results.parts import Head

_MOST = 200
"""How many articles of a story are searched for copies."""


class Kin(msgspec.Struct, frozen=True):
    """The other articles of an article's story.

    Attributes:
        story: the story's id.
        headline: of its most central article.
        articles: how many it has.
        copy_of: the article that this one copies; None if it is an outlet's own report.
        copies: those that have nearly the same text, in order of time, without `copy_of`.
    """

    story: str
    headline: str
    articles: int
    copy_of: Head | None
    copies: tuple[Head, ...]


def kin_of(store: Store, document: Document) -> Kin | None:
    """The others of an article's story; None if it is alone."""
    story, own = document.enriched.story, document.enriched.article.id
    if not story:
        return None
    found = store.search(Search(query=Term("story", story), sort="oldest", limit=_MOST))
    if found.total < 2:
        return None
    articles = [hit.document.enriched for hit in found.hits]
    told = list(reports(articles))
    text = document.enriched.copy_of or own
    same = [one for one in told if (one.enriched.copy_of or one.enriched.article.id) == text]
    mine = next((one for one in same if one.enriched.article.id == own), None)
    copied = mine.copy_of if mine else None
    others = [
        one.enriched for one in same if one.enriched.article.id not in (own, copied and copied.article.id)
    ]
    return Kin(
        story,
        central(articles).article.title,
        found.total,
        head(copied) if copied else None,
        tuple(map(head, others)),
    )
