"""Fetches the other pages of an article that stands on several."""

from collections.abc import Awaitable, Callable

import msgspec
import structlog

from ingest.page.pagination import next_page
from ingest.urls import canonical, host, origin, shown
from stream.errors import Reject, RetryLater
from stream.messages import Entry, FurtherPage, Page

log_line = structlog.get_logger("ingest.fetching.further")

MOST_PAGES = 10
"""Of one article, with the first; longer ones are kept as a part."""
MOST_BYTES = 5_000_000
"""Of all its pages together."""

Ask = Callable[[Entry], Awaitable[Page]]
"""Fetches the page of an entry as politely as every page; raises Reject or RetryLater."""


async def with_further(page: Page, ask: Ask) -> Page:
    """The page with the article's other pages, as far as they can be had: those that `rel="next"` leads to, at the same origin,
    one after the other."""
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
    """The page at a link; None if it can't be had, or the link leads elsewhere."""
    entry = msgspec.structs.replace(page.entry, url=link, key=host(link))
    try:
        found = await ask(entry)
    except (Reject, RetryLater) as error:
        log_line.info("a further page is missing", url=shown(link), kind=error.kind, reason=error.reason)
        return None
    is_it = origin(found.url) == origin(page.url) and canonical(found.url) == link
    return found if is_it else None
