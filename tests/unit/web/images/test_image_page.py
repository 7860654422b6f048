"""Pictures of articles through the page, from a server on loopback."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import msgspec
import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image
from samples.archive import archive, report
from samples.page import OWN, Client, texts, tree
from samples.settings import settings_in
from servers.hostile import answer, gzip_bomb, redirect, serve

from stream.errors import ConfigError
from web.app import make_app
from wirewatch.commands.page.images import images_of
from wirewatch.commands.page.serving import services_of
from wirewatch.commands.settings import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"/>'


def jpeg() -> bytes:
    out = BytesIO()
    Image.new("RGB", (900, 600), "navy").save(out, "JPEG")
    return out.getvalue()


def settings_with(
    folder: Path, images: Mapping[str, str], *, on: bool = True, reach: bool = True
) -> Settings:
    """An archive of articles with pictures; `reach`: they may be fetched from this machine."""
    allowed = ("127.0.0.0/8",) if reach else ()
    settings = settings_in(folder, allow_private=allowed)
    archive(settings, (report(name, NOON, image=image) for name, image in images.items()), NOON)
    web = msgspec.structs.replace(settings.config.web, images=on)
    return dataclasses.replace(settings, config=msgspec.structs.replace(settings.config, web=web))


@asynccontextmanager
async def page_with(settings: Settings) -> AsyncIterator[Client]:
    async with images_of(settings) as images:
        app = make_app(services_of(settings, images=images), ["desk.example"])
        async with TestClient(TestServer(app)) as client:
            client.session.headers.update(OWN)
            yield client


async def test_a_picture_is_fetched_once_for_all_and_kept(tmp_path: Path) -> None:
    async with serve({"/dam.jpg": answer(jpeg())}) as outlet:
        settings = settings_with(tmp_path, {"a": outlet.url("/dam.jpg")})
        async with page_with(settings) as client:
            shown = await tree(await client.get("/?q=dam"))
            (address,) = shown.xpath("//img/@src")
            answers = await asyncio.gather(*(client.get(str(address)) for _ in range(3)))
            bodies = {await one.read() for one in answers}
            made = Image.open(BytesIO(bodies.pop()))
            assert (made.format, made.size, bodies) == ("WEBP", (240, 160), set())
            tag = answers[0].headers["ETag"]
            assert (await client.get(str(address), headers={"If-None-Match": tag})).status == 304
            (large,) = (await tree(await client.get("/article/a"))).xpath("//img/@src")
            assert Image.open(BytesIO(await (await client.get(str(large))).read())).size == (900, 600)
        assert len(outlet.requests) == 2  # one for each size
        async with page_with(settings) as client:
            assert (await client.get(str(address))).status == 200
        assert len(outlet.requests) == 2


async def test_anything_but_a_picture_within_reach_is_neither_shown_nor_requested_again(
    tmp_path: Path,
) -> None:
    bomb = answer(gzip_bomb(20), Content_Encoding="gzip", Content_Type="image/png")
    answers = {
        "/drawing.svg": answer(SVG, Content_Type="image/svg+xml"),
        "/bomb.png": bomb,
        "/gone.jpg": answer(status="404 Not Found"),
        "/metadata.jpg": redirect("http://169.254.169.254/latest/meta-data/"),
        "/file.jpg": redirect("file:///etc/passwd"),
    }
    async with serve(answers) as outlet:
        images = {path.strip("/").partition(".")[0]: outlet.url(path) for path in answers}
        images |= {"script": "javascript:alert(1)", "data": "data:image/png;base64,AAAA", "none": ""}
        async with page_with(settings_with(tmp_path, images)) as client:
            for _ in range(2):
                for name in (*images, "unknown"):
                    assert (await client.get(f"/image/{name}/small")).status == 404, name
    assert len(outlet.requests) == len(answers)


async def test_nothing_on_our_own_network_is_asked(tmp_path: Path) -> None:
    async with serve({"/router.jpg": answer(jpeg())}) as router:
        settings = settings_with(tmp_path, {"a": router.url("/router.jpg")}, reach=False)
        async with page_with(settings) as client:
            assert (await client.get("/image/a/small")).status == 404
    assert not router.requests


async def test_another_site_cannot_use_our_pictures(tmp_path: Path) -> None:
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    async with (
        serve({"/dam.jpg": answer(jpeg())}) as outlet,
        page_with(settings_with(tmp_path, {"a": outlet.url("/dam.jpg")})) as client,
    ):
        assert (await client.get("/image/a/small", headers=elsewhere)).status == 403
    assert not outlet.requests


async def test_without_the_setting_there_are_no_pictures(tmp_path: Path) -> None:
    async with page_with(settings_with(tmp_path, {"a": "https://radio.example/a.jpg"}, on=False)) as client:
        shown = await tree(await client.get("/?q=dam"))
        assert texts(shown, ".hit h2") == ["Dam a"]
        assert not shown.xpath("//img")
        assert (await client.get("/image/a/small")).status == 404


async def test_without_pillow_the_setting_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=r"wirewatch\[images\]"):
        async with images_of(settings_with(tmp_path, {})):
            pass
