"""Moves an archive into another store, and compares the two.

What the other has already is not written again, so that a move that was stopped goes on.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import get_args

from index.arrivals import version_of
from index.store import Document, Facet, Store
from results.move import Moved, To
from stream.errors import Reject, RetryLater

_AT_ONCE = 500
_WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds to wait for a store that can't be written to now."""
_SHOWN = 5


def move(
    source: Store,
    target: Store,
    to: To,
    tell: Callable[[int, int], None],
    wait: Callable[[float], None] = time.sleep,
) -> Moved:
    """Write the articles of one archive, with all their versions and stories, into another.

    Args:
        source: where they are.
        target: where they go; it may have articles of its own.
        to: what the target is.
        tell: is told how many are done, of how many.
        wait: sleeps.

    Raises RetryLater if the target can't be written to for a minute; the next move goes on from there.
    """
    total, done, written = source.count(), 0, 0
    refused: dict[str, str] = {}
    lacking: list[str] = []
    for some in _in_parts(source.scan()):
        fresh = _without_known(some, target)
        for document in fresh:
            target.take_over(document)
        rejected = _flushed(target, wait) if fresh else {}
        refused |= {key: reject.reason for key, reject in rejected.items()}
        lacking += [one.enriched.key for one in _without_known(fresh, target)]
        written, done = written + len(fresh), done + len(some)
        tell(done, max(total, done))
    return Moved(to, done, written, refused, lacking, target.count(), list(differences(source, target)))


def _in_parts(documents: Iterator[Document]) -> Iterator[list[Document]]:
    while some := list(islice(documents, _AT_ONCE)):
        yield some


def _without_known(documents: Sequence[Document], target: Store) -> list[Document]:
    """Those that the target has not, or only in an older version."""
    if not documents:
        return []
    known = target.get_many([one.enriched.key for one in documents])
    return [one for one in documents if not _has(known.get(one.enriched.key), one)]


def _has(known: Document | None, wanted: Document) -> bool:
    return known is not None and (
        known.enriched == wanted.enriched or version_of(known.enriched) > version_of(wanted.enriched)
    )


def _flushed(target: Store, wait: Callable[[float], None]) -> Mapping[str, Reject]:
    for seconds in _WAITS:
        try:
            return target.flush()
        except RetryLater:
            wait(seconds)
    return target.flush()


def differences(one: Store, other: Store) -> Iterator[str]:
    """What is counted differently in two archives: all articles, and those by topic, source, language and entity."""
    if (first := one.count()) != (second := other.count()):
        yield f"{first:,} articles here, {second:,} there"
    for field in get_args(Facet):
        yield from _differing(field, one.facet(field), other.facet(field))


def _differing(field: str, one: Mapping[str, int], other: Mapping[str, int]) -> Iterator[str]:
    values = [value for value in sorted({*one, *other}) if one.get(value, 0) != other.get(value, 0)]
    for value in values[:_SHOWN]:
        yield f"{field} {value}: {one.get(value, 0):,} articles here, {other.get(value, 0):,} there"
    if len(values) > _SHOWN:
        yield f"{field}: {len(values) - _SHOWN:,} more differ"
