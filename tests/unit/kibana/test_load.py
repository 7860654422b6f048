"""Loading over HTTP: again and again, and what Kibana refuses."""

import base64
import copy

import pytest
from servers.fake_kibana import FakeKibana, serving

from kibana.client import Kibana
from kibana.load import Loaded, load
from kibana.names import Names, Topic
from kibana.objects import Objects, generate
from kibana.settings import Kibana as Settings
from stream.errors import ConfigError

NAMES = Names(articles="wirewatch-articles", prefix="wirewatch")
TOPICS = (Topic(id="syria", name="Syria"), Topic(id="peace-talks", name="Peace talks"))
OBJECTS = generate(NAMES, TOPICS)


async def load_into(fake: FakeKibana, objects: Objects = OBJECTS, **access: str) -> list[Loaded]:
    async with serving(fake.app()) as url, Kibana(Settings(url=url, space=fake.space, **access)) as kibana:  # type: ignore[arg-type]  # of its texts
        return await load(kibana, objects)


async def fault_of(fake: FakeKibana, **access: str) -> str:
    with pytest.raises(ConfigError) as caught:
        await load_into(fake, **access)
    return str(caught.value)


async def test_everything_is_loaded() -> None:
    fake = FakeKibana()
    done = await load_into(fake)
    assert {(kind, key) for kind, key in fake.held} == {
        *((one["type"], one["id"]) for one in OBJECTS.saved),
        ("dashboard", OBJECTS.dashboard_id),
        ("connector", OBJECTS.connector.id),
        *(("rule", one.id) for one in OBJECTS.rules),
    }
    assert fake.held["dashboard", OBJECTS.dashboard_id] == OBJECTS.dashboard
    assert len(done) == len(fake.held)
    assert [one.result for one in done] == ["loaded"] * len(OBJECTS.saved) + ["created"] * 4


async def test_loading_again_changes_nothing_and_makes_nothing_twice() -> None:
    fake = FakeKibana()
    await load_into(fake)
    before = copy.deepcopy(fake.held)
    done = await load_into(fake)
    assert fake.held == before
    assert [one.result for one in done] == ["loaded"] * len(OBJECTS.saved) + ["updated"] * 4


async def test_a_renamed_topic_keeps_its_ids() -> None:
    fake = FakeKibana()
    await load_into(fake)
    keys = set(fake.held)
    renamed = (Topic(id="syria", name="Syria and its neighbours"), TOPICS[1])
    await load_into(fake, generate(NAMES, renamed))
    assert set(fake.held) == keys
    assert fake.held["rule", NAMES.rule(renamed[0])]["name"] == "New on: Syria and its neighbours"


async def test_a_rule_that_an_analyst_disabled_stays_so() -> None:
    fake = FakeKibana()
    await load_into(fake)
    rule = fake.held["rule", OBJECTS.rules[0].id]
    rule["enabled"] = False
    await load_into(fake)
    assert fake.held["rule", OBJECTS.rules[0].id]["enabled"] is False


async def test_the_default_space_is_not_named_and_another_is() -> None:
    fake = FakeKibana(space="desk")
    await load_into(fake)
    assert fake.writes[0] == "POST /s/desk/api/saved_objects/_import?overwrite=true"
    assert all(write.split()[1].startswith("/s/desk/api/") for write in fake.writes)


@pytest.mark.parametrize(
    ("authorization", "access"),
    [
        ("ApiKey a2V5", {"api_key": "a2V5"}),
        (
            "Basic " + base64.b64encode("elä:wörd:x".encode()).decode(),
            {"username": "elä", "password": "wörd:x"},
        ),
    ],
)
async def test_it_says_who_it_is(authorization: str, access: dict[str, str]) -> None:
    fake = FakeKibana(authorization=authorization)
    assert await load_into(fake, **access)


async def test_a_wrong_password_is_named_and_not_shown() -> None:
    fault = await fault_of(FakeKibana(authorization="Basic x"), username="elastic", password="secret")
    assert "401" in fault
    assert "kibana.username and kibana.password" in fault
    assert "secret" not in fault


@pytest.mark.parametrize("version", ["8.19.1", "9.4.9", "7.17.0", "nonsense", "9.x"])
async def test_an_old_kibana_is_refused_before_anything_is_written(version: str) -> None:
    fake = FakeKibana(version=version)
    fault = await fault_of(fake)
    assert f"has version {version}" in fault
    assert "9.5 or newer" in fault
    assert "--export" in fault
    assert not fake.writes


@pytest.mark.parametrize("version", ["9.5.0", "9.5.3-SNAPSHOT", "9.10.0", "10.0.0"])
async def test_newer_ones_are_taken(version: str) -> None:
    assert await load_into(FakeKibana(version=version))


async def test_a_kibana_that_starts_is_waited_for_by_the_person() -> None:
    fake = FakeKibana(level="unavailable")
    assert "is not ready yet (unavailable)" in await fault_of(fake)
    assert not fake.writes


async def test_a_refused_import_names_the_object_and_the_reason() -> None:
    error = {"type": "search", "id": "wirewatch-all-news", "error": {"type": "missing_references"}}
    fault = await fault_of(FakeKibana(refuse_import={"success": False, "successCount": 3, "errors": [error]}))
    assert "search wirewatch-all-news" in fault
    assert "missing_references" in fault


async def test_an_import_that_loses_objects_is_a_fault() -> None:
    fault = await fault_of(FakeKibana(refuse_import={"success": True, "successCount": 3}))
    assert f"took 3 of {len(OBJECTS.saved)} saved objects" in fault
