"""Fetches the other pages of an article that spans several."""

from collections.abc import Awaitable, Callable

import msgspec
import structlog

from ingest.page.pagination import next_page
from ingest.urls import canonical, host, origin, shown
from stream.errors import Reject, RetryLater
from stream.messages import Entry, FurtherPage, Page

log_line = structlog.get_logger("ingest.fetching.further")

MOST_PAGES = 10
"""The most pages of one article, the first included; of a longer one, a part is kept."""
MOST_BYTES = 5_000_000
"""The most bytes of all its pages together."""

Ask = Callable[[Entry], Awaitable[Page]]
"""Fetches the page of an entry, as politely as any page; raises Reject or RetryLater."""


async def with_further(page: Page, ask: Ask) -> Page:
    """The page with those of the article's other pages that can be fetched: `rel="next"` is followed from page to page, within
    the same origin."""
    further: list[FurtherPage] = []
    last = page
    while len(further) < MOST_PAGES - 1:
        link = next_page(last.body, last.url, page.url, len(further) + 1)
        found = await _found(page, link, ask) if link else None
        size = len(page.body) + sum(len(one.body) for one in further)
        if found is None or size + len(found.body) > MOST_BYTES:
            break
        further.append(
            FurtherPage(
                url=found.url, content_type=found.content_type, charset=found.charset, body=found.body
            )
        )
        last = found
    return msgspec.structs.replace(page, further=tuple(further)) if further else page


async def _found(page: Page, link: str, ask: Ask) -> Page | None:
    """The page at a link; None if it can't be fetched, or if the link leads elsewhere."""
    entry = msgspec.structs.replace(page.entry, url=link, key=host(link))
    try:
        found = await ask(entry)
    except (Reject, RetryLater) as error:
        log_line.info("a further page is missing", url=shown(link), kind=error.kind, reason=error.reason)
        return None
    is_it = origin(found.url) == origin(page.url) and canonical(found.url) == link
    return found if is_it else None
