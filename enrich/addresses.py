"""Finds articles that are known under another address, by their marks (`Article.marks`)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec

from enrich.stories.state import Told

_SAME_TEXT = timedelta(days=1)
"""The longest time between two articles that share a mark of their text and still count as one."""


class Marked(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An article with marks."""

    key: str
    seen: datetime
    marks: tuple[str, ...]
    hearsay: bool
    url: str
    """Of hearsay, which may give way; '' of any other."""


class Addresses:
    """The marks of remembered articles.

    Args:
        known: the articles, in any order.
        marked: what another one has remembered: see `marked`.
    """

    def __init__(self, known: Iterable[Told] = (), marked: Iterable[Marked] = ()) -> None:
        self._told: dict[str, Marked] = {}
        self._marked: dict[str, str] = {}
        for one in marked:
            self._keep(one)
        for told in sorted(known, key=lambda one: one.seen):
            self.remember(told)

    def marked(self) -> list[Marked]:
        """The remembered articles that have marks, oldest first."""
        return list(self._told.values())

    def same(self, key: str, marks: Sequence[str], seen: datetime) -> Marked | None:
        """The first of the remembered articles that share a mark with another one; None if there is none.

        Args:
            key: the other article's id.
            marks: its marks: those of a text count for a day, those of an address as long as they are remembered.
            seen: when it was first seen.
        """
        for mark in marks:
            told = self._told.get(self._marked.get(mark, ""))
            if told and told.key != key and (mark[0] == "p" or abs(seen - told.seen) <= _SAME_TEXT):
                return told
        return None

    def remember(self, told: Told) -> None:
        """Keep the marks of an article; marks that another article had first stay with that one."""
        if told.marks:
            url = told.url if told.hearsay else ""
            self._keep(Marked(told.key, told.seen, told.marks, told.hearsay, url))

    def _keep(self, one: Marked) -> None:
        self._told[one.key] = one
        for mark in one.marks:
            self._marked.setdefault(mark, one.key)

    def forget(self, keys: Iterable[str]) -> None:
        """Forget articles, by their ids."""
        for key in keys:
            told = self._told.pop(key, None)
            for mark in told.marks if told else ():
                if self._marked.get(mark) == key:
                    del self._marked[mark]
