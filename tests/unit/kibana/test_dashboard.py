"""The dashboard's layout, and the limits of Kibana's Dashboards API that can be checked without it."""

from itertools import combinations
from typing import Any

from kibana.dashboard import dashboard
from kibana.names import Names

DASHBOARD = dashboard(Names(articles="wirewatch-articles", prefix="wirewatch"))
PANELS: list[dict[str, Any]] = DASHBOARD["panels"]
COLUMNS = 48
MOST_PANELS = 100


def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    grid = panel["grid"]
    return {
        (x, y)
        for x in range(grid["x"], grid["x"] + grid["w"])
        for y in range(grid["y"], grid["y"] + grid["h"])
    }


def test_panels_stay_on_the_grid_and_do_not_overlap() -> None:
    for panel in PANELS:
        assert panel["grid"]["w"] >= 1
        assert panel["grid"]["h"] >= 1
        assert all(0 <= x < COLUMNS and y >= 0 for x, y in cells(panel))
    for one, other in combinations(PANELS, 2):
        assert not cells(one) & cells(other), (one["id"], other["id"])


def test_panels_can_be_told_apart() -> None:
    ids = [panel["id"] for panel in PANELS]
    assert len(set(ids)) == len(ids)
    assert len(PANELS) + len(DASHBOARD["pinned_panels"]) <= MOST_PANELS


def test_sorting_uses_an_existing_column() -> None:
    sorted_tables = [panel["config"] for panel in PANELS if "styling" in panel["config"]]
    assert sorted_tables
    for table in sorted_tables:
        assert table["styling"]["sort_by"]["index"] < len(table["metrics"])


def test_everything_that_an_editor_asked_for_is_there() -> None:
    assert {panel["id"] for panel in PANELS} >= {
        "by-topic",
        "by-source",
        "by-language",
        "people",
        "organisations",
        "places",
        "latency",
        "stories",
        "fired",
        "fired-alerts",
        "not-heard",
        "quarantine",
        "by-topic-seen",
    }


def test_what_is_not_about_articles_ignores_filters_of_articles() -> None:
    for panel in PANELS:
        layers = panel["config"].get("layers", [panel["config"]])
        views = {layer["data_source"]["ref_id"] for layer in layers if "data_source" in layer}
        if views and not any("articles" in view for view in views):
            assert all(layer.get("ignore_global_filters") for layer in layers), panel["id"]


def test_backfill_is_left_out_until_the_reader_clears_the_query() -> None:
    assert DASHBOARD["query"] == {"expression": "not backfill : true", "language": "kql"}


def test_the_text_says_how_to_read_it() -> None:
    text = next(panel["config"]["content"] for panel in PANELS if panel["type"] == "markdown")
    assert "wirewatch quarantine list" in text
    assert "wirewatch sources" in text
