"""Uses the words beside a name: `the tanker Olga Petrova` is not a person, `Harbour Bank` not a place. English only."""

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
    """The gazetteer's mentions in a text, without places that a ship is named after: `the cruiser Moscow`."""
    cues = english_cues()
    return [one for one in known if one.named.type != "place" or not is_ship(one.first, words, cues)]


def by_neighbours(mentions: Iterable[Mention], words: Words) -> Iterator[Mention]:
    """A model's finds, without ships taken for people or places, and with organisations taken for places corrected."""
    cues = english_cues()
    for mention in mentions:
        if mention.named.type not in ("place", "person") or not is_ship(mention.first, words, cues):
            yield _retyped(mention, words)


def _retyped(mention: Mention, words: Words) -> Mention:
    """A find; an organisation if its last word says so: `Harbour Bank` is not a place, but the West Bank is."""
    first, last = words.terms[mention.first], words.terms[mention.last - 1]
    is_called_so = mention.last - mention.first > 1 and last in _ORGANISATIONS and first not in _SIDES
    if mention.named.type != "place" or not is_called_so:
        return mention
    return replace(mention, named=unlinked("organisation", mention.first, mention.last, words).named)
