"""Chooses the headline of an article among a page's titles."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from ingest.page.page_text import LONGEST_TITLE, one_line
from stream.messages import Origin

_MOST_HEADINGS = 20
_FEWEST_WORDS = 4  # of a headline that is known by standing in a title, and no more
_SHARED = 0.6  # of a title's words, for a heading to be the same headline in other words
_PARTS = re.compile(r"\s+[|·•–—-]\s+|\s*[|»]\s*|:\s+")
_SUFFIX = re.compile(r"\s+[|·•—–-]\s*([^|·•—–]*)$|\s*\|\s*([^|]*)$")
_SPACE_BEFORE_MARK = re.compile(r" ([,.;:!?])")
_LONGEST_BEGINNING = 120  # characters
_SENTENCE = re.compile(r".{15,120}?(?:[.!?؟।](?=\s|$)|[。！？])")
_WORD = re.compile(r"\w+")
_BREAKS = ("span", "div", "br", "small", "p", "strong", "em", "a", "b", "i", "h1", "h2")


class Title(NamedTuple):
    """A headline, and where it was read; both '' if there is none."""

    text: str
    source: Origin


NO_TITLE = Title("", "")


def read_title(tree: HtmlElement, json_ld: str, meta: str, known: str, site: str, host: str) -> Title:
    """The headline of the page.

    An h1 is it if another source says the same; else what JSON-LD or the meta elements say; else the part of the window's
    title that is also a heading. Measured by bench/metadata.py.

    Args:
        tree: the page.
        json_ld: the headline in JSON-LD; '' if there is none.
        meta: og:title or the like; '' if there is none.
        known: the headline in the feed; '' if there is none.
        site: the outlet's name; '' if unknown.
        host: of the page's URL.
    """
    window = one_line(tree.findtext(".//title") or "", LONGEST_TITLE)
    told = [_without_site(title, site, host) for title in (json_ld, meta, known) if title]
    headings = list(_headings(tree, "h1"))
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
    bare = _without_site(window, site, host)
    return Title(bare, "text" if bare else "")


def beginning(text: str) -> str:
    """The beginning of a text in place of a headline: its first sentence, or as much of it as fits."""
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
    """An element's text, with a space wherever an inner element that parts words begins or ends."""
    pieces = [element.text or ""]
    for inner in element.iterdescendants():
        gap = " " if inner.tag in _BREAKS and len(pieces[-1]) > 1 else ""
        pieces += [gap, inner.text or "" if isinstance(inner.tag, str) else "", gap and " ", inner.tail or ""]
    return _SPACE_BEFORE_MARK.sub(r"\1", " ".join("".join(pieces).split()))


def same_headline(heading: str, title: str) -> bool:
    """Whether two titles are one: the words of one are in the other and the greater part of it, or most words are shared."""
    short, long = sorted((_plain(heading), _plain(title)), key=len)
    if short and f" {short} " in f" {long} " and len(short) * 2 >= len(long):
        return True
    words = set(_plain(title).split())
    return len(words) >= _FEWEST_WORDS and len(words & set(_plain(heading).split())) >= _SHARED * len(words)


def _headline(heading: str, title: str) -> str:
    """The headline where a heading and a title are one: a kicker before it, or a site's name behind it, is left out."""
    words, same = _plain(heading), _plain(title)
    if len(same.split()) < _FEWEST_WORDS or words == same:
        return heading
    is_tailed = words.startswith(same) and _PARTS.match(heading[len(title) :]) is not None
    return title if words.endswith(f" {same}") or is_tailed else heading


def _part_of(window: str, headings: Sequence[str], told: Sequence[str]) -> str:
    """The heading that is a part of the window's title, if nothing that is told is one."""
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


def _without_site(title: str, site: str, host: str) -> str:
    """A title without ' - Name of the site' at its end, by the site's name or its host; the first title of two alike."""
    found = _SUFFIX.search(title)
    if not found or not found.start():
        return title
    suffix = "".join(_plain(found[1] or found[2] or "").split())
    names = ("".join(_plain(site).split()), "".join(_plain(host).split()))
    is_site = not suffix or any(name and (suffix == name or _is_label(suffix, name)) for name in names)
    return title[: found.start()] if is_site else title


def _is_label(suffix: str, name: str) -> bool:
    """Whether a site's name stands in its host, or a site's longer name begins with it."""
    return (len(suffix) >= 3 and suffix in name) or (len(name) >= 4 and suffix.startswith(name))


def _plain(text: str) -> str:
    """A title's words, without case."""
    return " ".join(_WORD.findall(text.casefold()))
