"""Which stories a reader asks for; the address holds all of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec

from index.periods import latest
from index.store import Search, Store
from query.marks import Marks
from query.tree import And, Term
from web.search.asked import Asked, number, search_of
from web.search.clauses import clause, narrowed

DAY = "24h"
"""What is listed where nothing else was asked: the stories of the last day."""
LISTED, MOST = 30, 200
"""How many stories a list has, and how many it can have."""


class AskedStories(msgspec.Struct, frozen=True, kw_only=True):
    """A list of stories, as the address has it."""

    q: str = ""
    topic: str = ""
    """A topic's id; '' for all."""
    since: str = DAY
    """A date, a time, an age such as 7d, or `all`."""
    limit: int = LISTED

    def changed(self, **changes: Any) -> "AskedStories":
        """The same list but for some of it."""
        return msgspec.structs.replace(self, **changes)

    def address(self, path: str = "/stories") -> str:
        """The address of the list."""
        default = AskedStories()
        told = {
            name: value
            for name, value in msgspec.structs.asdict(self).items()
            if value != getattr(default, name)
        }
        return f"{path}?{urlencode(told)}" if told else path

    def of_programs(self) -> str:
        """The same list in the API, whose lists are shorter where nothing else was asked."""
        told = {name: value for name, value in msgspec.structs.asdict(self).items() if value}
        return f"/api/v1/stories?{urlencode(told)}"


def read_stories(parameters: Mapping[str, str]) -> AskedStories:
    """The list of an address; raises BadRequest for a number that can't be."""
    return AskedStories(
        q=parameters.get("q", "").strip(),
        topic=parameters.get("topic", "").strip(),
        since=parameters.get("since", "").strip() or DAY,
        limit=number("limit", parameters.get("limit", str(LISTED)), MOST),
    )


def articles_of(asked: AskedStories) -> Asked:
    """The search for the articles whose stories are listed."""
    query = narrowed(asked.q, clause("topic", asked.topic)) if asked.topic else asked.q
    return Asked(q=query, since="" if asked.since == "all" else asked.since)


def search_of_late(
    store: Store, asked: AskedStories, now: datetime, marks: Marks
) -> tuple[Search, datetime | None]:
    """The same as `search_for` for a reader who looks at what there is.

    Where the archive has nothing of the time that was asked for, an age such as 7d is counted back from its newest article.
    That moment is returned, too; None where nothing is counted otherwise.
    """
    search = search_for(asked, now, marks)
    if search.since is None:
        return search, None
    end = latest(store, now, now - search.since)
    if end == now:
        return search, None
    moved = search_for(asked, end, marks)
    return (search, None) if moved.since == search.since else (moved, end)


def search_for(asked: AskedStories, now: datetime, marks: Marks) -> Search:
    """The articles whose stories are listed; raises BadRequest for a query or a time that can't be read."""
    since = "" if asked.since == "all" else asked.since
    search = search_of(Asked(q=asked.q, since=since), now, marks=marks)
    if not asked.topic:
        return search
    of_topic = Term("topic", asked.topic)
    return msgspec.structs.replace(search, query=And((search.query, of_topic)) if search.query else of_topic)
