"""Decides which place a name means: the country, a town or state of the same name, or no place at all.

`Lebanon, Pennsylvania` is a town, and so is the Lebanon of the same report; `Georgia` beside Atlanta is the state; `Jordan`
after `Michael Jordan` is no country. See data/namesakes.toml and data/city_regions.csv.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from tomllib import loads

from enrich.names.bearers import apart
from enrich.names.cues import is_headline, is_no_name
from enrich.names.features import name_flag
from enrich.names.gazetteer import Mention, Named, joined, stands
from query.match import Words
from query.tokens import terms

Part = tuple[Words, Sequence[Mention]]
"""A field of a document, and its mentions in order."""

_GIVEN, _SURNAME = 1, 2
_LISTING = (" and ", ", ", " or ", ", and ", " & ")
_SHORT = 2  # letters of a postal abbreviation


@dataclass(frozen=True)
class Country:
    """The phrases, as terms, that show whether a country or its namesake is meant; and the namesake."""

    ours: tuple[tuple[str, ...], ...]
    against: tuple[tuple[str, ...], ...]
    other: Named | None


@dataclass(frozen=True)
class Region:
    """A state or province: its code (ISO 3166-2) and its name."""

    code: str
    name: str


@dataclass(frozen=True)
class Table:
    """See data/namesakes.toml.

    Attributes:
        countries: by their ids.
        regions: by each spelling, as terms, with whether it is an abbreviation.
        cities: the region of each listed city, by id.
    """

    common: frozenset[str]
    locative: frozenset[str]
    dishes: frozenset[str]
    cooking: frozenset[str]
    local: frozenset[str]
    countries: Mapping[str, Country]
    regions: Mapping[tuple[str, ...], tuple[Region, bool]]
    cities: Mapping[str, str]


@cache
def table() -> Table:
    """The words from the data files."""
    folder = files("enrich").joinpath("data")
    content = loads(folder.joinpath("namesakes.toml").read_text("utf-8"))
    rows = csv.reader(io.StringIO(folder.joinpath("city_regions.csv").read_text("utf-8")))
    regions = {
        tuple(terms(written)): (
            Region(code, names[0]),
            written.endswith(".") or (len(written) == _SHORT and written.isupper()),
        )
        for code, names in content["region"].items()
        for written in names
    }
    countries = {f"iso3166:{one['code']}": _country(one) for one in content["country"]}
    words = {
        key: frozenset(term for word in content[key] for term in terms(word))
        for key in ("common", "locative", "dishes", "cooking", "local")
    }
    return Table(countries=countries, regions=regions, cities={row[0]: row[1] for row in rows}, **words)


def _country(row: Mapping[str, str]) -> Country:
    ours, against = (tuple(tuple(terms(phrase)) for phrase in row.get(key, ())) for key in ("for", "against"))
    return Country(ours, against, Named(row["other"], "place", row["id"]) if "other" in row else None)


def placed(parts: Sequence[Part]) -> list[list[Mention]]:
    """The mentions in each part of a document, each listed place replaced by the one that is meant.

    Towns that the text distinguishes from their namesakes get the name of their state: `Lebanon, Pennsylvania`.

    Args:
        parts: the title and the text, each with its mentions from the gazetteer.
    """
    document = _Document([words for words, _ in parts])
    found = [_with_regions(words, _as_states(mentions, document), document) for words, mentions in parts]
    towns = {
        tuple(words.terms[m.first : m.last]): m.named
        for (words, _), mentions in zip(parts, found, strict=True)
        for m in mentions
        if m.is_sure and not m.named.id
    }
    return [
        [
            _spread(mention, words, towns, document)
            for mention in mentions
            if not (_is_dish(mention, words, document) or _is_local(mention, words))
        ]
        for (words, _), mentions in zip(parts, found, strict=True)
    ]


def without_people(parts: Sequence[Part]) -> list[list[Mention]]:
    """The mentions without places that are words of people's names: `Jordan` if Michael Jordan was named.

    Args:
        parts: the parts of one document, after names of people were recognised.
    """
    surely = {term for words, mentions in parts for term in _names_of_people(words, mentions)}
    names = surely | {term for words, mentions in parts for term in _names_of_finds(words, mentions)}
    return [
        apart(
            after
            for mention in mentions
            for after in _or_person(mention, words, surely if mention.is_sure else names)
        )
        for words, mentions in parts
    ]


def _or_person(mention: Mention, words: Words, names: set[str]) -> tuple[Mention, ...]:
    """A mention; if a place is a word of a person's name, the person instead, or None."""
    if not _is_plain_place(mention) or not _is_name(mention, words, names):
        return (mention,)
    if not _is_beside_name(mention, words):
        return ()
    first = mention.first - _is_after_given(mention, words)
    last = mention.last + (first == mention.first)
    text = words.text[words.tokens[first].start : words.tokens[last - 1].end]
    return (Mention(Named(text, "person"), first, last),)


