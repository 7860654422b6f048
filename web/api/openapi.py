"""The OpenAPI document (3.1) of the API, made from the schemas of its answers."""

from functools import cache
from typing import Any, get_args

from index.counts import CountBy
from index.intervals import Unit
from index.store import Sort
from results.article import Article
from results.counts import Counts
from results.query import Checked, Completions
from results.search import Search
from web.access import audit_page
from web.alerts import api as alerts
from web.api.components import with_components
from web.api.operations import operation
from web.article import api as versions
from web.desk import api as desk
from web.entity import api as entities
from web.search.asked import FARTHEST, MOST_PER_PAGE, PER_PAGE
from web.search.formats.forms import FEEDS, IN_A_FEED, STREAMED
from web.sources import api as sources
from web.status import page as status
from web.story import api as stories
from web.topics import api as topics

_SEARCH = (
    ("q", "A query in the language of docs/queries.md; none finds everything.", {"type": "string"}),
    ("since", "Published at or after: 2016-03-14, 2016-03-14T09:30Z, 24h, 7d.", {"type": "string"}),
    ("until", "Published before.", {"type": "string"}),
    (
        "section",
        "Of the outlet, such as World; -World: any but that. So, too, the next three.",
        {"type": "string"},
    ),
    ("kind", "Of the page: full, teaser, live, ...", {"type": "string"}),
    ("group", "A folder of the feed list: of its outlets.", {"type": "string"}),
    ("country", "Of the outlet, ISO 3166-1 alpha-2.", {"type": "string"}),
)
_SORT = ("sort", "The order.", {"enum": list(get_args(Sort))})
_PROBLEM = {
    "description": "What is wrong (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"description": "The status in words.", "type": "string"},
        "status": {"type": "integer"},
        "detail": {"description": "What is wrong, in a sentence.", "type": "string"},
        "parameter": {"description": "The parameter or key that is wrong.", "type": "string"},
        "position": {
            "description": "Where in its value, in code points; null if it is wrong as a whole.",
            "anyOf": [{"type": "integer"}, {"type": "null"}],
        },
    },
    "required": ["type", "title", "status", "detail"],
}
_SECURITY = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "Of `wirewatch tokens add`; only where people log in.",
    }
}


@cache
def openapi() -> dict[str, Any]:
    """The document, which nobody may change. Making it takes half a second."""
    return with_components(
        {
            "openapi": "3.1.0",
            "info": {"title": "wirewatch", "version": "1", "description": "The archive of a news monitor."},
            "security": [{}, {"token": []}],
            "paths": _paths(),
            "components": {"schemas": {"problem": _PROBLEM}, "securitySchemes": _SECURITY},
        }
    )


def _paths() -> dict[str, Any]:
    return {
        **_articles(),
        **versions.paths(),
        **_export(),
        **_counts(),
        **stories.paths(),
        **entities.paths(),
        **_events(),
        **_box(),
        **alerts.paths(),
        **topics.paths(),
        **sources.paths(),
        **desk.paths(),
        **status.paths(),
        **audit_page.paths(),
    }


def _articles() -> dict[str, Any]:
    many, one = "/api/v1/articles", "/api/v1/articles/{id}"
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE}
    offset = {"type": "integer", "minimum": 0, "maximum": FARTHEST, "default": 0}
    found = operation(
        many,
        "Find articles",
        Search,
        *_SEARCH,
        _SORT,
        ("limit", "Hits of the page.", limit),
        ("offset", "Hits to skip: the `next_offset` of the page before. For all of them, export.", offset),
    )
    return {
        many: {"get": found},
        one: {"get": operation(one, "One article; the first digits of its id are enough", Article)},
    }


def _counts() -> dict[str, Any]:
    path = "/api/v1/counts"
    most = {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10}
    counted = operation(
        path,
        "Count articles and stories",
        Counts,
        *_SEARCH,
        ("by", f"Fields, separated by commas: {', '.join(get_args(CountBy))}.", {"type": "string"}),
        ("most", "Values of each field.", most),
        ("over", "Count by this unit of time, too.", {"enum": list(get_args(Unit))}),
    )
    return {path: {"get": counted}}


def _export() -> dict[str, Any]:
    path = "/api/v1/export.{form}"
    kinds = [form.media_type for form in STREAMED.values()] + [form.media_type for form in FEEDS.values()]
    exported = operation(
        path,
        "All articles of a search, in a form for other programs",
        {kind: {"type": "string"} for kind in kinds},
        *_SEARCH,
        _SORT,
        values={"form": {"enum": [*STREAMED, *FEEDS]}},
        description=f"Written as it is read, however many there are; {' and '.join(FEEDS)} have the newest {IN_A_FEED}."
        " A line of jsonl is a document wirewatch/hit.",
    )
    return {path: {"get": exported}}


def _events() -> dict[str, Any]:
    """OpenAPI has no word for the events of a stream, so their documents are named in the text."""
    path = "/api/v1/events"
    told = operation(
        path,
        "Hits of a search as they are archived, and alerts as they fire",
        {"text/event-stream": {"type": "string"}},
        *_SEARCH,
        ("after", "The id of the last event that was received.", {"type": "string"}),
        description="Server-sent events. `hit` has a document wirewatch/hit, `alert` one of wirewatch/firing; `missed` says"
        " that there is too much to catch up with. Each at least once. With the id of an event in Last-Event-ID, or in `after`,"
        " what came after it is sent first. What a feed had before it was followed is left out.",
    )
    return {path: {"get": told}}


def _box() -> dict[str, Any]:
    check, complete = "/api/v1/check", "/api/v1/complete"
    typed = ("q", "The query, as far as it is typed.", {"type": "string"})
    at = ("at", "The place of the caret, in code points; its end if missing.", {"type": "integer"})
    return {
        check: {"get": operation(check, "How a query is understood", Checked, _SEARCH[0])},
        complete: {"get": operation(complete, "How a query may go on", Completions, typed, at)},
    }
