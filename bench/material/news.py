"""The news texts of ../shared/data (Reuters-21578), shared by the benches. Third-party text: read, never copied here."""

import html
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "reuters21578.tar.xz"
_STORY = re.compile(r'<REUTERS[^>]*NEWID="(\d+)".*?</REUTERS>', re.DOTALL)


class News(NamedTuple):
    """A text."""

    id: str
    title: str
    text: str


def news_or_exit() -> Iterator[News]:
    """The texts in order; exits with a message if the data is missing."""
    if not ARCHIVE.exists():
        sys.exit(f"skipped: {ARCHIVE} is not there")
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".sgm") else None
            if file:
                yield from _stories(file.read().decode("latin-1"))


def _stories(sgml: str) -> Iterator[News]:
    for found in _STORY.finditer(sgml):
        text = _part(found[0], "BODY")
        if text:
            yield News(found[1], _part(found[0], "TITLE"), text)


def _part(story: str, tag: str) -> str:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", story, re.DOTALL)
    return html.unescape(found[1]).replace("\x03", "").strip() if found else ""
