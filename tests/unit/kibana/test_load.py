"""Loading over HTTP: repeatedly, and with refusals by Kibana."""

import base64
import copy
from typing import Any

import pytest
from servers.fake_kibana import FakeKibana, serving

from kibana.access import analyst_role, make_space
from kibana.client import Kibana
from kibana.load import Loaded, Loader
from kibana.names import Names, Topic
from kibana.objects import Objects, generate
from kibana.settings import Kibana as Settings
from stream.errors import ConfigError

NAMES = Names(articles="wirewatch-articles", prefix="wirewatch")
TOPICS = (Topic(id="syria", name="Syria"), Topic(id="peace-talks", name="Peace talks"))
OBJECTS = generate(NAMES, TOPICS)


class Remembered(dict[str, str]):
    """Marks, in memory."""

    def get(self, key: str) -> str:  # type: ignore[override]  # there is no other default
        return super().get(key, "")

    def put(self, key: str, mark: str) -> None:
        self[key] = mark


async def load_into(
    fake: FakeKibana,
    objects: Objects = OBJECTS,
    marks: Remembered | None = None,
    *,
    force: bool = False,
    **access: str,
) -> list[Loaded]:
    if fake.space:
        fake.spaces.add(fake.space)
    async with serving(fake.app()) as url, Kibana(Settings(url=url, space=fake.space, **access)) as kibana:  # type: ignore[arg-type]  # of its texts
        return await Loader(kibana, Remembered() if marks is None else marks, force=force).load(objects)


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
    assert {one.result for one in done} == {"created"}


def without_stamps(fake: FakeKibana) -> dict[tuple[str, str], dict[str, object]]:
    held = copy.deepcopy(fake.held)
    for one in held.values():
        one.pop("updated_at", None)
    return held  # type: ignore[return-value]


async def test_loading_again_changes_nothing_and_makes_nothing_twice() -> None:
    fake = FakeKibana()
    await load_into(fake)
    before = without_stamps(fake)
    done = await load_into(fake)
    assert without_stamps(fake) == before
    assert {one.result for one in done} == {"updated"}


async def test_a_renamed_topic_keeps_its_ids() -> None:
    fake = FakeKibana()
    marks = Remembered()
    await load_into(fake, OBJECTS, marks)
    keys = set(fake.held)
    renamed = (Topic(id="syria", name="Syria and its neighbours"), TOPICS[1])
    await load_into(fake, generate(NAMES, renamed), marks)
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


async def test_a_kibana_that_is_not_ready_is_reported() -> None:
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


RENAMED = generate(NAMES, (Topic(id="syria", name="Syria and its neighbours"), TOPICS[1]))
CHANGES = [
    ("search", NAMES.session(TOPICS[0]), ("attributes", "title")),
    ("dashboard", OBJECTS.dashboard_id, ("title",)),
    ("connector", OBJECTS.connector.id, ("name",)),
    ("rule", OBJECTS.rules[0].id, ("name",)),
]


@pytest.mark.parametrize(("kind", "key", "path"), CHANGES)
async def test_what_a_person_changed_is_kept_and_named(kind: str, key: str, path: tuple[str, ...]) -> None:
    fake, marks = FakeKibana(), Remembered()
    await load_into(fake, OBJECTS, marks)
    change(fake.held[kind, key], path, "My own")
    done = await load_into(fake, RENAMED, marks)
    (kept,) = [one for one in done if one.result == "kept"]
    assert kept.what == kind
    assert value_at(fake.held[kind, key], path) == "My own"
    others = [one for one in done if one.result != "kept"]
    assert {one.result for one in others} == {"updated"}
    assert len(others) == len(done) - 1
    again = await load_into(fake, RENAMED, marks)
    assert [one for one in again if one.result == "kept"] == [kept]


@pytest.mark.parametrize(("kind", "key", "path"), CHANGES)
async def test_force_replaces_it(kind: str, key: str, path: tuple[str, ...]) -> None:
    fake, marks = FakeKibana(), Remembered()
    await load_into(fake, OBJECTS, marks)
    change(fake.held[kind, key], path, "My own")
    done = await load_into(fake, RENAMED, marks, force=True)
    assert {one.result for one in done} == {"updated"}
    assert value_at(fake.held[kind, key], path) != "My own"
    assert "kept" not in {one.result for one in await load_into(fake, RENAMED, marks)}


