"""Finds known names in a text in one pass over its tokens."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, cast, get_args

from enrich.names.arabic import with_clitics
from enrich.names.cyrillic import case_forms
from enrich.names.tables import rows
from query.match import Words
from query.tokens import Token, stands_alone, tokenize
from stream.errors import ConfigError

Type = Literal["person", "organisation", "place", "product", "event", "law", "none"]
"""`none`: not an entity, but hides one that it contains, as 'Geneva Convention' hides Geneva."""

_COLUMNS = ("name", "type", "id", "aliases")
_REQUIRED = ("name", "type")
_FILES = ("countries.csv", "regions.csv", "cities.csv", "organisations.csv", "people.csv", "not_entities.csv")
_BETWEEN = frozenset(
    (" ", "\u00a0", "-", "‑", "'", "’", "–", "·", "・", "‧", "\u3000")
)  # gaps allowed between two words of a name
_LONGEST_INITIAL = 2  # letters: a full stop after a longer word ends a sentence
_VOWELS = frozenset("aeiouyаеиоуыэюяіє")


@dataclass(frozen=True)
class Named:
    """Someone or something with a name. `id` is prefixed with its scheme, such as `iso3166:SY`; '' if unknown."""

    name: str
    type: Type
    id: str = ""
    own: bool = False
    """Whether it is from the user's own list, which takes precedence over everything else."""


@dataclass(frozen=True)
class Alias:
    """One way to write a name.

    Attributes:
        terms: its tokens.
        named: whom or what it names.
        capitals: for each token, the required capitals: 'all' letters, the 'first' one, or '' for either.
        weak: counts only in a text that has a fuller name as well: surnames that are common, or common words.
        alone: a surname that nobody else in the news bears: counts without the full name (see bearers.py).
    """

    terms: tuple[str, ...]
    named: Named
    capitals: tuple[Literal["all", "first", ""], ...]
    weak: bool
    alone: bool = False


@dataclass(frozen=True)
class Mention:
    """A name in a text: its tokens from `first` to before `last`.

    Attributes:
        weak: counts only if the text has a fuller name as well.
        alone: see Alias.
        bare: a listed person by the surname alone.
        is_open: a person, but the document doesn't say which one.
        is_sure: the words beside it show what it is; no recogniser overrides that.
    """

    named: Named
    first: int
    last: int
    weak: bool = False
    alone: bool = False
    bare: bool = False
    is_open: bool = False
    is_sure: bool = False


@dataclass(frozen=True)
class Alike:
    """The aliases that begin with the same term.

    Attributes:
        sizes: how many terms they have, the most first.
        by_terms: the aliases with the same terms, in order of precedence.
    """

    sizes: Sequence[int]
    by_terms: Mapping[tuple[str, ...], Sequence[Alias]]


@dataclass(frozen=True, eq=False)  # compared by identity, which is cheap
class Gazetteer:
    """Aliases by their first term, and the terms of all names of each person."""

    aliases: Mapping[str, Alike]
    people: Mapping[Named, frozenset[tuple[str, ...]]] = field(default_factory=dict)


Source = tuple[str, bytes]
"""The name of a file, for errors, and its content."""


def load_gazetteer(sources: Iterable[Source], own: Iterable[Source] = ()) -> Gazetteer:
    """A gazetteer from CSV files with the columns name, type, id, aliases, in any order; the last two may be missing.

    Aliases are separated by `|`; one with `~` before it is weak, a surname with `!` counts without the full name.

    Args:
        sources: earlier files take precedence if aliases are equal.
        own: the user's files, which take precedence over all others.

    Raises:
        ConfigError: names the file, the line, the column and what was expected.
    """
    aliases: defaultdict[str, defaultdict[tuple[str, ...], list[Alias]]] = defaultdict(
        lambda: defaultdict(list)
    )
    people: defaultdict[Named, set[tuple[str, ...]]] = defaultdict(set)
    for is_own, (name, data) in [*((True, one) for one in own), *((False, one) for one in sources)]:
        for where, row in rows(data, name, _COLUMNS, _REQUIRED):
            for alias in _aliases(row, where, own=is_own):
                aliases[alias.terms[0]][alias.terms].append(alias)
                if alias.named.type == "person":
                    people[alias.named].add(alias.terms)
    return Gazetteer(
        {first: alike(by_terms) for first, by_terms in aliases.items()},
        {named: frozenset(names) for named, names in people.items()},
    )


def alike(by_terms: Mapping[tuple[str, ...], Sequence[Alias]]) -> Alike:
    """Aliases that begin with the same term, by all their terms."""
    return Alike(sorted({len(terms) for terms in by_terms}, reverse=True), dict(by_terms))


def default_gazetteer(own: Iterable[Source] = ()) -> Gazetteer:
    """The names that come with wirewatch (countries, regions, cities, organisations, people), and the user's own."""
    own = tuple(own)
    return load_gazetteer(_shipped_files(), own) if own else _shipped()


@cache
def _shipped() -> Gazetteer:
    return load_gazetteer(_shipped_files())


def _shipped_files() -> Iterator[Source]:
    folder = files("enrich").joinpath("data")
    return ((name, folder.joinpath(name).read_bytes()) for name in _FILES)


