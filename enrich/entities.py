"""The people, organisations and places that an article names, each with all its mentions.

Found by a gazetteer, in any language; in English also people by the words before their names. What was named in full is known
again by its last word. Demonyms ('Russian') are no places.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from enrich.gazetteer import Gazetteer, Mention, Named, find, stands
from enrich.persons import Cues, english_cues, find_persons, is_ship
from query.match import Prepared, Words
from query.tokens import terms
from wirewatch.messages import Entity, Field, Span


@dataclass(frozen=True)
class _Found:
    """A field of the article, and the names found in it."""

    field: Field
    words: Words
    mentions: Sequence[Mention]


def find_entities(prepared: Prepared, gazetteer: Gazetteer, language: str) -> tuple[Entity, ...]:
    """The entities of an article, in the order of their first mention; spans are those of the bare names.

    Args:
        prepared: the article's title and text.
        gazetteer: the names that are known.
        language: ISO 639-1; rules for English are used in English only.
    """
    cues = english_cues() if language == "en" else None
    found = (
        _in_field("title", prepared.title, gazetteer, cues),
        _in_field("text", prepared.text, gazetteer, cues),
    )
    full = {mention.named for part in found for mention in part.mentions if not mention.weak}
    surnames = _surnames(full)
    spans: dict[Named, list[Span]] = defaultdict(list)
    for part in found:
        for mention in _known_again(part, full, surnames):
            named = (
                surnames.get(mention.named.name, mention.named)
                if mention.named.type == "person"
                else mention.named
            )
            tokens = part.words.tokens
            spans[named].append(Span(part.field, tokens[mention.first].start, tokens[mention.last - 1].end))
    return tuple(_entity(named, where) for named, where in spans.items() if named.type != "none")


def _in_field(field: Field, words: Words, gazetteer: Gazetteer, cues: Cues | None) -> _Found:
    """The names in one field, in order."""
    mentions = list(find(gazetteer, words))
    if cues is not None:
        mentions = [m for m in mentions if m.named.type != "place" or not is_ship(m.first, words, cues)]
        persons = list(find_persons(words, _indices(m for m in mentions if not m.weak), cues))
        covered = _indices(persons)
        mentions = [m for m in mentions if m.first not in covered] + persons
    return _Found(field, words, mentions)


def _indices(mentions: Iterable[Mention]) -> set[int]:
    """The indices of the tokens of these mentions."""
    return {index for mention in mentions for index in range(mention.first, mention.last)}


def _surnames(full: set[Named]) -> Mapping[str, Named]:
    """The people who were named in full, by the last word of their names; not those who share it."""
    by_surname: dict[str, set[Named]] = defaultdict(set)
    for named in full:
        if named.type == "person" and " " in named.name:
            by_surname[named.name.rsplit(" ", 1)[1]].add(named)
    return {surname: next(iter(people)) for surname, people in by_surname.items() if len(people) == 1}


def _known_again(part: _Found, full: set[Named], surnames: Mapping[str, Named]) -> Sequence[Mention]:
    """The mentions that count, in order: strong ones, weak ones of who was named in full, and surnames of such people."""
    mentions = [mention for mention in part.mentions if not mention.weak or mention.named in full]
    covered = _indices(mentions)
    again = [
        mention for surname in surnames for mention in _by_surname(surname, surnames[surname], part.words)
    ]
    mentions += [mention for mention in again if mention.first not in covered]
    return sorted(mentions, key=lambda mention: mention.first)


def _by_surname(surname: str, named: Named, words: Words) -> Iterator[Mention]:
    """Where a surname stands, in its own capitals."""
    written = tuple(terms(surname))
    for index in words.positions.get(written[0], ()) if written else ():
        if stands(written, index, words) and _surface(index, len(written), words) == surname:
            yield Mention(named, index, index + len(written))


def _surface(first: int, count: int, words: Words) -> str:
    """A stretch of tokens as it stands in the text."""
    return words.text[words.tokens[first].start : words.tokens[first + count - 1].end]


def _entity(named: Named, spans: list[Span]) -> Entity:
    """An entity as the message has it."""
    if named.type == "none":
        raise ValueError(f"{named.name!r} is no entity")
    return Entity(name=named.name, type=named.type, id=named.id, spans=tuple(spans))