def change(one: dict[str, Any], path: tuple[str, ...], value: str) -> None:
    for step in path[:-1]:
        one = one[step]
    one[path[-1]] = value


def value_at(one: dict[str, Any], path: tuple[str, ...]) -> Any:
    for step in path:
        one = one[step]
    return one


async def test_deleted_objects_are_created_again() -> None:
    fake, marks = FakeKibana(), Remembered()
    await load_into(fake, OBJECTS, marks)
    del fake.held["search", NAMES.all_news], fake.held["dashboard", OBJECTS.dashboard_id]
    done = await load_into(fake, OBJECTS, marks)
    assert {(one.what, one.name) for one in done if one.result == "created"} == {
        ("search", NAMES.all_news),
        ("dashboard", OBJECTS.dashboard_id),
    }


async def test_without_marks_an_identical_object_is_not_a_change() -> None:
    """A setup that was broken off between loading and remembering."""
    fake = FakeKibana()
    await load_into(fake)
    assert {one.result for one in await load_into(fake)} == {"updated"}
    done = await load_into(fake, RENAMED)
    assert {one.name for one in done if one.result == "kept"} == {
        NAMES.session(TOPICS[0]),
        "Syria and its neighbours",
    }


async def test_spaces_don_t_share_marks() -> None:
    marks = Remembered()
    await load_into(FakeKibana(), OBJECTS, marks)
    await load_into(FakeKibana(space="desk"), OBJECTS, marks)
    assert {key.partition("|")[0] for key in marks} == {"default", "desk"}


async def test_a_role_that_reads_and_no_more() -> None:
    fake, marks = FakeKibana(), Remembered()
    async with serving(fake.app()) as url, Kibana(Settings(url=url)) as kibana:
        loader = Loader(kibana, marks, force=False)
        body = analyst_role(NAMES, "desk")
        assert (await loader.role(NAMES.analyst, body)).result == "created"
        assert (await loader.role(NAMES.analyst, body)).result == "updated"
        fake.held["role", NAMES.analyst]["kibana"][0]["base"] = ["all"]
        assert (await loader.role(NAMES.analyst, body)).result == "kept"
    (indices,) = body["elasticsearch"]["indices"]
    assert indices == {"names": ["wirewatch-*"], "privileges": ["read", "view_index_metadata"]}
    (block,) = body["kibana"]
    assert block["spaces"] == ["desk"]
    assert {privilege for granted in block["feature"].values() for privilege in granted} == {"read"}
    assert analyst_role(NAMES, "")["kibana"][0]["spaces"] == ["default"]


async def test_a_space_is_made_once() -> None:
    fake = FakeKibana()
    async with serving(fake.app()) as url, Kibana(Settings(url=url)) as kibana:
        assert await make_space(kibana, "desk") is True
        assert await make_space(kibana, "desk") is False
    assert fake.spaces == {"desk"}


@pytest.mark.parametrize(
    ("path", "privilege"),
    [
        ("/api/saved_objects", "`all` for Discover, Data Views and Saved Objects Management"),
        ("/api/dashboards", "`all` for Dashboard"),
        ("/api/actions/connector", "`all` for Actions and Connectors"),
        ("/api/alerting/rule", "`all` for Stack Rules"),
    ],
)
async def test_a_forbidden_request_names_the_privilege(path: str, privilege: str) -> None:
    fault = await fault_of(FakeKibana(denied=path))
    assert "answered 403" in fault
    assert privilege in fault


async def test_missing_rights_to_create_spaces_or_roles_are_reported() -> None:
    async with serving(FakeKibana(denied="/api/s").app()) as url, Kibana(Settings(url=url)) as kibana:
        with pytest.raises(ConfigError, match="all spaces"):
            await make_space(kibana, "desk")
        with pytest.raises(ConfigError, match="manage_security"):
            await Loader(kibana, Remembered(), force=False).role(NAMES.analyst, analyst_role(NAMES, ""))
