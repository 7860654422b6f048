"""Chooses the headline of an article among a page's titles."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from ingest.page.page_text import LONGEST_TITLE, one_line
from stream.messages import Origin

_MOST_HEADINGS = 20
_FEWEST_WORDS = 4  # of a headline recognised only because it is part of a title
_SHARED = 0.6  # share of a title's words that make a heading the same headline in other words
_PARTS = re.compile(r"\s+[|·•–—-]\s+|\s*[|»]\s*|:\s+")
_SEPARATOR = re.compile(r"\s+(?:[|│ǀ·•—–»«›‹⋆:<>-]|::|--)(?:\s+|$)|\s*[|│ǀ]\s*|\s+[—–-](?=\w)")
"""Between a headline and the site's name. Each may have one space at most, so that a title of many spaces takes linear time."""
_LONG_LABEL = 6  # letters of a part of a host that counts as the site's name anywhere in a title
_FEWEST_LETTERS = 4
_SPACE_BEFORE_MARK = re.compile(r" ([,.;:!?])")
_LONGEST_BEGINNING = 120  # characters
_SENTENCE = re.compile(r".{15,120}?(?:[.!?؟।](?=\s|$)|[。！？])")
_WORD = re.compile(r"\w+")
_BREAKS = ("span", "div", "br", "small", "p", "strong", "em", "a", "b", "i", "h1", "h2")


class Title(NamedTuple):
    """A headline, and where it was read; both are '' if there is none."""

    text: str
    source: Origin


NO_TITLE = Title("", "")


def read_title(tree: HtmlElement, json_ld: str, meta: str, known: str, site: str, host: str) -> Title:
    """The headline of the page.

    It is an h1 if another source agrees; else what JSON-LD or the meta elements say; else the part of the window's title that
    is also a heading. Measured by bench/metadata.py.

    Args:
        tree: the page.
        json_ld: the headline in JSON-LD; '' if there is none.
        meta: og:title or the like; '' if there is none.
        known: the headline in the feed; '' if there is none.
        site: the outlet's name; '' if unknown.
        host: of the page's URL.
    """
    window = one_line(tree.findtext(".//title") or "", LONGEST_TITLE)
    headings = list(_headings(tree, "h1"))
    names = _Names(site, host, *_site_headings(headings, window, site, host))
    told = [_without_site(title, names) for title in (json_ld, meta, known) if title]
    headings = [heading for heading in headings if heading not in names.headings]
    for heading in headings:
        for title in told:
            if same_headline(heading, title):
                return Title(_headline(heading, title), "heading")
    in_window = [*headings, *_headings(tree, "h2")]
    if part := _part_of(window, in_window, told):
        return Title(part, "heading")
    if told:
        return Title(told[0], "json-ld" if json_ld else "meta" if meta else "feed")
    if len(headings) == 1:
        return Title(headings[0], "heading")
    bare = _without_site(window, names)
    return Title(bare, "text" if bare else "")


def beginning(text: str) -> str:
    """The beginning of a text, for use as a headline: its first sentence, or as much of it as fits."""
    line = text.partition("\n")[0].strip()
    sentence = _SENTENCE.match(line)
    if sentence:
        return sentence[0]
    if len(line) <= _LONGEST_BEGINNING:
        return line
    return f"{line[:_LONGEST_BEGINNING].rsplit(' ', 1)[0]} …"


def _headings(tree: HtmlElement, tag: str) -> Iterator[str]:
    """The texts of headings of a level."""
    for element in islice(tree.iter(tag), _MOST_HEADINGS):
        if text := one_line(_spaced(element), LONGEST_TITLE):
            yield text


def _spaced(element: HtmlElement) -> str:
    """An element's text, with a space wherever an inner element that separates words begins or ends."""
    pieces = [element.text or ""]
    for inner in element.iterdescendants():
        gap = " " if inner.tag in _BREAKS and len(pieces[-1]) > 1 else ""
        pieces += [gap, inner.text or "" if isinstance(inner.tag, str) else "", gap and " ", inner.tail or ""]
    return _SPACE_BEFORE_MARK.sub(r"\1", " ".join("".join(pieces).split()))


