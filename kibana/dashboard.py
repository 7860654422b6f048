"""The dashboard, as the body of `PUT /api/dashboards/{id}` (Kibana 9.5).

What was there before wirewatch began (backfill) is left out by the dashboard's own query, which the reader can clear.
"""

from typing import Any

from kibana.charts import (
    ARTICLES,
    STORIES,
    apart,
    lines,
    number,
    over_time,
    seconds,
    table,
    top,
    unique,
)
from kibana.health import CHECKED
from kibana.names import Names
from kibana.saved_objects import NOT_HEARD, SEEN_FIELD, TIME_FIELD

Panel = dict[str, Any]
Config = dict[str, Any]
Place = tuple[int, int, int, int]
"""Column, row, width and height; the grid has 48 columns."""

DAYS = 7
"""What the dashboard shows when it is opened."""

NEWS_ONLY = "not backfill : true"

_NAMES = 20
_SOURCES = 100

_HOW_TO_READ = """\
**Stories** count one event once, however many outlets carry it. **Articles** counts each copy.

- Articles that a feed already had when it was added are left out; clear the query above to see them.
- *Published* goes by the article's own date, *first seen* by when wirewatch found it. Something is new to you by the second.
- "No hits" means little while sources are not heard: look at *Sources not heard*. `wirewatch sources` tells the same,
  `wirewatch quarantine list` shows what could not be read.
- The filters above the dashboard are about articles. The numbers and tables of alerts, sources and failures ignore them; the
  list of fired alerts does not, and is empty while one is set.
"""


def dashboard(names: Names) -> dict[str, Any]:
    """The dashboard's whole state; the time range is set by the person who looks at it."""
    return {
        "title": "News",
        "description": f"What {names.articles} holds: how much, about what, from whom, how fast; and who is not heard.",
        "time_range": {"from": f"now-{DAYS}d", "to": "now"},
        "refresh_interval": {"pause": False, "value": 60_000},
        "query": {"expression": NEWS_ONLY, "language": "kql"},
        "pinned_panels": [
            _control(names, "Topic", "topics.name"),
            _control(names, "Named in the article", "entity_names"),
            _control(names, "Source", "source_name"),
            _control(names, "Language", "language"),
        ],
        "panels": [
            *_head(names),
            *_over_time(names),
            *_about(names),
            *_alerts(names),
            *_not_heard(names),
            *_latency(names),
            *_lists(names),
        ],
    }


def _head(names: Names) -> list[Panel]:
    dark = {**_count("Sources not heard"), "filter": {"expression": NOT_HEARD, "language": "kql"}}
    failed = {"operation": "sum", "field": "messages"}
    return [
        _panel("stories", (0, 0, 8, 5), number(names.articles, "Stories", STORIES)),
        _panel("articles", (8, 0, 8, 5), number(names.articles, "Articles", ARTICLES)),
        _panel("sources", (16, 0, 8, 5), number(names.articles, "Sources with news", unique("source_name"))),
        _panel("fired", (24, 0, 8, 5), apart(number(names.alerts, "Alerts fired", _count("Alerts")))),
        _panel("dark", (32, 0, 8, 5), apart(number(names.sources, "Sources not heard", dark))),
        _panel("failed", (40, 0, 8, 5), apart(number(names.quarantine, "Could not be read", failed))),
    ]


def _over_time(names: Names) -> list[Panel]:
    published = over_time(
        names.articles, "Stories by topic, by time published", STORIES, TIME_FIELD, "topics.name"
    )
    seen = over_time(
        names.by_seen, "Stories by topic, by time first seen", STORIES, SEEN_FIELD, "topics.name"
    )
    about = "A story with several topics is counted under each of them."
    published, seen = ({**chart, "description": about} for chart in (published, seen))
    return [
        _panel("by-topic", (0, 5, 24, 12), published),
        _panel("by-topic-seen", (24, 5, 24, 12), seen),
        _panel(
            "by-source",
            (0, 17, 24, 12),
            over_time(names.articles, "Articles by source", ARTICLES, TIME_FIELD, "source_name"),
        ),
        _panel(
            "by-language",
            (24, 17, 24, 12),
            over_time(names.articles, "Articles by language", ARTICLES, TIME_FIELD, "language"),
        ),
    ]


def _about(names: Names) -> list[Panel]:
    def most(title: str, field: str) -> Config:
        return table(names.articles, title, [top(field, _NAMES, title)], [STORIES, ARTICLES])

    return [
        _panel("people", (0, 29, 16, 14), most("People", "people")),
        _panel("organisations", (16, 29, 16, 14), most("Organisations", "organisations")),
        _panel("places", (32, 29, 16, 14), most("Places", "places")),
    ]