@dataclass(frozen=True)
class _Document:
    """The fields of a document, with a cache of look-ups, so that repeated names cost no more."""

    parts: Sequence[Words]
    answers: dict[object, bool] = field(default_factory=dict)

    def has(self, phrases: Iterable[tuple[str, ...]]) -> bool:
        """Whether one of the phrases occurs in it."""
        key = tuple(phrases)
        if key not in self.answers:
            self.answers[key] = self._has(key)
        return self.answers[key]

    def _has(self, phrases: tuple[tuple[str, ...], ...]) -> bool:
        return any(
            stands(phrase, index, words)
            for phrase in phrases
            for words in self.parts
            for index in words.positions.get(phrase[0], ())
        )

    def has_small(self, term: str) -> bool:
        """Whether a word occurs in it in lower case."""
        if term not in self.answers:
            self.answers[term] = self._has_small(term)
        return self.answers[term]

    def _has_small(self, term: str) -> bool:
        return any(
            words.text[words.tokens[index].start].islower()
            for words in self.parts
            for index in words.positions.get(term, ())
        )

    def is_for(self, named: Named) -> bool:
        """Whether something in it shows that a country is meant."""
        country = table().countries.get(named.id)
        return country is not None and self.has(country.ours)


def _is_plain_place(mention: Mention) -> bool:
    return mention.named.type == "place" and bool(mention.named.id) and not mention.named.own


def _as_states(mentions: Sequence[Mention], document: _Document) -> list[Mention]:
    """The mentions, with a state instead of the country of the same name if the document indicates it."""
    return [_as_state(mention, document) if _is_plain_place(mention) else mention for mention in mentions]


def _as_state(mention: Mention, document: _Document) -> Mention:
    country = table().countries.get(mention.named.id)
    if country is None or country.other is None:
        return mention
    ours, against = document.has(country.ours), document.has(country.against)
    if ours and not against:
        return mention
    if against and not ours:
        return replace(mention, named=country.other, is_sure=True)
    return replace(mention, named=Named(mention.named.name, "place"), is_sure=True)


def _with_regions(words: Words, mentions: Sequence[Mention], document: _Document) -> list[Mention]:
    """The mentions, with a place followed by its state replaced by the one in that state: `Paris, Texas`."""
    found: list[Mention] = []
    for mention in mentions:
        if found and found[-1].last > mention.first:
            continue  # the region, which has a mention already
        after = (
            _region_after(mention, words, document) if _is_plain_place(mention) or mention.is_sure else None
        )
        if after is None or _is_listed(after[1], words):
            found.append(mention)
            continue
        region, end = after
        start = mention.last
        if table().cities.get(mention.named.id) == region.code:
            found.append(mention)
            continue
        town = Named(f"{_written(mention, words)}, {region.name}", "place")
        known = next((m for m in mentions if m.first == start and m.last == end and m.named.id), None)
        found.append(replace(mention, named=town, is_sure=True))
        found.append(known or Mention(Named(region.name, "place"), start, end, is_sure=True))
    return found


def _region_after(mention: Mention, words: Words, document: _Document) -> tuple[Region, int] | None:
    """The state after a place, and the token where it ends."""
    start = mention.last
    if start >= len(words.terms):
        return None
    gap = words.text[words.tokens[start - 1].end : words.tokens[start].start]
    if gap not in (", ", " (", ","):
        return None
    for size in (3, 2, 1):
        written = tuple(words.terms[start : start + size])
        known = table().regions.get(written)
        if len(written) == size and known and _is_region(written, known, start, words, document):
            return known[0], start + size
    return None


def _is_region(
    written: tuple[str, ...], known: tuple[Region, bool], start: int, words: Words, document: _Document
) -> bool:
    """Whether what follows a place is a state: not a city or a country of the same name."""
    token = words.tokens[start]
    surface = words.text[token.start : token.end]
    end = words.tokens[start + len(written) - 1].end
    is_short = words.text[end : end + 1] == "." or (surface.isupper() and len(surface) == _SHORT)
    if not surface[0].isupper() or (known[1] and not is_short):
        return False
    if written in (("washington",), ("new", "york")):
        return False
    return written != ("georgia",) or (
        document.has(table().countries["iso3166:GE"].against)
        and not document.has(table().countries["iso3166:GE"].ours)
    )


