"""The channels that deliver to this machine, and Apprise against a server on it."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from lxml import etree
from samples.alerts import alert, mention, source_mention
from samples.documents import checked
from samples.strangers import HOSTILE, IMAGE

from alerts.channels.apprise import apprise
from alerts.channels.definitions import Apprise, Channel, Elasticsearch, Feed, File, Stdout, Webhook
from alerts.channels.elasticsearch import MAPPING
from alerts.channels.post import open_post
from alerts.channels.sender import Means, sender
from stream.errors import Reject, RetryLater

ATOM = "{http://www.w3.org/2005/Atom}"


async def nothing(*_: object) -> int:
    return 200


def means(folder: Path, put: Any = None) -> Means:
    return Means(folder, nothing, put)


async def test_a_file_gets_one_line_per_alert(tmp_path: Path) -> None:
    send = sender(File("deep/alerts.jsonl"), means(tmp_path))
    await send(alert(1))
    await send(alert(2))
    lines = (tmp_path / "deep" / "alerts.jsonl").read_text().splitlines()
    assert [json.loads(line)["key"] for line in lines] == ["talks|1|desk", "talks|2|desk"]


async def test_a_truncated_line_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").write_text('{"key": "ha')
    await sender(File(), means(tmp_path))(alert(1))
    assert json.loads((tmp_path / "alerts.jsonl").read_text().splitlines()[1])["alert"] == "talks"


@pytest.mark.parametrize("channel", [File("a/b"), Feed("a/b")])
async def test_a_file_that_cannot_be_written_is_retried(tmp_path: Path, channel: Channel) -> None:
    (tmp_path / "a").write_text("in the way")
    with pytest.raises(RetryLater, match=r"can't be written"):
        await sender(channel, means(tmp_path))(alert())


async def test_a_feed_has_the_newest_first_and_no_more_than_configured(tmp_path: Path) -> None:
    send = sender(Feed("a.atom", "Mine", entries=3), means(tmp_path))
    for number in (1, 2, 3, 4, 4):
        await send(alert(number, mentions=(mention(number, title=f"T{number} \x00 <&>"),)))
    root = etree.parse(tmp_path / "a.atom").getroot()
    titles = [entry.findtext(f"{ATOM}title") for entry in root.findall(f"{ATOM}entry")]
    assert [title.split(": ")[1][:2] for title in titles if title] == ["T4", "T3", "T2"]
    assert root.findtext(f"{ATOM}title") == "Mine"
    assert len({entry.findtext(f"{ATOM}id") for entry in root.findall(f"{ATOM}entry")}) == 3


async def test_a_damaged_feed_is_started_over(tmp_path: Path) -> None:
    (tmp_path / "a.atom").write_text("<feed")
    await sender(Feed("a.atom"), means(tmp_path))(alert())
    assert len(etree.parse(tmp_path / "a.atom").getroot().findall(f"{ATOM}entry")) == 1


async def test_standard_output_for_people_and_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await sender(Stdout(), means(tmp_path))(alert())
    assert capsys.readouterr().out.startswith("[warning] talks: Powers agree\n  Herald")
    await sender(Stdout("json"), means(tmp_path))(alert())
    assert checked(json.loads(capsys.readouterr().out))["alert"] == "talks"


async def test_a_document_has_the_fields_of_the_mapping(tmp_path: Path) -> None:
    stored: dict[str, Mapping[str, Any]] = {}

    async def put(key: str, document: Mapping[str, Any]) -> None:
        stored[key] = document

    await sender(Elasticsearch(), means(tmp_path, put))(alert(kibana="https://kibana.example"))
    assert stored[alert().key].keys() == MAPPING["properties"].keys()
    assert checked(msgspec.json.decode(msgspec.json.encode(stored[alert().key])))
    with pytest.raises(Reject, match=r"elasticsearch\.hosts is not set"):
        sender(Elasticsearch(), means(tmp_path))


async def test_each_channel_can_report_a_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = alert(mentions=(source_mention(),))
    stored: dict[str, Mapping[str, Any]] = {}

    async def put(key: str, document: Mapping[str, Any]) -> None:
        stored[key] = document

    for channel in (File(), Stdout(), Feed("a.atom"), Elasticsearch()):
        await sender(channel, means(tmp_path, put))(told)
    line = json.loads((tmp_path / "alerts.jsonl").read_text())
    assert (line["hits"], checked(line)["source_news"][0]["status"]) == ([], "silent")
    assert "13 items were expected" in capsys.readouterr().out
    entry = etree.parse(tmp_path / "a.atom").getroot().find(f"{ATOM}entry")
    assert entry is not None
    assert (entry.findtext(f"{ATOM}title") or "").endswith("Radio went silent")
    document = stored[told.key]
    assert document.keys() == MAPPING["properties"].keys() - {"kibana"}
    assert (document["articles"], document["stories"], document["sources"]) == ([], [], ["Radio"])


async def test_nothing_acts_where_strangers_text_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    posted: list[bytes] = []

    async def post(_: str, body: bytes, __: Mapping[str, str]) -> int:
        posted.append(body)
        return 200

    mentions = tuple(
        msgspec.structs.replace(mention(title=one), source=one, clause=one, url="javascript:alert(1)")
        for one in HOSTILE
    )
    told = alert(mentions=mentions, reason=" ".join(HOSTILE[:-1]))
    for channel in (File(), Stdout(), Stdout("json"), Feed("a.atom"), Webhook("https://desk.example")):
        await sender(channel, Means(tmp_path, post, None))(told)
    lines = (tmp_path / "alerts.jsonl").read_text()
    printed = capsys.readouterr().out
    assert lines.count("\n") == 1
    assert json.loads(lines) == json.loads(posted[0])
    assert [hit["article"]["title"] for hit in json.loads(lines)["hits"]] == [one.title for one in mentions]
    for text in (lines, printed, posted[0].decode()):
        assert not [char for char in text if not char.isprintable() and char != "\n"]
    root = etree.parse(tmp_path / "a.atom").getroot()
    (entry,) = root.findall(f"{ATOM}entry")
    assert all(str(element.tag).startswith(ATOM) for element in root.iter())
    assert entry.find(f"{ATOM}link") is None
    content = entry.findtext(f"{ATOM}content") or ""
    assert not [char for char in content if not char.isprintable() and char != "\n"]
    assert f"{IMAGE} · 2026-03-14" in content


async def serve(status: int) -> tuple[web.AppRunner, str, list[bytes]]:
    got: list[bytes] = []

    async def answer(request: web.Request) -> web.Response:
        got.append(await request.read())
        return web.Response(status=status, headers={"Location": "/elsewhere"})

    application = web.Application()
    application.router.add_post("/{tail:.*}", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    return runner, f"127.0.0.1:{port}", got


async def test_apprise_delivers_headline_and_message(tmp_path: Path) -> None:
    runner, host, got = await serve(200)
    await sender(Apprise(f"json://{host}/path"), means(tmp_path))(alert())
    await runner.cleanup()
    sent = json.loads(got[0])
    assert sent["title"].startswith("[warning] talks")
    assert "**peace talks**" in sent["message"]
    assert sent["type"] == "warning"


async def test_what_apprise_cannot_deliver_is_retried_and_shows_no_password() -> None:
    runner, host, _ = await serve(500)
    with pytest.raises(RetryLater) as caught:
        await apprise(f"json://user:s3cret@{host}")(alert())
    await runner.cleanup()
    assert "s3cret" not in str(caught.value)


async def test_the_webhooks_client_follows_no_redirect_and_shows_no_token() -> None:
    runner, host, got = await serve(302)
    async with open_post("wirewatch-test") as post:
        assert await post(f"http://{host}/t0ken", b"{}", {}) == 302
        assert len(got) == 1
        await runner.cleanup()
        with pytest.raises(RetryLater) as caught:
            await post(f"http://{host}/t0ken", b"{}", {})
    assert "t0ken" not in str(caught.value)
    await asyncio.sleep(0)


async def test_a_webhook_uses_the_given_client(tmp_path: Path) -> None:
    await sender(Webhook("https://desk.example"), means(tmp_path))(alert())
