"""Texts with marked names for training and measuring entity recognition, as plain text with spans.

All are third-party and lie beside the checkout; none is copied into it. Tokens are joined again as on a page, so that training
and measuring cover the whole way from text to names, tokeniser included.
"""

import hashlib
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[3] / "shared" / "data"
_NEWSWIRE = DATA / "newswire-ner.tar.xz"
_TRAINING = DATA / "ner-train.tar.xz"

KINDS = {
    "LOC": "place", "LOCATION": "place", "FACILITY": "place", "ORG": "organisation", "ORGANIZATION": "organisation",
    "ORGANISATION": "organisation", "PER": "person", "PERSON": "person",
}  # fmt: skip
"""The classes that count, in capitals, by type of entity; all others (NORP, Date, Misc, Money, Product, ...) are ignored."""

_TAGS = {**KINDS, "PERS": "person", "LUG": "place"}
"""The same of Stanford's classifiers, whose labels differ by language."""
_TAG = re.compile(r"<(?:I-)?([A-Z]+)>(.*?)</(?:I-)?\1>")

_CLOSING = re.compile(r"[.,;:!?%)\]}’”…]+|['’](?:s|S|re|ve|ll|d|m)|n['’]t")
_OPENING = frozenset("([{$£€“‘#")
_TITLES = frozenset(
    (  # noqa: SIM905 - a list of words is read best so
        "mr mrs ms dr president vice prime foreign defence defense secretary minister king prince general gen "
        "col maj lt colonel major captain sgt sheikh sultan the chief commander lieutenant army gen sir of "
        "state"
    ).split()
)
_PRONOUNS = frozenset(
    (  # noqa: SIM905 - a list of words is read best so
        "We They Our Their He She His Her I Members Other Those These All Some Many"
    ).split()
)


@dataclass(frozen=True)
class Marked:
    """A text, and the names in it: start, end (code points, end exclusive) and type."""

    text: str
    names: tuple[tuple[int, int, str], ...]
    key: str = ""


Tagged = Sequence[tuple[str, str]]
"""Tokens with their IOB tags or, where no tag has a prefix, their classes."""


def newswire(part: str) -> list[Marked]:
    """Articles of the English Worldwide Newswire, for measuring only.

    Args:
        part: `development` (a third, by the hash of the file's name: for looking at errors), or `test` (the others).
    """
    texts = _members_or_exit(_NEWSWIRE)
    return [
        _article(text, name)
        for name, text in sorted(texts.items())
        if (int(hashlib.sha256(name.encode()).hexdigest(), 16) % 3 == 0) == (part == "development")
    ]


def training() -> dict[str, list[Marked]]:
    """The texts for training a model, by source: `uner`, `re3d`, `silver`."""
    texts = _members_or_exit(_TRAINING)
    found: dict[str, list[Marked]] = {"uner": [], "re3d": [], "silver": []}
    for name, text in sorted(texts.items()):
        if name.startswith("uner"):
            found["uner"] += _uner(text)
        elif name.startswith("re3d"):
            found["re3d"] += [_lenient(_joined(list(rows))) for rows in _sentences(text)]
        else:
            found["silver"] += [_joined(list(rows)) for rows in _sentences(text)]
    return found


def marked_texts(file: Path) -> list[Marked]:
    """The texts of a file as bench/java/MarkNames.java writes it: a paragraph a line, an empty line between texts."""
    blocks = file.read_text("utf-8").split("\n\n")
    return [
        joined_texts(map(marked_line, block.strip("\n").split("\n"))) for block in blocks if block.strip()
    ]


def marked_line(line: str) -> Marked:
    """A paragraph whose names stand in tags, `<LOCATION>...</LOCATION>`."""
    text, names, end = "", [], 0
    for found in _TAG.finditer(line):
        text += line[end : found.start()]
        if kind := _TAGS.get(found[1]):
            names.append((len(text), len(text) + len(found[2]), kind))
        text += found[2]
        end = found.end()
    return Marked(text + line[end:], tuple(names))


