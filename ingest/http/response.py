"""A server's response, as every stage sees it, and parsing of its headers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")


class Response(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The final response of a server."""

    url: str
    """The last URL, after redirects, without credentials and fragment."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case; the values of repeated ones joined by ", "; without Set-Cookie."""
    content_type: str
    """The media type, lower case, without parameters; '' if there is none or it is malformed."""
    charset: str
    """The charset parameter of Content-Type, lower case; '' if it has none."""
    body: bytes
    """With transfer and content encodings decoded; b"" unless the status is 2xx."""
    permanent: bool
    """Whether there were redirects, all of them permanent (301, 308), so that `url` may replace the requested URL. False
    if the requested URL has credentials, because `url` does not."""


def header_map(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers by lower-case name, repeated ones joined (RFC 9110, section 5.3), valid Unicode, without cookies."""
    merged: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        if key == "set-cookie":
            continue
        text = value if value.isascii() else value.encode(errors="surrogateescape").decode(errors="replace")
        merged[key] = f"{merged[key]}, {text}" if key in merged else text
    return merged


def media_type(content_type: str) -> str:
    """The type/subtype of a Content-Type header (RFC 9110, section 8.3), lower case; '' if it is malformed."""
    declared = content_type.partition(";")[0].partition(",")[0].strip().lower()
    return declared if _MEDIA_TYPE.fullmatch(declared) else ""


def charset(content_type: str) -> str:
    """The charset parameter of a Content-Type header, lower case, without its quotes; '' if there is none."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.partition(",")[0].strip(" \t\"'").lower()
    return ""


def http_date(value: str) -> datetime | None:
    """The moment in a header (RFC 9110, section 5.6.7), aware, in UTC if it names no zone; None if it is not a date."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
