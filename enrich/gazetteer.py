"""Names that are known beforehand, found in a text in one pass over its tokens."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, cast, get_args

from query.match import Words
from query.tokens import Token, tokenize
from wirewatch.errors import ConfigError

Type = Literal["person", "organisation", "place", "none"]
"""`none`: no entity, but hides one that it contains, as 'Geneva Convention' hides Geneva."""

_COLUMNS = ["name", "type", "id", "aliases"]
_FILES = ("countries.csv", "regions.csv", "cities.csv", "organisations.csv", "people.csv", "not_entities.csv")
_BETWEEN = frozenset((" ", "\u00a0", "-", "‑", "'", "’", "–"))  # what may stand between two words of one name
_LONGEST_INITIAL = 2  # letters: a full stop after a longer word ends a sentence


@dataclass(frozen=True)
class Named:
    """Someone or something that has a name. `id` has its scheme before it, such as `iso3166:SY`; '' if none is known."""

    name: str
    type: Type
    id: str = ""


@dataclass(frozen=True)
class Alias:
    """One way to write a name.

    Attributes:
        terms: its tokens.
        named: whose it is.
        capitals: for each token, what its letters must be: 'all' capitals, the 'first' one, or '' for either.
        weak: counts only in a text that has a fuller name as well: surnames that are common, or common words.
    """

    terms: tuple[str, ...]
    named: Named
    capitals: tuple[Literal["all", "first", ""], ...]
    weak: bool


@dataclass(frozen=True)
class Mention:
    """A name in a text: its tokens from `first` to before `last`."""

    named: Named
    first: int
    last: int
    weak: bool = False


@dataclass(frozen=True)
class Gazetteer:
    """Aliases by their first term, those with the most terms first."""

    aliases: Mapping[str, Sequence[Alias]]


def load_gazetteer(sources: Iterable[tuple[str, bytes]]) -> Gazetteer:
    """A gazetteer from CSV files with the columns name, type, id, aliases (separated by `|`; `~` before a weak one).

    Args:
        sources: the name of each file, for errors, and its content. Earlier files win where aliases are equal.

    Raises:
        ConfigError: names the file, the line and what was expected.
    """
    aliases: dict[str, list[Alias]] = defaultdict(list)
    for name, data in sources:
        for alias in _read(name, data):
            aliases[alias.terms[0]].append(alias)
    return Gazetteer({term: sorted(found, key=lambda a: -len(a.terms)) for term, found in aliases.items()})


def default_gazetteer() -> Gazetteer:
    """The names that come with wirewatch: countries, regions, cities, organisations, people in the news."""
    folder = files("enrich").joinpath("data")
    return load_gazetteer((name, folder.joinpath(name).read_bytes()) for name in _FILES)


def find(gazetteer: Gazetteer, words: Words) -> Iterator[Mention]:
    """The names in a text, from left to right, the longest at each place; none overlaps another."""
    shouted = words.text.isupper()  # then capitals tell nothing, and 'US' may be 'us'
    end = 0
    for index, term in enumerate(words.terms):
        if index < end or term not in gazetteer.aliases:
            continue
        for alias in gazetteer.aliases[term]:
            if stands(alias.terms, index, words) and _is_written(alias, index, words, shouted=shouted):
                end = index + len(alias.terms)
                yield Mention(alias.named, index, end, alias.weak)
                break


def stands(terms: Sequence[str], index: int, words: Words) -> bool:
    """Whether these terms stand at a place of a text as words of one name."""
    end = index + len(terms)
    return words.terms[index:end] == list(terms) and all(
        joined(words, left) for left in range(index, end - 1)
    )


def joined(words: Words, left: int) -> bool:
    """Whether a token and the next can be of one name: nothing ends between them."""
    start, end = words.tokens[left].end, words.tokens[left + 1].start
    gap = words.text[start:end]
    return gap in _BETWEEN or (gap in (".", ". ") and start - words.tokens[left].start <= _LONGEST_INITIAL)


def _is_written(alias: Alias, index: int, words: Words, *, shouted: bool) -> bool:
    """Whether an alias has its capitals at a place of a text."""
    if shouted and "all" in alias.capitals:
        return False
    found = words.tokens[index : index + len(alias.terms)]
    return all(
        _has(capitals, words.text, token) for capitals, token in zip(alias.capitals, found, strict=True)
    )


def _has(capitals: str, text: str, token: Token) -> bool:
    """Whether a token has the capitals that an alias asks for."""
    if capitals == "all":
        return text[token.start : token.end].isupper()
    return capitals != "first" or not text[token.start].islower()


def _read(name: str, data: bytes) -> Iterator[Alias]:
    """The aliases of a file."""
    try:
        rows = csv.reader(io.StringIO(data.decode("utf-8-sig")), strict=True)
        header = next(rows, [])
        if header != _COLUMNS:
            raise ConfigError(
                f"{name}, line 1: expected the columns {', '.join(_COLUMNS)}, found {', '.join(header)!r}"
            )
        for row in rows:
            yield from _aliases(row, f"{name}, line {rows.line_num}")
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{name}: expected UTF-8, found byte {data[error.start]:#04x} at {error.start}"
        ) from None
    except csv.Error as error:
        raise ConfigError(f"{name}, line {rows.line_num}: not valid CSV: {error}") from None


def _aliases(row: Sequence[str], where: str) -> Iterator[Alias]:
    """The aliases of a row; `where` begins the message of an error."""
    if len(row) != len(_COLUMNS):
        raise ConfigError(f"{where}: expected {len(_COLUMNS)} columns, found {len(row)}")
    name, kind, identifier, others = row
    if kind not in get_args(Type):
        raise ConfigError(
            f"{where}, column 'type': expected one of {', '.join(get_args(Type))}, found {kind!r}"
        )
    named = Named(name, cast("Type", kind), identifier)
    for written in (name, *filter(None, others.split("|"))):
        weak = written.startswith("~")
        alias = written.removeprefix("~")
        tokens = tokenize(alias)
        if not tokens:
            raise ConfigError(f"{where}: expected a name with letters, found {written!r}")
        capitals = tuple(
            _capitals(alias[token.start : token.end], alone=len(tokens) == 1) for token in tokens
        )
        yield Alias(tuple(token.term for token in tokens), named, capitals, weak)


def _capitals(word: str, *, alone: bool) -> Literal["all", "first", ""]:
    """What the letters of a word of a name must be: an acronym (US, WHO) must be one in the text too."""
    if alone and len(word) > 1 and word.isupper():
        return "all"
    return "first" if word[0].isupper() else ""
