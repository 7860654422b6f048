"""The broken outlet's faults, and the expected result for each such article.

| fault               | what the server does                                                 | expected    |
|---------------------|----------------------------------------------------------------------|-------------|
| not-found           | the link in the feed always returns 404                              | quarantined |
| pdf                 | the link leads to a PDF file, as `application/pdf`                   | quarantined |
| empty               | 200, `text/html`, and not one byte                                   | quarantined |
| mislabelled-charset | the page is in windows-1252, header and meta element say utf-8       | indexed     |
| redirects           | the link in the feed is redirected twice (302, 301) and ends well    | indexed     |
| slow                | the page takes two seconds                                           | indexed     |
| unavailable-twice   | 503 with `Retry-After: 1`; the page comes at the third request       | indexed     |

An article names its fault in its front matter; every article without one is expected to be indexed. In addition,
the outlet's feed is malformed XML: it has a bare `&`, an entity that XML does not know (`&ndash;`), and it ends
in the middle of the last item's description. The elements that identify that article (title, link, guid) come before
the break, so the expected result of its fault applies to it as well.
"""

from typing import Literal

Fault = Literal[
    "", "not-found", "pdf", "empty", "mislabelled-charset", "redirects", "slow", "unavailable-twice"
]
Outcome = Literal["indexed", "quarantined"]

_LOST: frozenset[Fault] = frozenset({"not-found", "pdf", "empty"})

DELAY = 2.0
"""Seconds that a `slow` page takes."""
RETRY_AFTER = 1
"""Seconds that an `unavailable-twice` page asks its readers to wait."""
REFUSALS = 2
"""How many times an `unavailable-twice` page is refused."""


def outcome(fault: Fault) -> Outcome:
    """The expected result for an article with this fault ('' for none)."""
    return "quarantined" if fault in _LOST else "indexed"


def damage_feed(xml: str) -> str:
    """Break a well-formed RSS text in three common ways: see the module's docstring."""
    damaged = xml.replace("&amp;", "&").replace("–", "&ndash;")
    before, tag, last = damaged.rpartition("<description>")
    return before + tag + last[: last.find("</description>") // 2]