def _alerts(names: Names) -> list[Panel]:
    fired = over_time(names.alerts, "Alerts fired, by alert", _count("Alerts"), TIME_FIELD, "alert")
    return [
        _panel("alerts", (0, 43, 16, 12), _apart_in_layers(fired)),
        _session("fired-alerts", (16, 43, 32, 12), names.fired, "Fired alerts"),
    ]


def _not_heard(names: Names) -> list[Panel]:
    rows = [top("shelf", 2, "Where"), top("stage", 10, "Stage"), top("kind", 20, "Why")]
    counted = {"operation": "sum", "field": "messages", "label": "Messages"}
    return [
        _panel("not-heard", (0, 55, 28, 12), apart(_dark_sources(names))),
        _panel(
            "quarantine",
            (28, 55, 20, 12),
            apart(table(names.quarantine, "What could not be read, or is tried again", rows, [counted])),
        ),
    ]


def _dark_sources(names: Names) -> Config:
    """The sources that are not heard, the usually most productive first."""
    usual = {"operation": "sum", "field": "per_day", "label": "Items a day, usually"}
    since, why = (
        {"operation": "last_value", "field": field, "sort_by": CHECKED, "label": label}
        for field, label in (("since", "Since"), ("reason", "Why"))
    )
    rows = [top("name", _SOURCES, "Source"), top("status", 3, "Status")]
    dark = table(names.sources, "Sources not heard", rows, [usual, since, why])
    return {**dark, "query": {"expression": NOT_HEARD, "language": "kql"}}


def _latency(names: Names) -> list[Panel]:
    """From first seen, and from published, to searchable."""
    found, told = "latency.seen_to_indexed", "latency.published_to_indexed"
    over = [
        seconds(found, 50, "first seen to searchable, median"),
        seconds(found, 95, "first seen to searchable, 95th percentile"),
        seconds(found, 99, "first seen to searchable, 99th percentile"),
    ]
    by_source = [
        seconds(told, 50, "Published, median"),
        seconds(told, 95, "Published, 95th"),
        seconds(found, 95, "First seen, 95th"),
    ]
    chart = lines(names.by_seen, "Seconds until an article can be found", SEEN_FIELD, over)
    title = "Slowest sources: seconds from published, and from first seen, to searchable"
    slowest = table(names.articles, title, [top("source_name", _NAMES, "Source")], by_source)
    return [_panel("latency", (0, 67, 24, 12), chart), _panel("slowest", (24, 67, 24, 12), slowest)]


def _lists(names: Names) -> list[Panel]:
    return [
        _session("newest", (0, 79, 28, 16), names.arrivals, "Newest articles, by time first seen"),
        _panel("quiet", (28, 79, 20, 16), _quiet(names)),
        {
            "id": "how-to-read",
            "type": "markdown",
            "grid": _grid((0, 95, 48, 8)),
            "config": {"content": _HOW_TO_READ, "settings": {"open_links_in_new_tab": True}},
        },
    ]


def _quiet(names: Names) -> Config:
    """How many articles each source had lately, the quietest first."""
    lately = {**_count("last day"), "reduced_time_range": "1d", "empty_as_null": False}
    rows = [top("source_name", _SOURCES, "Source")]
    return {
        **table(
            names.articles,
            "Quiet sources: articles of the last 30 days and of the last day",
            rows,
            [_count("30 days"), lately],
        ),
        "time_range": {"from": "now-30d", "to": "now"},
        "styling": {"sort_by": {"column_type": "metric", "index": 1, "direction": "asc"}},
    }


def _count(label: str) -> Config:
    return {"operation": "count", "label": label}


def _apart_in_layers(chart: Config) -> Config:
    return {**chart, "layers": [apart(layer) for layer in chart["layers"]]}


def _panel(panel_id: str, place: Place, config: Config) -> Panel:
    return {"id": panel_id, "type": "vis", "grid": _grid(place), "config": config}


def _session(panel_id: str, place: Place, session: str, title: str) -> Panel:
    config = {"ref_id": session, "title": title, "overrides": {}}
    return {"id": panel_id, "type": "discover_session", "grid": _grid(place), "config": config}


def _grid(place: Place) -> dict[str, int]:
    return dict(zip(("x", "y", "w", "h"), place, strict=True))


def _control(names: Names, title: str, field: str) -> dict[str, Any]:
    config = {"title": title, "data_view_id": names.articles, "field_name": field}
    return {"type": "options_list_control", "width": "medium", "grow": True, "config": config}
