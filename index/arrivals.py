"""What a store checks of an article before it takes it, and which of two versions it keeps."""

from datetime import datetime

import msgspec

from index.searchable import microseconds, timeline
from stream.errors import Reject
from stream.messages import Enriched, encode


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
        raise Reject("not-unicode", f"a text holds what is no Unicode character: {error}") from error


def seen_first(message: Enriched, seen: datetime) -> Enriched:
    """The message with the earlier time `seen` of its own and another."""
    earliest = min(message.article.seen, seen)
    return msgspec.structs.replace(message, article=msgspec.structs.replace(message.article, seen=earliest))


def latest(one: Enriched, other: Enriched) -> Enriched:
    """Of two versions of an article, `one` having come later, the one that was enriched last, with the earlier time `seen`."""
    newest = one if one.enriched >= other.enriched else other
    return seen_first(newest, min(one.article.seen, other.article.seen))
