"""Proximity: words in any order, close to each other. One definition for live matching and every store.

`"a b c"~n` matches a passage with all the words, in any order, and at most n other words. This is Elasticsearch's unordered
`intervals` with `max_gaps`, and the NEAR of media monitoring tools; Lucene's slop counts moves instead, and swapping two words
costs two of them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence

MAX_SLOP = 99
"""Other words between; below the gap of 100 positions that Elasticsearch puts between two values of a field."""

_FEW = 64  # pairs of positions that are compared one by one


def is_near(terms: Sequence[str], slop: int, positions: Mapping[str, Sequence[int]]) -> bool:
    """Whether a text matches a proximity, that is, whether it has `windows`."""
    if len(terms) == 2 and terms[0] != terms[1]:  # the usual case, in fewer steps
        ones, others = positions.get(terms[0], ()), positions.get(terms[1], ())
        if len(ones) * len(others) <= _FEW:
            return any(abs(one - other) <= slop + 1 for one in ones for other in others)
    return next(windows(terms, slop, positions), None) is not None


def windows(terms: Sequence[str], slop: int, positions: Mapping[str, Sequence[int]]) -> Iterator[range]:
    """The stretches of a text that match a proximity, in order; each is the shortest for its last word.

    Args:
        terms: the words; one that is given twice must occur twice.
        slop: the most other words among them.
        positions: the positions of each term of the text, ascending.
    """
    missing = {term: terms.count(term) for term in terms}
    if not missing.keys() <= positions.keys():
        return
    places = sorted((at, term) for term in missing for at in positions[term])
    lacking, first, widest = len(terms), 0, len(terms) + slop
    for last, term in places:
        lacking -= missing[term] > 0
        missing[term] -= 1
        while missing[places[first][1]] < 0:
            missing[places[first][1]] += 1
            first += 1
        if not lacking and last - places[first][0] < widest:
            yield range(places[first][0], last + 1)


def meeting(terms: Sequence[str], slop: int, positions: Mapping[str, Sequence[int]]) -> Iterator[int]:
    """The positions of the words that lie in any of the `windows`, each once. n log n in the occurrences of the words."""
    joined = list(_united(windows(terms, slop, positions)))
    ends = [stretch.stop for stretch in joined]
    for term in dict.fromkeys(terms) if joined else ():
        for at in positions[term]:
            stretch = bisect_right(ends, at)
            if stretch < len(joined) and joined[stretch].start <= at:
                yield at


def _united(stretches: Iterable[range]) -> Iterator[range]:
    """Ranges sorted by end and start, with overlapping or adjacent ones merged."""
    current: range | None = None
    for stretch in stretches:
        if current is not None and stretch.start <= current.stop:
            current = range(current.start, stretch.stop)
            continue
        if current is not None:
            yield current
        current = stretch
    if current is not None:
        yield current
