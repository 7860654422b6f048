"""From when on an entity's articles count."""

from datetime import datetime

from web.search.asked import Asked, search_of


def since_of(text: str, now: datetime) -> datetime | None:
    """The time; None for ''. Raises BadRequest if it can't be read."""
    return search_of(Asked(since=text), now).since
