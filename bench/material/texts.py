"""The short news texts in nine languages that were written for wirewatch, with their topics and names marked.

bench/data/texts/LANGUAGE.txt has three lines a text: `= topic, topic` (`-`: none), the headline, the report. A name stands
in braces after what it is: `{P Name}` a person, `{O Name}` an organisation, `{L Name}` a place. Of each file the first half
is for development, the second for testing.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

FOLDER = Path(__file__).parents[1] / "data" / "texts"
PROSE = FOLDER.with_name("prose.txt")
ENCYCLOPEDIA = FOLDER.with_name("encyclopedia.txt")
LEARNED = FOLDER.with_name("encyclopedia_learned.txt")
LANGUAGES = ("ar", "de", "es", "fr", "it", "nl", "pt", "ru", "uk")
PLAIN = (*LANGUAGES, "pl")
"""The languages that the sentences of an encyclopedia are in."""
KINDS = {"P": "person", "O": "organisation", "L": "place"}
Half = Literal["development", "test"]
_NAME = re.compile(r"\{([POL]) ([^}]*)\}")


class Name(NamedTuple):
    """Where a name stands, and what it is: `person`, `organisation` or `place`."""

    start: int
    end: int
    kind: str


class Passage(NamedTuple):
    """A headline or a report, with the names in it."""

    text: str
    names: tuple[Name, ...]


class Text(NamedTuple):
    """A text of two passages; `topics` are ids of the topics that come with wirewatch."""

    language: str
    topics: frozenset[str]
    title: Passage
    report: Passage


def texts(language: str, half: Half) -> list[Text]:
    """The texts of a language."""
    every = list(_read(language))
    middle = len(every) // 2
    return every[:middle] if half == "development" else every[middle:]


def sentences(file: Path, language: str) -> list[Passage]:
    """The sentences in a language of a file in which each language has a heading, `[de]`, and each sentence a line."""
    here, found = "", []
    for line in file.read_text("utf-8").splitlines():
        if line.startswith("["):
            here = line[1:3]
        elif here == language and line:
            found.append(_passage(line))
    return found


def _read(language: str) -> Iterator[Text]:
    lines = (FOLDER / f"{language}.txt").read_text("utf-8").splitlines()
    for number in range(0, len(lines), 3):
        head, title, report = lines[number : number + 3]
        topics = frozenset(part for part in head.removeprefix("= ").split(", ") if part != "-")
        yield Text(language, topics, _passage(title), _passage(report))


def _passage(line: str) -> Passage:
    text, names, end = "", [], 0
    for found in _NAME.finditer(line):
        text += line[end : found.start()]
        names.append(Name(len(text), len(text) + len(found[2]), KINDS[found[1]]))
        text += found[2]
        end = found.end()
    return Passage(text + line[end:], tuple(names))
