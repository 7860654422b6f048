"""Everything that is sent to Kibana, against the schema of its API; and mistakes that the schema must catch."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from servers.fake_kibana import FakeKibana
from servers.kibana_schema import fault
from unit.kibana.test_load import Remembered

from kibana.access import analyst_role, space_body
from kibana.client import Kibana
from kibana.load import Loader
from kibana.names import Names, Topic
from kibana.objects import Objects, generate
from kibana.settings import Kibana as Settings
from stream.errors import ConfigError

NAMES = Names(articles="wirewatch-articles", prefix="wirewatch")
OBJECTS = generate(
    NAMES,
    (Topic(id="syria", name="Syria", description="The war."),),
)
(RULE,) = OBJECTS.rules


def bodies(objects: Objects) -> list[tuple[str, Any]]:
    """All requests' bodies, each with the name of its shape."""
    rules = [("rule_create", one.create) for one in objects.rules] + [
        ("rule_update", one.update) for one in objects.rules
    ]
    return [
        *(("saved_object", one) for one in objects.saved),
        ("dashboard", objects.dashboard),
        ("connector_create", objects.connector.create),
        ("connector_update", objects.connector.update),
        ("space", space_body("desk")),
        ("role", analyst_role(NAMES, "desk")),
        *rules,
    ]


@pytest.mark.parametrize(("shape", "body"), bodies(OBJECTS))
def test_kibana_accepts_what_is_sent(shape: str, body: Any) -> None:
    assert fault(shape, body) == ""


def panel(dashboard: dict[str, Any], panel_id: str) -> dict[str, Any]:
    return next(one for one in dashboard["panels"] if one["id"] == panel_id)  # type: ignore[no-any-return]


def old_id(dashboard: dict[str, Any]) -> None:
    one = panel(dashboard, "articles")
    one["uid"] = one.pop("id")


def no_settings(dashboard: dict[str, Any]) -> None:
    del panel(dashboard, "how-to-read")["config"]["settings"]


def both_kinds_of_text(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "how-to-read")["config"]["ref_id"] = "a-text-in-the-library"


def unknown_key(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "by-topic")["config"]["layers"][0]["stacked"] = True


def unknown_key_of_an_operation(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "latency")["config"]["layers"][0]["y"][0]["percent"] = 50


def wrong_value(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "by-topic")["config"]["layers"][0]["type"] = "stacked_bar"


def wrong_operation(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "sources")["config"]["metrics"][0]["operation"] = "cardinality"


def other_rank(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "people")["config"]["rows"][0]["rank_by"] = {
        "type": "column",
        "metric": 0,
        "direction": "desc",
    }


def old_data_source(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "people")["config"]["data_source"] = {"type": "dataView", "id": "wirewatch-articles"}


def no_field(dashboard: dict[str, Any]) -> None:
    del panel(dashboard, "sources")["config"]["metrics"][0]["field"]


def too_wide(dashboard: dict[str, Any]) -> None:
    panel(dashboard, "by-topic")["grid"]["w"] = 49


def control_of_a_panel(dashboard: dict[str, Any]) -> None:
    dashboard["pinned_panels"][0]["width"] = "huge"


def no_title(dashboard: dict[str, Any]) -> None:
    dashboard["title"] = ""


PLANTED: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (old_id, "[panels.1]: Additional properties are not allowed ('uid' was unexpected)"),
    (no_settings, "config]: 'settings' is a required property"),
    (both_kinds_of_text, "'ref_id' was unexpected"),
    (unknown_key, "layers.0]: Additional properties are not allowed ('stacked' was unexpected)"),
    (unknown_key_of_an_operation, "y.0]: Unevaluated properties are not allowed ('percent' was unexpected)"),
    (wrong_value, "layers.0.type]: 'stacked_bar' is not one of"),
    (wrong_operation, "metrics.0.operation]: "),
    (other_rank, "rank_by.type]: "),
    (old_data_source, "data_source.type]: "),
    (no_field, "metrics.0]: 'field' is a required property"),
    (too_wide, "grid.w]: 49 is greater than the maximum of 48"),
    (control_of_a_panel, "[pinned_panels.0.width]: 'huge' is not one of"),
    (no_title, "[title]: '' should be non-empty"),
]


@pytest.mark.parametrize(("mistake", "said"), PLANTED, ids=[mistake.__name__ for mistake, _ in PLANTED])
def test_a_mistake_in_the_dashboard_is_caught(mistake: Callable[[dict[str, Any]], None], said: str) -> None:
    wrong = copy.deepcopy(OBJECTS.dashboard)
    mistake(wrong)
    assert said in fault("dashboard", wrong)


@pytest.mark.parametrize(
    ("shape", "wrong", "said"),
    [
        ("saved_object", {**OBJECTS.saved[0], "attributes": {"name": "x"}}, "'title' is a required property"),
        ("saved_object", {**OBJECTS.saved[0], "type": "data-view"}, "[type]: "),
        ("saved_object", {**OBJECTS.saved[1], "uid": "x"}, "'uid' was unexpected"),
        ("role", {**analyst_role(NAMES, ""), "applications": []}, "'applications' was unexpected"),
        ("role", {"kibana": []}, "'elasticsearch' is a required property"),
        (
            "role",
            {"elasticsearch": {}, "kibana": [{"spaces": ["desk"], "feature": {"discover": ["read"]}}]},
            "feature]: ",
        ),
        ("space", {"id": "The desk", "name": "x"}, "[id]: "),
        ("rule_update", {**RULE.update, "enabled": True}, "'enabled' was unexpected"),
        ("rule_create", {**RULE.create, "consumer": "wirewatch"}, "[consumer]: "),
        (
            "rule_create",
            {**RULE.create, "params": {**RULE.create["params"], "esQuery": {}}},
            "[params.esQuery]: ",
        ),
        (
            "rule_create",
            {**RULE.create, "params": {**RULE.create["params"], "size": 10_001}},
            "[params.size]: ",
        ),
        ("rule_create", {**RULE.create, "schedule": {"every": "1m"}}, "'interval' is a required property"),
        (
            "connector_create",
            {**OBJECTS.connector.create, "connector_type_id": ".email"},
            "[connector_type_id]: ",
        ),
        (
            "connector_update",
            {**OBJECTS.connector.update, "config": {"refresh": False}},
            "'index' is a required property",
        ),
    ],
)
def test_a_mistake_elsewhere_is_caught(shape: str, wrong: Any, said: str) -> None:
    assert said in fault(shape, wrong)


async def test_the_stand_in_refuses_what_kibana_refuses() -> None:
    wrong = copy.deepcopy(OBJECTS.dashboard)
    old_id(wrong)
    objects = Objects(
        saved=OBJECTS.saved,
        dashboard_id=OBJECTS.dashboard_id,
        dashboard=wrong,
        connector=OBJECTS.connector,
        rules=OBJECTS.rules,
    )
    async with (
        TestServer(FakeKibana().app()) as server,
        Kibana(Settings(url=str(server.make_url("/")))) as kibana,
    ):
        with pytest.raises(ConfigError, match=r"answered 400 to PUT .*'uid' was unexpected"):
            await Loader(kibana, Remembered(), force=False).load(objects)


@pytest.mark.parametrize("level", ["available", "degraded", "unavailable"])
async def test_the_stand_in_reports_its_status_as_kibana_does(level: str) -> None:
    async with TestClient(TestServer(FakeKibana(level=level).app())) as client:
        answer = await client.get("/api/status")
        assert fault("status", await answer.json()) == ""
