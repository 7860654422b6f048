"""The fetch stage: turns a feed entry into the page that it links to."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from http import HTTPStatus

import structlog

from ingest.fetching.further import with_further
from ingest.fetching.politeness import HostGate, retry_after
from ingest.fetching.priority_semaphore import PrioritySemaphore
from ingest.fetching.robots import Robots
from ingest.http.response import Response
from ingest.page.own_text import has_full_text, is_no_page, page_of_feed, page_of_item
from ingest.urls import origin, shown
from stream.errors import Reject, RetryLater
from stream.messages import Entry, Page, article_id

log_line = structlog.get_logger("ingest.fetching.fetch")

# 203 is a 200 that a proxy has changed (RFC 9110, section 15.3.4).
PAGE_STATUSES = frozenset({200, 203})
RETRY_STATUSES = frozenset({408, 425, 429})
MAX_VALIDATOR = 200
"""Characters of an ETag or a Last-Modified."""

# '' is a missing or malformed type: then the bytes decide.
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain", ""})

REASONS = {
    401: "requires a login",
    402: "requires payment",
    403: "denies access",
    404: "does not exist, or no longer exists",
    410: "was removed",
    451: "is withheld for legal reasons",
}

# Signatures of files that are not text: from the WHATWG MIME Sniffing standard, section 6, and of other formats that
# news sites link to (Office files are zip or OLE2 files).
SIGNATURES = (
    (b"%PDF-", "a PDF file"),
    (b"%!PS-Adobe-", "a PostScript file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"RIFF", "a WebP image, or a WAVE or AVI file"),
    (b"ID3", "an MP3 file"),
    (b"OggS\x00", "an Ogg file"),
    (b"\x1aE\xdf\xa3", "a WebM or Matroska video"),
    (b"PK\x03\x04", "a zip archive or Office file"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office file"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"\x7fELF", "a program"),
)
MP4_BRAND = slice(4, 8)  # ISO/IEC 14496-12: the length of the first box, then its type

# WHATWG MIME Sniffing: "binary data bytes", looked for in the "resource header" of 1,445 bytes. One is enough for
# the standard; real pages contain a stray one now and then, so we require one in twenty.
HEADER_BYTES = 1445
BINARY_BYTES = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])
BINARY_SHARE = 0.05
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


Get = Callable[[str], Awaitable[Response]]
"""Fetches a URL; raises Reject or RetryLater: `Client.get`."""


def make_fetch(
    get: Get, gate: HostGate, places: PrioritySemaphore, robots: Robots | None, now: Callable[[], datetime]
) -> Callable[[Entry], Awaitable[Sequence[Page]]]:
    """The work of the fetch stage.

    Args:
        get: fetches a URL.
        gate: admits requests to one host one at a time.
        places: limits how many requests run at once to all hosts; backfill waits for fresh news in both.
        robots: the rules of robots.txt; None: don't check.
        now: returns the time in UTC, aware.

    The returned function maps an entry to one page, with the further pages of its article. In addition to the errors of `get`,
    it raises Reject if there is no page (`http-404` and so on, `robots`, `not-html`, `empty-page`) unless the feed itself
    carries the text, and RetryLater if there may be one later (`http-503` and so on).
    """

    async def fetch(entry: Entry) -> Sequence[Page]:
        if entry.address:
            return [page_of_item(entry, now())]
        try:
            return [await with_further(await page(entry), page)]
        except Reject as error:
            if is_no_page(error) and has_full_text(entry):
                log_line.info("using the feed's own text", kind=error.kind, reason=error.reason)
                return [page_of_feed(entry, error, now())]
            raise

    async def page(entry: Entry) -> Page:
        response = await politely(entry, lambda: get(entry.url), gate, places, robots)
        return page_of(entry, response, now())

    return fetch


async def politely(
    entry: Entry,
    ask: Callable[[], Awaitable[Response]],
    gate: HostGate,
    places: PrioritySemaphore,
    robots: Robots | None,
) -> Response:
    """The response to a request for an entry's page, made when it is the host's turn, and only if robots.txt allows it.
    Requests that are not for news let all news go first."""
    can_wait = entry.backfill or entry.again is not None
    async with gate.turn(entry.key, can_wait=can_wait), places.place(can_wait=can_wait):
        if robots is not None:
            rules = await robots.rules(entry.url)
            gate.ask_gap(entry.key, rules.delay)
            rules.check(entry.url, robots.agent)
        response = await ask()
    if robots is not None and origin(response.url) != origin(entry.url):
        (await robots.rules(response.url)).check(response.url, robots.agent)
    return response


def page_of(entry: Entry, response: Response, fetched: datetime) -> Page:
    """The page in a response; raises Reject or RetryLater if there is none."""
    check_status(response, fetched)
    check_content(response)
    return Page(
        entry=entry,
        url=response.url,
        content_type=response.content_type,
        charset=response.charset,
        body=response.body,
        fetched=fetched,
        etag=validator(response, "etag"),
        last_modified=validator(response, "last-modified"),
        key=article_id(response.url),
    )


def validator(response: Response, name: str) -> str:
    """A header to ask for the page again with; '' if there is none, or if it is too long to be one."""
    value = response.headers.get(name, "")
    return value if len(value) <= MAX_VALIDATOR else ""


def check_status(response: Response, now: datetime) -> None:
    """Raise RetryLater for a temporary status (408, 425, 429, 5xx), Reject for any other without a page."""
    status = response.status
    if status in PAGE_STATUSES:
        return
    kind = f"http-{status}"
    reason = f"{shown(response.url)} {REASONS.get(status, 'answered without a page')} (HTTP {status}{phrase(status)})"
    if status in RETRY_STATUSES or 500 <= status <= 599:
        raise RetryLater(kind, reason, after=retry_after(response.headers.get("retry-after", ""), now))
    raise Reject(kind, reason)


def phrase(status: int) -> str:
    """A space and the standard name of a status, such as ` Not Found`; '' if it has none."""
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def check_content(response: Response) -> None:
    """Raise Reject for a body that is empty, or not text by its declared type or its first bytes."""
    if response.content_type not in PAGE_TYPES:
        raise Reject("not-html", f"{shown(response.url)} is {response.content_type}, not a web page")
    if not response.body or response.body.isspace():
        raise Reject("empty-page", f"{shown(response.url)} is an empty page")
    found = binary_kind(response.body, response.charset)
    if found:
        declared = response.content_type or "of no declared type"
        raise Reject("not-html", f"{shown(response.url)} calls itself {declared}, but is {found}")


def binary_kind(body: bytes, charset: str) -> str:
    """Describes a body that is not text; '' if it seems to be text.

    Args:
        body: as received, in its charset.
        charset: as declared; in UTF-16 and UTF-32, zero bytes are text.
    """
    for signature, name in SIGNATURES:
        if body.startswith(signature):
            return name
    if body[MP4_BRAND] == b"ftyp":
        return "an MP4 video"
    header = body[:HEADER_BYTES]
    if header.startswith(WIDE_BOMS) or charset.startswith(("utf-16", "utf-32")):
        return ""
    binary = len(header) - len(header.translate(None, BINARY_BYTES))
    return "a binary file" if binary > BINARY_SHARE * len(header) else ""
