"""Resolves partial names in a document: a name given in full is recognised where only a part of it follows.

`Putin` is the Vladimir Putin of the first sentence, `the Council` the only council named, `HNC` the name before `(HNC)`, and a
name recognised once is also found where the recogniser missed it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from enrich.names.bearers import stands_apart
from enrich.names.gazetteer import Mention, Named, stands
from query.match import Words
from query.tokens import terms
from stream.messages import Field

_HEADS = frozenset(
    (  # noqa: SIM905 - a list of words is read best so
        "council commission committee ministry agency court bank party union university institute assembly "
        "parliament senate federation association authority board bureau fund foundation league organisation "
        "organization observatory"
    ).split()
)
"""The last words that may later stand alone for an organisation: `the Council`."""
_SHORTEST = 3  # the fewest letters of a name that is searched for elsewhere in the text


@dataclass(frozen=True)
class Found:
    """A field of the article, and the mentions found in it."""

    field: Field
    words: Words
    mentions: Sequence[Mention]


def remembered(
    parts: Sequence[Found], *, english: bool, listed: Collection[Named] = frozenset()
) -> list[Found]:
    """The same parts with all mentions that count, in order, each under the full name.

    Weak mentions count if the fuller name occurs, too.

    Args:
        parts: of one document.
        english: whether English forms count as well: `the Council`, `(HNC)`.
        listed: the listed people: a surname that was left open means none of them.
    """
    full = [mention.named for part in parts for mention in part.mentions if not mention.weak]
    parts = [_without_unknown_weak(part, set(full)) for part in parts]
    surnames = _surnames(full)
    others = _votes(parts) | (_acronyms(parts) if english else {})
    heads = _heads(full) if english else {}
    found = []
    for part in parts:
        renamed = [
            replace(mention, named=_meant(mention, part.words, surnames, others, listed))
            for mention in part.mentions
        ]
        again = [*_again(part.words, surnames, others, listed), *_by_head(part.words, heads)]
        found.append(replace(part, mentions=_in_order(renamed, again)))
    return found


def one_reading(parts: Sequence[Found]) -> list[Found]:
    """The same parts, but a name that is a listed place anywhere is an organisation nowhere: Syria, though it plays
    football."""
    places = {
        _terms(mention, part.words): mention.named
        for part in parts
        for mention in part.mentions
        if mention.named.type == "place" and mention.named.id
    }
    return [
        replace(part, mentions=[_as_place(mention, part.words, places) for mention in part.mentions])
        for part in parts
    ]


def _as_place(mention: Mention, words: Words, places: Mapping[tuple[str, ...], Named]) -> Mention:
    place = places.get(_terms(mention, words))
    if place is None or mention.named.id or mention.named.own or mention.named.type != "organisation":
        return mention
    return replace(mention, named=place)


def _terms(mention: Mention, words: Words) -> tuple[str, ...]:
    return tuple(words.terms[mention.first : mention.last])


def _without_unknown_weak(part: Found, full: set[Named]) -> Found:
    kept = [mention for mention in part.mentions if not mention.weak or mention.named in full]
    return replace(part, mentions=kept)


def _surnames(full: Iterable[Named]) -> Mapping[str, Named]:
    """The people named in full, by the last word of their names, without those who share it."""
    by_surname: dict[str, set[Named]] = defaultdict(set)
    for named in full:
        if named.type == "person" and " " in named.name:
            by_surname[named.name.rsplit(" ", 1)[1]].add(named)
    return {surname: next(iter(people)) for surname, people in by_surname.items() if len(people) == 1}


def _votes(parts: Sequence[Found]) -> dict[str, Named]:
    """The most frequent interpretation of each name without an id."""
    votes: dict[str, Counter[Named]] = defaultdict(Counter)
    for part in parts:
        for mention in part.mentions:
            if not mention.named.id and mention.named.type != "none":
                votes[_surface(mention.first, mention.last, part.words)][mention.named] += 1
    return {
        surface: counts.most_common(1)[0][0] for surface, counts in votes.items() if len(surface) >= _SHORTEST
    }


def _acronyms(parts: Sequence[Found]) -> dict[str, Named]:
    """The organisations with their short form in brackets after them: `High Negotiations Committee (HNC)`."""
    found = {}
    for part in parts:
        words = part.words
        for mention in part.mentions:
            after = mention.last
            if mention.named.type != "organisation" or after >= len(words.tokens):
                continue
            gap = words.text[words.tokens[after - 1].end : words.tokens[after].start]
            short = _surface(after, after + 1, words)
            if gap == " (" and short.isupper() and len(short) >= 2 and _is_short_for(short, mention, words):
                found[short] = mention.named
    return found


def _is_short_for(short: str, mention: Mention, words: Words) -> bool:
    """Whether the letters of a short form are initials of words in a name, in order."""
    letters = iter(words.terms[index][0] for index in range(mention.first, mention.last))
    return all(letter in letters for letter in short.casefold()[:2])


def _heads(full: Iterable[Named]) -> Mapping[str, Named]:
    """The organisations by their last word, if no other one in the text has it."""
    by_head: dict[str, set[Named]] = defaultdict(set)
    for named in full:
        last = named.name.rsplit(" ", 1)[-1]
        if named.type == "organisation" and last != named.name and last.casefold() in _HEADS:
            by_head[last].add(named)
    return {head: next(iter(same)) for head, same in by_head.items() if len(same) == 1}


def _meant(
    mention: Mention,
    words: Words,
    surnames: Mapping[str, Named],
    others: Mapping[str, Named],
    listed: Collection[Named],
) -> Named:
    """The entity that a name refers to in this document."""
    named = mention.named
    if named.id:
        return named
    if named.type == "person" and named.name in surnames:
        person = surnames[named.name]
        is_his = person not in listed or (
            not mention.is_open and stands_apart(mention.first, mention.last, words, person)
        )
        return person if is_his else named
    return others.get(named.name, named)


def _again(
    words: Words, surnames: Mapping[str, Named], others: Mapping[str, Named], listed: Collection[Named]
) -> Iterator[Mention]:
    """Further places where the names occur as written, the longest first.

    The cost of a place is the number of sizes of names that begin with its word, however many such names there are.
    """
    known = {**others, **surnames}
    written = {surface: tuple(terms(surface)) for surface in known}
    sizes: dict[str, set[int]] = defaultdict(set)
    for name in filter(None, written.values()):
        sizes[name[0]].add(len(name))
    found = [
        Mention(known[surface], index, index + size)
        for first, counts in sizes.items()
        for index in words.positions.get(first, ())
        for size in counts
        if index + size <= len(words.terms)
        and (surface := _surface(index, index + size, words)) in known
        and stands(written[surface], index, words)
        and (known[surface] not in listed or stands_apart(index, index + size, words, known[surface]))
    ]
    tokens = words.tokens
    yield from sorted(found, key=lambda one: (tokens[one.first].start - tokens[one.last - 1].end, one.first))


def _by_head(words: Words, heads: Mapping[str, Named]) -> Iterator[Mention]:
    """The places where an organisation is named by its last word: `the Council`."""
    for head, named in heads.items():
        for index in words.positions.get(head.casefold(), ()):
            if index and words.terms[index - 1] == "the" and _surface(index, index + 1, words) == head:
                yield Mention(named, index, index + 1)


def _in_order(mentions: Sequence[Mention], again: Iterable[Mention]) -> list[Mention]:
    """All mentions in order; a repeated name counts only if it overlaps no other mention."""
    kept = list(mentions)
    taken = {index for mention in kept for index in range(mention.first, mention.last)}
    for mention in again:
        place = range(mention.first, mention.last)
        if taken.isdisjoint(place):
            kept.append(mention)
            taken.update(place)
    return sorted(kept, key=lambda mention: mention.first)


def _surface(first: int, last: int, words: Words) -> str:
    """A span of words as written in the text."""
    return words.text[words.tokens[first].start : words.tokens[last - 1].end]
