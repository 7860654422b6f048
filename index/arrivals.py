"""The checks before a store accepts an article, and the choice between two versions of it."""

from datetime import datetime

import msgspec

from index.searchable import microseconds
from stream.errors import Reject
from stream.messages import Enriched, Regrouping, encode

_TIME_BITS = 52
"""The bits of a time in microseconds from 1970 to 2112."""
_MOST_EDITS = 255
_FROM_ITS_OUTLET = 1 << 60
"""The bit above time and edits; a version in Elasticsearch has 63 bits."""


def check_storable(message: Enriched) -> None:
    """Raises Reject if no store can keep the article: a time without zone, or text that is not valid Unicode."""
    try:
        article = message.article
        for time in (*article.published_any, article.time, article.seen, message.enriched):
            microseconds(time)
        encode(message)
    except TypeError as error:
        raise Reject(
            "no-time-zone", "the times published, seen and enriched must have a time zone"
        ) from error
    except UnicodeEncodeError as error:
        raise Reject("not-unicode", f"a text has an invalid Unicode character: {error}") from error


def seen_first(message: Enriched, seen: datetime) -> Enriched:
    """The message with the earlier of two times `seen`, its own and another one."""
    earliest = min(message.article.seen, seen)
    return msgspec.structs.replace(message, article=msgspec.structs.replace(message.article, seen=earliest))


def version_of(message: Enriched) -> int:
    """The version number of an article: of two with the same id, the higher one is kept.

    The outlet's own feed counts most (hearsay replaces only hearsay), then the number of edits (a replay of the first reading
    must not undo them), then the time `enriched`.
    """
    edits = min(message.article.version, _MOST_EDITS) << _TIME_BITS
    return microseconds(message.enriched) + edits + (0 if message.article.hearsay else _FROM_ITS_OUTLET)


def latest(one: Enriched, other: Enriched) -> Enriched:
    """The version of an article to keep (`one` came later), with the earlier time `seen`."""
    newest = one if version_of(one) >= version_of(other) else other
    return seen_first(newest, min(one.article.seen, other.article.seen))


def in_its_story(enriched: Enriched, change: Regrouping) -> Enriched:
    """The article in the story that it belongs to after a change."""
    if not change.moves(enriched.key, enriched.story):
        return enriched
    return msgspec.structs.replace(enriched, story=change.story)


def without_changes(enriched: Enriched) -> Enriched:
    """The article as it is stored: the archive follows the changes of stories that it brings, and doesn't keep them."""
    return msgspec.structs.replace(enriched, regrouped=()) if enriched.regrouped else enriched
