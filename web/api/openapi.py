"""The OpenAPI document (3.1) of the API, made from the schemas of its answers."""

from collections.abc import Sequence
from typing import Any, get_args

import msgspec

from index.counts import CountBy
from index.intervals import Unit
from index.store import Sort
from results.article import Article
from results.counts import Counts
from results.json_schema import json_schema
from results.query import Checked, Completions
from results.search import Search
from web.access import audit_page
from web.alerts import api as alerts
from web.article import api as versions
from web.desk import api as desk
from web.entity import api as entities
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


def openapi() -> dict[str, Any]:
    """The document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "wirewatch", "version": "1", "description": "The archive of a news monitor."},
        "paths": {
            "/api/v1/articles": _get(
                "Find articles",
                Search,
                *_SEARCH,
                ("sort", "The order of the hits.", {"enum": list(get_args(Sort))}),
                (
                    "limit",
                    "Hits of the page.",
                    {"type": "integer", "minimum": 1, "maximum": 200, "default": 20},
                ),
                ("offset", "Hits to skip.", {"type": "integer", "minimum": 0, "default": 0}),
            ),
            "/api/v1/articles/{id}": _get("One article", Article),
            "/api/v1/counts": _get(
                "Count articles and stories",
                Counts,
                *_SEARCH,
                ("by", f"Fields, separated by commas: {', '.join(get_args(CountBy))}.", {"type": "string"}),
                (
                    "most",
                    "Values of each field.",
                    {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10},
                ),
                ("over", "Count by this unit of time, too.", {"enum": list(get_args(Unit))}),
            ),
            **versions.paths(),
            **stories.paths(),
            **entities.paths(),
            "/api/v1/events": _events(),
            "/api/v1/check": _get("How a query is understood", Checked, _SEARCH[0]),
            "/api/v1/complete": _get(
                "How a query may go on",
                Completions,
                ("q", "The query, as far as it is typed.", {"type": "string"}),
                ("at", "The place of the caret, in code points; its end if missing.", {"type": "integer"}),
            ),
            **alerts.paths(),
            **sources.paths(),
            **desk.paths(),
            **audit_page.paths(),
            **status.paths(),
            **topics.paths(),
        },
    }


def _events() -> dict[str, Any]:
    """OpenAPI has no word for the events of a stream, so their documents are named in the text."""
    summary = "Hits of a search as they are archived, and alerts as they fire"
    said = (
        f"{summary}: server-sent events. `hit` has a document wirewatch/hit/1, `alert` one of wirewatch/firing/1; `missed` says"
        " that there is too much to catch up with. Each at least once. With the id of an event in Last-Event-ID, or in `after`,"
        " what came after it is sent first. What a feed had before it was followed is left out."
    )
    return _described(
        summary,
        {"description": said, "content": {"text/event-stream": {"schema": {"type": "string"}}}},
        (*_SEARCH, ("after", "The id of the last event that was received.", {"type": "string"})),
    )


def _get(
    summary: str, answer: type[msgspec.Struct], *parameters: tuple[str, str, dict[str, Any]]
) -> dict[str, Any]:
    good = {"description": summary, "content": {"application/json": {"schema": json_schema(answer)}}}
    return _described(summary, good, parameters)


def _described(
    summary: str, good: dict[str, Any], parameters: Sequence[tuple[str, str, dict[str, Any]]]
) -> dict[str, Any]:
    in_path = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    in_query = [
        {"name": name, "in": "query", "description": text, "schema": schema}
        for name, text, schema in parameters
    ]
    bad = {"description": "What is wrong, and where", "content": {"application/problem+json": {}}}
    return {
        "get": {
            "summary": summary,
            "parameters": in_query or in_path,
            "responses": {"200": good, "400": bad, "404": bad},
        }
    }
