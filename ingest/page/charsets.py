"""Finds the charset that a page is really in, and decodes its text."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from encodings import normalize_encoding
from encodings.aliases import aliases

from chardetng_py import detect

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, because its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE)
_META_WITHIN = 4096  # bytes; the standard says 1024, real pages put scripts before it
_SUPERSETS = {  # what browsers read under these labels: WHATWG Encoding Standard, "Names and labels"
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_CHARSETS = (
    frozenset(  # the web's, by Python's names; some of Python's codecs are no charsets, and some are unsafe
        (
            *("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"),
            *("gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949", "cp866"),
            *(
                "koi8-r",
                "koi8-u",
                "mac-roman",
                "mac-cyrillic",
                "cp874",
                *(f"cp125{page}" for page in range(9)),
            ),
            *(f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        )
    )
)
_WEB_ONLY = {  # labels of the Encoding Standard that Python does not know
    "windows-874": "cp874",
    "iso-8859-8-i": "iso8859-8",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-x-big5": "big5hkscs",
    "x-mac-cyrillic": "mac-cyrillic",
}


def _codec_table() -> Iterator[tuple[str, str]]:
    """Each label that may declare a charset on the web, normalised, with Python's name of its codec."""
    for label in {*aliases, *aliases.values(), *_CHARSETS}:
        with suppress(LookupError):  # those of other operating systems are missing
            name = codecs.lookup(label).name
            if (codec := _SUPERSETS.get(name, name)) in _CHARSETS:
                yield normalize_encoding(label), codec
    for label, codec in _WEB_ONLY.items():
        yield normalize_encoding(label), codec


_CODEC_OF = dict(_codec_table())
"""A table, so that no untrusted label reaches `codecs.lookup`, which would try to import it and cache it permanently."""
_ASCII_MARKUP = re.compile(rb"\s*[<{\[][\t-\r -~]")
_WIDE = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
_NOT_ASCII_BASED = (*_WIDE, "iso2022_jp")
_HIGH = re.compile(rb"[\x80-\xff]")
_SAMPLE = 65_536  # bytes, markup included


def decode(body: bytes, declared: str) -> str:
    """The text of a page.

    A byte order mark wins; then UTF-8 if the bytes are valid UTF-8 (other text hardly ever is, whatever is declared); then
    what the HTTP header or a meta element declares, if it fits the bytes; then detection.

    Args:
        body: the page's bytes.
        declared: the charset parameter of the Content-Type header; '' if there is none.
    """
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(codec, "replace")
    claims = [codec for label in (declared, _meta_charset(body)) if (codec := _codec(label))]
    if _ASCII_MARKUP.match(body):
        # Programs that build markup in UTF-16 strings declare UTF-16, whatever they send.
        claims = [claim for claim in claims if claim not in _WIDE]
    for codec in (*(claim for claim in claims if claim in _NOT_ASCII_BASED), "utf-8"):
        try:
            return body.decode(codec)
        except UnicodeDecodeError:
            continue
    for codec in claims:
        text = body.decode(codec, "replace")
        if _fits(text):
            return text
    return _undeclared(body)


def _meta_charset(body: bytes) -> str:
    """The charset that a meta element declares; not UTF-16, in which it could not be read (HTML Standard, "prescan")."""
    found = _META.search(body[:_META_WITHIN])
    label = found[1].decode("ascii", "replace") if found else ""
    return "" if label.lower().startswith("utf-16") else label


def _codec(label: str) -> str:
    """Python's name of the charset; '' if the web has no such charset."""
    return _CODEC_OF.get(normalize_encoding(label.strip()).lower(), "")


def _fits(text: str) -> bool:
    """Whether nearly all bytes above ASCII were decoded: a page may have a stray one, or be cut inside a letter."""
    faults = text.count("\ufffd")
    return faults == 0 or faults * 20 <= sum(letter > "\x7f" for letter in text) - faults


def _undeclared(body: bytes) -> str:
    """Decodes text without a reliable charset declaration."""
    as_utf8 = body.decode("utf-8", "replace")
    if _fits(as_utf8):
        return as_utf8
    first = _HIGH.search(body)
    start = max(0, first.start() - 200) if first else 0
    return body.decode(_codec(detect(body[start : start + _SAMPLE])) or "cp1252", "replace")