def same_headline(heading: str, title: str) -> bool:
    """Whether two titles are the same: the words of one are in the other and most of it, or most words are shared."""
    short, long = sorted((_plain(heading), _plain(title)), key=len)
    if short and f" {short} " in f" {long} " and len(short) * 2 >= len(long):
        return True
    words = set(_plain(title).split())
    return len(words) >= _FEWEST_WORDS and len(words & set(_plain(heading).split())) >= _SHARED * len(words)


def _headline(heading: str, title: str) -> str:
    """The headline if a heading and a title agree; a kicker before it or a site's name after it is left out."""
    words, same = _plain(heading), _plain(title)
    if len(same.split()) < _FEWEST_WORDS or words == same:
        return heading
    is_tailed = words.startswith(same) and _PARTS.match(heading[len(title) :]) is not None
    return title if words.endswith(f" {same}") or is_tailed else heading


def _part_of(window: str, headings: Sequence[str], told: Sequence[str]) -> str:
    """The heading that is a part of the window's title, if no source's title is one."""
    parts = [_plain(part) for part in _PARTS.split(window)]
    whole = f" {_plain(window)} "
    if any(f" {_plain(title)} " in whole for title in told):
        return ""
    for part in parts:
        for heading in headings:
            if _plain(heading) == part and (len(parts) > 1 or not told):
                return heading
    fitting = (one for one in headings if f" {_plain(one)} " in whole)
    return next((one for one in fitting if len(_plain(one).split()) >= _FEWEST_WORDS), "")


def is_site_name(text: str, host: str) -> bool:
    """Whether a text is just the name of the site, judging by its host: `Harbour Post` on harbour-post.example."""
    return bool(host) and _Names("", host).is_one(text)


class _Names:
    """The names of a site: its name, the parts of its host, and the headings that are just its name."""

    def __init__(self, site: str, host: str, *headings: str) -> None:
        labels = host.removeprefix("www.").split(".")
        self.headings = headings
        self.whole = {_squashed(name) for name in (site, host, host.removeprefix("www."), *headings)} - {""}
        self.labels = {
            squashed for label in labels[:-1] if len(squashed := _squashed(label)) >= _FEWEST_LETTERS
        }

    def is_one(self, part: str) -> bool:
        """Whether a part of a title is just the site's name."""
        return _squashed(part) in self.whole | self.labels

    def stand_in(self, part: str) -> bool:
        """Whether the last part of a title has the site's name, or a piece of it that is long enough."""
        squashed = _squashed(part)
        if not squashed or any(_is_label(squashed, name) for name in self.whole | self.labels):
            return True
        return any(len(label) >= _LONG_LABEL and label in squashed for label in self.labels)


def _site_headings(headings: Sequence[str], window: str, site: str, host: str) -> list[str]:
    """The headings that are the site's name, on pages that have another title."""
    parts = [_plain(part) for part in _SEPARATOR.split(window)]
    names = _Names(site, host)
    behind = parts[-1] if len(parts) > 1 else None
    return [
        heading
        for heading in headings
        if len(parts) > 1
        and (_plain(heading) == behind or names.is_one(heading) or _begins_host(heading, names))
    ]


def _begins_host(heading: str, names: _Names) -> bool:
    """Whether a short heading begins with a part of the host: `Four Years Remaining` on fouryears.example."""
    squashed = _squashed(heading)
    return any(squashed.startswith(label) and len(squashed) <= 3 * len(label) for label in names.labels)


def _without_site(title: str, names: _Names) -> str:
    """A title without the site's name before or after it; of two equal halves, the first."""
    separators = list(_SEPARATOR.finditer(title))
    begins = [0, *(one.end() for one in separators)]
    ends = [*(one.start() for one in separators), len(title)]
    first, last = 0, len(begins) - 1
    while last > first and names.stand_in(title[begins[last] : ends[last]]):
        last -= 1
    while last > first and names.is_one(title[begins[first] : ends[first]]):
        first += 1
    return title[begins[first] : ends[last]] or title


def _is_label(suffix: str, name: str) -> bool:
    """Whether a text is in the site's host, or the site's longer name begins with it."""
    return (len(suffix) >= 3 and suffix in name) or (len(name) >= 4 and suffix.startswith(name))


def _squashed(text: str) -> str:
    """A name's letters without case and accents, as in hosts."""
    plain = (one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return "".join(_WORD.findall("".join(plain).casefold()))


def _plain(text: str) -> str:
    """A title's words, without case."""
    return " ".join(_WORD.findall(text.casefold()))
