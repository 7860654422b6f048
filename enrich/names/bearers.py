"""Decides whom a surname means: a listed person, a relative or namesake, or nobody that the document identifies.

A wrong id of a listed person is the worst possible error. A surname alone counts as that person's only if the document gives
the full name or the office (`President Assad`), and names nobody else with that surname. After another given name it never
does.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from enrich.names.gazetteer import Gazetteer, Mention, Named
from enrich.names.readings import Kind, Read, read
from enrich.names.spellings import size_of
from query.match import Words
from query.tokens import terms


def settled(parts: Sequence[tuple[Words, Sequence[Mention]]], gazetteer: Gazetteer) -> list[list[Mention]]:
    """The mentions in each part of a document: those that surely mean a listed person keep the person, the others are left
    open.

    Args:
        parts: the title and the text, each with what the gazetteer knows of it, in order.
        gazetteer: its people.
    """
    reads = [
        {
            mention: read(mention, words, gazetteer.people[mention.named])
            for mention in known
            if _is_listed(mention, gazetteer)
        }
        for words, known in parts
    ]
    in_full = {
        mention.named
        for one in reads
        for mention, its in one.items()
        if its.kind is Kind.FULL or (its.kind is Kind.OFFICE and _may_hold_office(mention.named, gazetteer))
    }
    others = {
        words.terms[mention.last - 1]
        for (words, _), one in zip(parts, reads, strict=True)
        for mention, its in one.items()
        if its.kind is Kind.OTHER or (its.kind is Kind.OPEN and not mention.alone)
    }
    bearers = _bearers(in_full, gazetteer)
    return [
        apart(
            after
            for mention in known
            for after in (
                _settled(mention, one[mention], words, in_full, others, bearers)
                if mention in one
                else (mention,)
            )
        )
        for (words, known), one in zip(parts, reads, strict=True)
    ]


def apart(mentions: Iterable[Mention]) -> list[Mention]:
    """The mentions without those that a longer one overlaps: `Jordan` in `Jordan Volkov`."""
    kept: list[Mention] = []
    for mention in mentions:
        while kept and kept[-1].last > mention.first and _size(kept[-1]) <= _size(mention):
            kept.pop()
        if not kept or kept[-1].last <= mention.first:
            kept.append(mention)
    return kept


def _size(mention: Mention) -> int:
    return mention.last - mention.first


def reopened(words: Words, mentions: Sequence[Mention], others: frozenset[str]) -> list[Mention]:
    """The same mentions, but a surname alone is left open if the recogniser found others with it.

    Args:
        words: the text.
        mentions: of it.
        others: the last terms of unlisted people's names: see `surnames_of_others`.
    """
    return [
        _opened(mention, words) if mention.bare and words.terms[mention.last - 1] in others else mention
        for mention in mentions
    ]


def surnames_of_others(words: Words, mentions: Iterable[Mention], gazetteer: Gazetteer) -> Iterator[str]:
    """The last terms of the names of unlisted people, if these have two words or more."""
    for mention in mentions:
        if (
            mention.named.type == "person"
            and mention.last - mention.first > 1
            and mention.named not in gazetteer.people
        ):
            yield words.terms[mention.last - 1]


def stands_apart(first: int, last: int, words: Words, named: Named) -> bool:
    """Whether a surname stands by itself: not as part of another person's name, nor of a thing named after its bearer."""
    names = frozenset({tuple(words.terms[first:last]), tuple(terms(named.name))})
    its = read(Mention(named, first, last), words, names, surname=True)
    return its.kind in (Kind.BARE, Kind.OFFICE)


def _is_listed(mention: Mention, gazetteer: Gazetteer) -> bool:
    return mention.named.type == "person" and mention.named in gazetteer.people


def _may_hold_office(named: Named, gazetteer: Gazetteer) -> bool:
    """Whether an office before the surname identifies this person: only for people who come with wirewatch. The office of a
    person on the user's list is unknown, unless that person is one of them."""
    if not named.own:
        return True
    full = {name for name in gazetteer.people[named] if size_of(name) > 1}
    return any(not other.own and full & names for other, names in gazetteer.people.items())


def _bearers(in_full: Iterable[Named], gazetteer: Gazetteer) -> Mapping[str, set[Named]]:
    """The people whose full names are in the document, by the words of their names."""
    bearers: dict[str, set[Named]] = defaultdict(set)
    for named in in_full:
        for name in gazetteer.people[named]:
            bearers[name[-1]].add(named)
    return bearers


def _settled(
    mention: Mention,
    its: Read,
    words: Words,
    in_full: set[Named],
    others: set[str],
    bearers: Mapping[str, set[Named]],
) -> tuple[Mention, ...]:
    """The entity that a listed name refers to."""
    wide = replace(mention, first=its.first, last=its.last)
    surname = words.terms[mention.last - 1]
    match its.kind:
        case Kind.FULL:
            return (replace(wide, weak=False),)
        case Kind.OFFICE | Kind.BARE:
            is_named = mention.named in in_full or mention.alone
            if is_named and surname not in others and bearers.get(surname, set()) <= {mention.named}:
                return (replace(wide, bare=True, weak=mention.weak and mention.named not in in_full),)
        case Kind.OTHER if not mention.weak:
            return (_opened(wide, words),)
        case Kind.NONE:
            return ()
    return () if mention.weak else (_opened(mention, words),)


def _opened(mention: Mention, words: Words) -> Mention:
    """A person under the name in the text."""
    text = words.text[words.tokens[mention.first].start : words.tokens[mention.last - 1].end]
    return Mention(Named(" ".join(text.split()), "person"), mention.first, mention.last, is_open=True)
