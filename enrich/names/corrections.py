"""The user's corrections: what a name means or doesn't mean in some articles. They win over everything else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast, get_args

from enrich.names.bearers import stands_apart
from enrich.names.coreference import Found
from enrich.names.gazetteer import Mention, Named, Source, Type, stands
from enrich.names.tables import rows
from query.match import Words
from query.tokens import terms
from stream.errors import ConfigError

_COLUMNS = ("written", "rule", "name", "type", "id", "with", "without", "source", "language")
_REQUIRED = ("written", "rule")
_RULES = ("is", "is not")
_LANGUAGE_LENGTHS = (2, 3)

Phrase = tuple[str, ...]


@dataclass(frozen=True)
class Correction:
    """One row.

    Attributes:
        written: the name as in the text, as terms; empty for any form.
        is_not: whether the row says what the name doesn't mean.
        named: what the name means or doesn't mean. For `is_not`, an empty id or name matches any.
        with_any: phrases of which the article must have one; empty for no condition.
        without: phrases of which it must have none.
        source: the article's source, casefolded; '' for any.
        language: the article's language, ISO 639-1; '' for any.
    """

    written: Phrase
    is_not: bool
    named: Named
    with_any: tuple[Phrase, ...] = ()
    without: tuple[Phrase, ...] = ()
    source: str = ""
    language: str = ""
    capital: bool = False
    """Whether the name in the text must begin with a capital, as it does in `written`."""


def load_corrections(sources: Iterable[Source]) -> tuple[Correction, ...]:
    """Corrections from CSV files: see docs/entities.md.

    Args:
        sources: the name of each file, for errors, and its content.

    Raises:
        ConfigError: names the file, the line, the column and what was expected.
    """
    return tuple(
        _correction(row, where)
        for name, data in sources
        for where, row in rows(data, name, _COLUMNS, _REQUIRED)
    )


def corrected(
    parts: Sequence[Found], corrections: Sequence[Correction], source: str, language: str
) -> list[Found]:
    """The parts of a document, with the corrections applied.

    Args:
        parts: title and text, each with all its mentions.
        corrections: the corrections, each of which counts only if the article's words, source and language fit.
        source: the name of the article's source.
        language: ISO 639-1.
    """
    texts = [part.words for part in parts]
    valid = [one for one in corrections if _counts(one, texts, source.casefold(), language)]
    if not valid:
        return list(parts)
    negative = [one for one in valid if one.is_not]
    positive = [one for one in valid if not one.is_not]
    return [_corrected(part, negative, positive) for part in parts]


def _corrected(part: Found, negative: Sequence[Correction], positive: Sequence[Correction]) -> Found:
    kept = [after for mention in part.mentions for after in _denied(mention, part.words, negative)]
    said = [mention for mention in _said(part.words, positive) if not _is_within(mention, kept)]
    taken = {index for mention in said for index in range(mention.first, mention.last)}
    kept = [mention for mention in kept if taken.isdisjoint(range(mention.first, mention.last))]
    return replace(part, mentions=sorted([*kept, *said], key=lambda mention: mention.first))


def _denied(mention: Mention, words: Words, negative: Sequence[Correction]) -> tuple[Mention, ...]:
    """A mention; without its id, or None, if a correction says that it was taken for the wrong thing."""
    written = tuple(words.terms[mention.first : mention.last])
    for one in negative:
        if one.written and one.written != written:
            continue
        if not one.named.id and not one.named.name:
            return ()
        is_id = not one.named.id or one.named.id == mention.named.id
        is_name = not one.named.name or one.named.name == mention.named.name
        if is_id and is_name:
            text = words.text[words.tokens[mention.first].start : words.tokens[mention.last - 1].end]
            return (replace(mention, named=Named(" ".join(text.split()), mention.named.type)),)
    return (mention,)


def _is_within(mention: Mention, kept: Sequence[Mention]) -> bool:
    """Whether a correction's name is within a longer one: `Volkov` in `Dmitri Volkov` is not meant."""
    first, last = mention.first, mention.last
    return any(
        one.first <= first and one.last >= last and one.last - one.first > last - first for one in kept
    )


def _said(words: Words, positive: Sequence[Correction]) -> Iterator[Mention]:
    """The names that corrections give a meaning, from left to right, the longest at each place."""
    found = [
        Mention(one.named, index, index + len(one.written))
        for one in positive
        for index in words.positions.get(one.written[0], ())
        if _stands(one, index, words)
    ]
    end = 0
    for mention in sorted(found, key=lambda one: (one.first, -one.last)):
        if mention.first >= end:
            end = mention.last
            yield mention


def _stands(one: Correction, index: int, words: Words) -> bool:
    """Whether a correction's name is at a place, with its capital, and not as a surname after another given name."""
    if not stands(one.written, index, words):
        return False
    if one.capital and words.text[words.tokens[index].start].islower():
        return False
    is_surname = one.named.type == "person" and len(one.written) == 1
    return not is_surname or stands_apart(index, index + 1, words, one.named)


def _counts(one: Correction, texts: Sequence[Words], source: str, language: str) -> bool:
    """Whether the conditions of a correction hold for an article."""
    return (
        one.source in ("", source)
        and one.language in ("", language)
        and (not one.with_any or any(_has(phrase, texts) for phrase in one.with_any))
        and not any(_has(phrase, texts) for phrase in one.without)
    )


def _has(phrase: Phrase, texts: Sequence[Words]) -> bool:
    return any(
        stands(phrase, index, words) for words in texts for index in words.positions.get(phrase[0], ())
    )


def _correction(row: Mapping[str, str], where: str) -> Correction:
    """A row; `where` begins the message of an error."""
    rule, kind, language = (row.get(column, "") for column in ("rule", "type", "language"))
    written = tuple(terms(row["written"]))
    if rule not in _RULES:
        raise ConfigError(f"{where}, column 'rule': expected 'is' or 'is not', found {rule!r}")
    if kind not in ("", *get_args(Type)):
        raise ConfigError(
            f"{where}, column 'type': expected one of {', '.join(get_args(Type))}, found {kind!r}"
        )
    if language and not (language.isalpha() and language.islower() and len(language) in _LANGUAGE_LENGTHS):
        raise ConfigError(f"{where}, column 'language': expected a code such as 'en', found {language!r}")
    named = Named(row.get("name", ""), cast("Type", kind or "none"), row.get("id", ""), own=True)
    if row["written"] and not written:
        raise ConfigError(
            f"{where}, column 'written': expected a name with letters, found {row['written']!r}"
        )
    if rule == "is" and not (written and named.name and kind):
        raise ConfigError(
            f"{where}: a rule 'is' needs the columns written, name and type; one of them is empty"
        )
    if not (written or named.name or named.id):
        raise ConfigError(f"{where}: expected something in 'written', 'name' or 'id'; all are empty")
    return Correction(
        written,
        rule == "is not",
        named,
        _phrases(row, "with", where),
        _phrases(row, "without", where),
        row.get("source", "").casefold(),
        language,
        capital=row["written"][:1].isupper(),
    )


def _phrases(row: Mapping[str, str], column: str, where: str) -> tuple[Phrase, ...]:
    """The words of a condition, which `|` separates."""
    written = [one.strip() for one in row.get(column, "").split("|") if one.strip()]
    phrases = tuple(tuple(terms(one)) for one in written)
    for text, phrase in zip(written, phrases, strict=True):
        if not phrase:
            raise ConfigError(f"{where}, column {column!r}: expected words with letters, found {text!r}")
    return phrases
