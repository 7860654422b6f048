"""What the words beside a name say of it: `the tanker Olga Petrova` is no person, `Harbour Bank` no place. English only."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from enrich.names.gazetteer import Mention
from enrich.names.linking import unlinked
from enrich.names.persons import english_cues, is_ship
from query.match import Words

_ORGANISATIONS = frozenset(
    (
        "bank",
        "ltd",
        "inc",
        "corp",
        "plc",
        "llc",
        "gmbh",
        "holding",
        "holdings",
        "corporation",
        "ministry",
        "university",
        "airlines",
    )
)
_SIDES = frozenset(("west", "left", "right", "south", "north", "east", "river", "grand", "dogger"))


def places_that_are_no_ships(known: Sequence[Mention], words: Words) -> list[Mention]:
    """What the gazetteer knows of a text, without the places that a ship is named after: `the cruiser Moscow`."""
    cues = english_cues()
    return [one for one in known if one.named.type != "place" or not is_ship(one.first, words, cues)]


def by_neighbours(mentions: Iterable[Mention], words: Words) -> Iterator[Mention]:
    """A model's finds, without the ships that it takes for people or places; an organisation's name makes no place."""
    cues = english_cues()
    for mention in mentions:
        if mention.named.type not in ("place", "person") or not is_ship(mention.first, words, cues):
            yield _retyped(mention, words)


def _retyped(mention: Mention, words: Words) -> Mention:
    """A find; an organisation where its last word says so: `Harbour Bank` is no place, but the West Bank is one."""
    first, last = words.terms[mention.first], words.terms[mention.last - 1]
    is_called_so = mention.last - mention.first > 1 and last in _ORGANISATIONS and first not in _SIDES
    if mention.named.type != "place" or not is_called_so:
        return mention
    return replace(mention, named=unlinked("organisation", mention.first, mention.last, words).named)
