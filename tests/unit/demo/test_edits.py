"""The edits that the demo's outlets make after publishing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from demo.edits import bundled_edits, load_edits
from demo.server import serve
from demo.world import bundled
from stream.errors import ConfigError

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def page(port: int, host: str, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}", headers={"Host": f"{host}:{port}"}) as response,
    ):
        return response.status, await response.text()


async def paths(port: int, host: str) -> dict[str, str]:
    """The paths of an outlet's articles, by their last part."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/_world/published") as response,
    ):
        found = [one["url"] for one in await response.json()]
    return {slug: url.partition(f"{host}:{port}")[2] for url in found if host in url for slug in [url]}


async def test_pages_change_when_it_is_time() -> None:
    now = STARTED
    host = "harbour-courier.example"
    async with serve(port=0, head_start=None, clock=lambda: now, edits=True) as world:
        found = await paths(world.port, host)
        herring = next(path for url, path in found.items() if "herring-quota" in url)
        before = (await page(world.port, host, herring))[1]
        now = STARTED + timedelta(minutes=2)
        after = (await page(world.port, host, herring))[1]
        withdrawn = await paths(world.port, "the-broken-bugle.example")
        leek = next(path for url, path in withdrawn.items() if "allotment-giant-leek" in url)
        status, _ = await page(world.port, "the-broken-bugle.example", leek)
    assert "870 tonnes" in before
    assert "Correction:" not in before
    assert "780 tonnes" in after
    assert "Correction:" in after
    assert status == 410


async def test_nothing_changes_unless_asked() -> None:
    async with serve(port=0, head_start=None, clock=lambda: STARTED + timedelta(days=1)) as world:
        host = "the-broken-bugle.example"
        found = await paths(world.port, host)
        leek = next(path for url, path in found.items() if "allotment-giant-leek" in url)
        assert (await page(world.port, host, leek))[0] == 200


def test_the_bundled_edits_fit_the_world() -> None:
    edits = bundled_edits(bundled())
    assert len(edits) >= 4
    assert any(edit.withdrawn for several in edits.values() for edit in several)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'outlet = "harbour-courier"\nslug = "none"\nafter = 1.0',
            "there is no article harbour-courier/none",
        ),
        ('outlet = "harbour-courier"\nslug = "herring-quota"\nafter = 0.0', "more than 0 seconds"),
        (
            'outlet = "harbour-courier"\nslug = "herring-quota"\nafter = 1.0\nreplace = [["xyz", "a"]]',
            "'xyz' is not in its text",
        ),
    ],
)
def test_what_does_not_fit_is_named(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "edits.toml"
    file.write_text(f"[[edits]]\n{text}\n")
    with pytest.raises(ConfigError, match=said):
        load_edits(file, bundled())