def find(gazetteer: Gazetteer, words: Words) -> Iterator[Mention]:
    """The names in a text, from left to right, the longest at each place; none overlaps another.

    The cost of a place in the text depends on the lengths of names, not on how many begin alike.
    """
    shouted = words.text.isupper()  # then capitals mean nothing, and 'US' may be 'us'
    end = 0
    for index, term in enumerate(words.terms):
        if index < end or term not in gazetteer.aliases:
            continue
        alias = _longest(gazetteer.aliases[term], index, words, shouted=shouted)
        if alias:
            end = index + len(alias.terms)
            yield Mention(alias.named, index, end, alias.weak, alias.alone)


def _longest(alike: Alike, index: int, words: Words, *, shouted: bool) -> Alias | None:
    """The longest of some aliases at a place in a text; of equal ones the first."""
    for size in alike.sizes:
        for alias in alike.by_terms.get(tuple(words.terms[index : index + size]), ()):
            if (
                stands(alias.terms, index, words)
                and _is_written(alias, index, words, shouted=shouted)
                and not _cuts_katakana(index, index + len(alias.terms), words)
            ):
                return alias
    return None


def _cuts_katakana(first: int, last: int, words: Words) -> bool:
    """Whether a name in katakana is only part of a longer word: `パリ` in `カンパリ`. They are spelt letter by letter."""
    start, end = words.tokens[first].start, words.tokens[last - 1].end
    text = words.text
    return (start > 0 and _is_katakana(text[start - 1]) and _is_katakana(text[start])) or (
        end < len(text) and _is_katakana(text[end - 1]) and _is_katakana(text[end])
    )


def _is_katakana(char: str) -> bool:
    return char != "・" and "ァ" <= char <= "ヿ"


def stands(terms: Sequence[str], index: int, words: Words) -> bool:
    """Whether these terms are at a place in a text as words of one name."""
    end = index + len(terms)
    return words.terms[index:end] == list(terms) and all(
        joined(words, left) for left in range(index, end - 1)
    )


def joined(words: Words, left: int) -> bool:
    """Whether a token and the next can be of one name: nothing ends between them."""
    start, end = words.tokens[left].end, words.tokens[left + 1].start
    gap = words.text[start:end]
    if not gap:  # a script without spaces: each of its letters is a token
        return stands_alone(words.terms[left]) or stands_alone(words.terms[left + 1])
    return gap in _BETWEEN or (gap in (".", ". ") and _is_abbreviated(words.terms[left]))


def _is_abbreviated(term: str) -> bool:
    """Whether a full stop after a word need not end a sentence: `J.`, `St.`, `Дж.`, but not `Xi.`"""
    return len(term) <= _LONGEST_INITIAL and (len(term) == 1 or _VOWELS.isdisjoint(term))


def _is_written(alias: Alias, index: int, words: Words, *, shouted: bool) -> bool:
    """Whether an alias has its capitals at a place in a text."""
    if shouted and "all" in alias.capitals:
        return False
    found = words.tokens[index : index + len(alias.terms)]
    return all(
        _has(capitals, words.text, token) for capitals, token in zip(alias.capitals, found, strict=True)
    )


def _has(capitals: str, text: str, token: Token) -> bool:
    """Whether a token has the capitals that an alias requires."""
    if capitals == "all":
        return text[token.start : token.end].isupper()
    return capitals != "first" or not text[token.start].islower()


def _aliases(row: Mapping[str, str], where: str, *, own: bool) -> Iterator[Alias]:
    """The aliases of a row; `where` begins the message of an error."""
    name, kind, identifier, others = (row.get(column, "") for column in _COLUMNS)
    if kind not in get_args(Type):
        raise ConfigError(
            f"{where}, column 'type': expected one of {', '.join(get_args(Type))}, found {kind!r}"
        )
    named = Named(name, cast("Type", kind), identifier, own)
    for column, written in [
        ("name", name),
        *(("aliases", one.strip()) for one in others.split("|") if one.strip()),
    ]:
        found = list(aliases_of(written, named))
        if not found:
            raise ConfigError(f"{where}, column {column!r}: expected a name with letters, found {written!r}")
        yield from found


def aliases_of(written: str, named: Named) -> Iterator[Alias]:
    """A way to write a name, which may be marked as weak or as a surname: a Cyrillic one in all its cases, an Arabic one also
    after what is written together with it."""
    weak, alone = written.startswith("~"), written.startswith("!")
    alias = written.removeprefix("~").removeprefix("!")
    for form in dict.fromkeys((alias, *case_forms(alias), *with_clitics(alias))):
        tokens = tokenize(form)
        if tokens:
            capitals = tuple(
                _capitals(form[token.start : token.end], alone=len(tokens) == 1) for token in tokens
            )
            yield Alias(tuple(token.term for token in tokens), named, capitals, weak, alone)


def _capitals(word: str, *, alone: bool) -> Literal["all", "first", ""]:
    """The capitals that a word of a name requires: an acronym (US, WHO) must be one in the text, too."""
    if alone and len(word) > 1 and word.isupper():
        return "all"
    return "first" if word[0].isupper() else ""