def _members_or_exit(archive: Path) -> dict[str, str]:
    if not archive.exists():
        sys.exit(f"skipped: {archive} is not there")
    found = {}
    with tarfile.open(archive) as files:
        for member in files:
            file = files.extractfile(member)
            if file:
                found[Path(member.name).name] = file.read().decode("utf-8")
    return found


def _sentences(text: str, column: int = -1) -> Iterator[Tagged]:
    """Blocks of lines with a token first and its tag in a column, by default the last."""
    rows: list[tuple[str, str]] = []
    for line in text.split("\n"):
        cells = line.split("\t")
        if len(cells) > 1 and cells[0].strip():
            rows.append((cells[0], cells[column].strip()))
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def _article(text: str, name: str) -> Marked:
    """An article, one sentence per paragraph; its first line is its address. Nested names are in a third column."""
    parts = [_joined(rows) for rows in _sentences(text, 1) if not rows[0][0].startswith("http")]
    return _together(parts, "\n", name)


def joined_texts(parts: Iterable[Marked]) -> Marked:
    """Paragraphs as one text."""
    return _together(parts, "\n", "")


def _together(parts: Iterable[Marked], between: str, name: str) -> Marked:
    text, names = "", []
    for part in parts:
        if text:
            text += between
        names += [(start + len(text), end + len(text), kind) for start, end, kind in part.names]
        text += part.text
    return Marked(text, tuple(names), name)


def _joined(rows: Tagged) -> Marked:
    """Tokens as running text."""
    text, glued, inside = "", True, False
    places: list[tuple[int, int]] = []
    for token, _ in rows:
        closes = _CLOSING.fullmatch(token) is not None or (token == '"' and inside) or token in "-/–"
        if not (glued or closes):
            text += " "
        places.append((len(text), len(text) + len(token)))
        text += token
        if token == '"':
            inside = not inside
        glued = token in _OPENING or (token == '"' and inside) or token in "-/–"
    return Marked(text, tuple(_names([tag for _, tag in rows], places)))


def _names(tags: Sequence[str], places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """The spans of the tags that count."""
    open_at, open_class = 0, ""
    for index, tag in enumerate([*tags, "O"]):
        prefix, _, rest = tag.partition("-")
        here = "" if tag == "O" else (rest or prefix)
        if open_class and (here != open_class or (rest and prefix in "BS")):
            kind = KINDS.get(open_class.upper())
            if kind:
                yield places[open_at][0], places[index - 1][1], kind
            open_class = ""
        if here and not open_class:
            open_at, open_class = index, here


def _uner(text: str) -> Iterator[Marked]:
    """The documents of a UNER file: CoNLL-U with IOB tags in the third column, and each sentence's raw text."""
    for block in text.split("# newdoc id")[1:]:
        parts = []
        for sentence in block.split("\n\n"):
            raw = next((line[9:] for line in sentence.split("\n") if line.startswith("# text = ")), "")
            rows = [line.split("\t") for line in sentence.split("\n") if line[:1].isdigit()]
            places, at = [], 0
            for row in rows:
                at = raw.index(row[1], at)
                places.append((at, at + len(row[1])))
                at += len(row[1])
            parts.append(Marked(raw, tuple(_names([row[2] for row in rows], places))))
        yield _together(parts, "\n", "")


def _lenient(marked: Marked) -> Marked:
    """The annotations of a defence report, reduced to names: without articles and titles, capitalised."""
    names = []
    for start, end, kind in marked.names:
        words = [(m.start() + start, m.group()) for m in re.finditer(r"\S+", marked.text[start:end])]
        while words and (
            words[0][1].lower().strip(".") in _TITLES if kind == "person" else words[0][1] in ("the", "The")
        ):
            words.pop(0)
        if words and words[0][1] not in _PRONOUNS and words[0][1][0].isupper() and words[-1][1][0].isupper():
            names.append((words[0][0], end, kind))
    return Marked(marked.text, tuple(names))
