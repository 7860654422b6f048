"""Removes lines that are not part of the article: share bars, advertisement labels, related headlines and the like."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

_LONGEST_TITLE = 500
_END = 40  # characters that show how a line ends: longer runs of closing marks are not prose, and cost time
_LONGEST_PROMPT = 250
_LONGEST_OPENED = 200  # characters of 'Read more: a headline'
_LONGEST_HEADLINE = 140
_FEWEST_WORDS = 4  # of a headline
_MOST_TRAILING = 3  # related headlines at the end
_PROSE = 0.7  # share of lines that end like sentences, in an article that is prose
_FEWEST_LINES = 4  # lines before the end is judged
_ENDED = re.compile(r"[.!?…:;。！？؟۔।॥]\W*$")
_FULL_STOP = re.compile(r"[.:;。؟۔।॥]\W*$")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True)
class Furniture:
    """The rules.

    Attributes:
        lines: lines that are furniture as a whole, normalised.
        opened: matches a normalised line that opens like 'read more' and continues with a headline or a name.
        prompts: matches a normalised line that begins with a request to the reader.
    """

    lines: frozenset[str]
    opened: re.Pattern[str]
    prompts: re.Pattern[str]


def normalise(line: str) -> str:
    """A line as the rules compare it: no case, one apostrophe, single spaces, no marks at either end."""
    return _EDGES.sub("", _SPACE.sub(" ", line.replace("’", "'"))).casefold()


def load_furniture(data: str) -> Furniture:
    """The rules in a file such as data/furniture.toml, for all languages together."""
    languages = list(tomllib.loads(data).values())
    openings = {re.escape(normalise(opening)) for language in languages for opening in language["openings"]}
    prompts = {re.escape(normalise(prompt)) for language in languages for prompt in language["prompts"]}
    return Furniture(
        lines=frozenset(normalise(line) for language in languages for line in language["lines"]),
        opened=re.compile(rf"(?:{'|'.join(sorted(openings))})\s*[:：|»>]\s*\S"),
        prompts=re.compile(rf"(?:{'|'.join(sorted(prompts))})(?:\b|(?<=\W)|(?=[\u3040-\u9fff]))"),
    )


RULES = load_furniture(files("ingest.page").joinpath("data/furniture.toml").read_text("utf-8"))
"""The rules that come with wirewatch."""


def without_furniture(text: str, title: str, rules: Furniture = RULES) -> str:
    """An article's text without the lines that are furniture.

    It removes lines that are furniture as a whole, 'read more' with a headline, the article's own headline before its text,
    and headlines without a full stop after the last sentence. Everything that could be a sentence stays.

    Args:
        text: one paragraph per line.
        title: the article's headline.
        rules: says what is furniture.
    """
    lines = [
        line for line in (raw.strip() for raw in text.split("\n")) if line and not is_furniture(line, rules)
    ]
    if lines and title and len(lines[0]) <= _LONGEST_TITLE and normalise(lines[0]) == normalise(title):
        lines = lines[1:]
    return "\n".join(lines[: _end(lines)])


def is_furniture(line: str, rules: Furniture = RULES) -> bool:
    """Whether the whole line is furniture, or has no words."""
    if len(line) > _LONGEST_PROMPT:
        return False
    plain = normalise(line)
    if not plain or plain in rules.lines or line.startswith("©") or rules.prompts.match(plain):
        return True
    return len(line) <= _LONGEST_OPENED and rules.opened.match(plain) is not None and not _is_prose(line)


def _end(lines: Sequence[str]) -> int:
    """How many lines come before the related headlines at the end of the article."""
    end = len(lines)
    while end > max(_FEWEST_LINES, len(lines) - _MOST_TRAILING) and _is_headline(lines[end - 1]):
        end -= 1
    before = lines[:end]
    is_prose = end >= _FEWEST_LINES and sum(map(_is_ended, before)) >= _PROSE * end and _is_ended(before[-1])
    return end if is_prose else len(lines)


def _is_headline(line: str) -> bool:
    """Whether a line can be a headline: short, some words, not ending like a sentence, and not an item of a list or table."""
    return (
        len(line) <= _LONGEST_HEADLINE
        and len(line.split()) >= _FEWEST_WORDS
        and not _is_ended(line)
        and not line.startswith(("-", "|", "*", "•"))
    )


def _is_prose(line: str) -> bool:
    """Whether a line that opens like 'read more' may be a sentence of the article: it has a full stop."""
    return _FULL_STOP.search(line[-_END:]) is not None


def _is_ended(line: str) -> bool:
    """Whether a line ends like a sentence."""
    return _ENDED.search(line[-_END:]) is not None