def _is_listed(end: int, words: Words) -> bool:
    """Whether another state follows: `Mexico, Texas and Arizona` is a list."""
    if end >= len(words.terms):
        return False
    gap = words.text[words.tokens[end - 1].end : words.tokens[end].start]
    start = end + (words.terms[end] in ("and", "or"))
    if gap not in (" ", ", "):
        return False
    following = (
        tuple(words.terms[start : start + size]) for size in (2, 1) if start + size <= len(words.terms)
    )
    return any(written in table().regions and not table().regions[written][1] for written in following)


def _spread(
    mention: Mention, words: Words, towns: Mapping[tuple[str, ...], Named], document: _Document
) -> Mention:
    """A mention under the name of the town that the document identifies; sure if it identifies the country."""
    if not _is_plain_place(mention):
        return mention
    if document.is_for(mention.named):
        return replace(mention, is_sure=True)
    town = towns.get(tuple(words.terms[mention.first : mention.last]))
    return replace(mention, named=town, is_sure=True) if town else mention


def _written(mention: Mention, words: Words) -> str:
    """A place as written in the text; one in capitals, as in a dateline, under its usual name."""
    text = words.text[words.tokens[mention.first].start : words.tokens[mention.last - 1].end]
    return mention.named.name if text.isupper() else text


def _is_local(mention: Mention, words: Words) -> bool:
    """Whether something else has the name of a place: `Lebanon County`."""
    after = mention.last
    if not _is_plain_place(mention) or after >= len(words.terms) or not joined(words, after - 1):
        return False
    return words.terms[after] in table().local and words.text[words.tokens[after].start].isupper()


def _is_dish(mention: Mention, words: Words, document: _Document) -> bool:
    """Whether a name is not a place but food, clothing or crockery: `Turkey with stuffing`."""
    known = table()
    term = words.terms[mention.first]
    if not _is_plain_place(mention) or mention.last - mention.first > 1 or term not in known.common:
        return False
    before = words.terms[mention.first - 1] if mention.first else ""
    after = words.terms[mention.last] if mention.last < len(words.terms) else ""
    if before in known.cooking or (
        after in known.dishes and joined(words, mention.first) and not document.is_for(mention.named)
    ):
        return True
    return document.has_small(term) and before not in known.locative and not document.is_for(mention.named)


def _names_of_people(words: Words, mentions: Sequence[Mention]) -> Iterator[str]:
    """The words of listed people's names in a text that could be names of places."""
    for mention in mentions:
        if mention.named.type == "none" and mention.last - mention.first > 1:
            yield from (words.terms[mention.first], words.terms[mention.last - 1])
        elif _is_plain_place(mention) and _is_beside_name(mention, words):
            yield words.terms[mention.first]


def _names_of_finds(words: Words, mentions: Sequence[Mention]) -> Iterator[str]:
    """The first and last words of names that a recogniser took for people's, if they are people's names at all.

    Not in headlines: `Syria Beat Jordan`.
    """
    for mention in mentions:
        if (
            mention.named.type != "person"
            or mention.weak
            or mention.last - mention.first == 1
            or is_headline(words)
        ):
            continue
        yield from filter(name_flag, (words.terms[mention.first], words.terms[mention.last - 1]))


def _is_name(mention: Mention, words: Words, names: set[str]) -> bool:
    """Whether a place is part of a person's name, or means a person named before."""
    term, token = words.terms[mention.first], words.tokens[mention.first]
    is_acronym = len(term) <= _SHORT and words.text[token.start : token.end].isupper()
    if mention.last - mention.first > 1 or term not in names or is_acronym:
        return False
    before = words.terms[mention.first - 1] if mention.first else ""
    return _is_beside_name(mention, words) or before not in table().locative


def _is_beside_name(mention: Mention, words: Words) -> bool:
    """Whether a given name comes before a place, or a surname after it: `Michael Jordan`, `Chad Smith`."""
    if mention.last - mention.first > 1 or is_headline(words):
        return False
    return _is_after_given(mention, words) or _is_before_surname(mention, words)


def _is_after_given(mention: Mention, words: Words) -> bool:
    before = mention.first - 1
    is_surname = bool(name_flag(words.terms[mention.first]) & _SURNAME)
    return is_surname and before >= 0 and joined(words, before) and _is_part(before, words, _GIVEN)


def _is_before_surname(mention: Mention, words: Words) -> bool:
    after = mention.last
    is_given = bool(name_flag(words.terms[mention.first]) & _GIVEN)
    return (
        is_given
        and after < len(words.terms)
        and joined(words, after - 1)
        and _is_part(after, words, _SURNAME)
    )


def _is_part(index: int, words: Words, flag: int) -> bool:
    """Whether a word is a given name or a surname, and written as one."""
    is_capital = words.text[words.tokens[index].start].isupper()
    return is_capital and bool(name_flag(words.terms[index]) & flag) and not is_no_name(index, words)
