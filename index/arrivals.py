"""What a store checks of an article before it takes it, and which of two versions it keeps."""

from datetime import datetime

import msgspec

from index.searchable import microseconds, timeline
from stream.errors import Reject
from stream.messages import Enriched, encode

_FROM_ITS_OUTLET = 1 << 60
"""Microseconds; a version of Elasticsearch has 63 bits."""


def check_storable(message: Enriched) -> None:
    """Raises Reject if no store could keep the article: a time without zone, or text that is not Unicode."""
    try:
        for time in (timeline(message.article), message.article.seen, message.enriched):
            microseconds(time)
        encode(message)
    except TypeError as error:
        raise Reject(
            "no-time-zone", "the times published, seen and enriched must have a time zone"
        ) from error
    except UnicodeEncodeError as error:
        raise Reject("not-unicode", f"a text has an invalid Unicode character: {error}") from error


def seen_first(message: Enriched, seen: datetime) -> Enriched:
    """The message with the earlier time `seen` of its own and another."""
    earliest = min(message.article.seen, seen)
    return msgspec.structs.replace(message, article=msgspec.structs.replace(message.article, seen=earliest))


def version_of(message: Enriched) -> int:
    """What decides between two versions of an article: the time `enriched` in microseconds since 1970, and above all such times
    where its own outlet's feed brought it. So hearsay replaces hearsay alone."""
    return microseconds(message.enriched) + (0 if message.article.hearsay else _FROM_ITS_OUTLET)


def latest(one: Enriched, other: Enriched) -> Enriched:
    """Of two versions of an article, `one` having come later, the one to be kept, with the earlier time `seen`."""
    newest = one if version_of(one) >= version_of(other) else other
    return seen_first(newest, min(one.article.seen, other.article.seen))
