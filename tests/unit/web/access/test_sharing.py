"""Single views for people without a log-in."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import html
from samples.access import Clock, login_of
from samples.archive import archive, report
from samples.page import HOST, Client, log_in, page_for, texts, tree
from samples.settings import settings_in

from web.access.audit import Audit
from web.access.services import Access, LogIn
from web.desk.desk import Desk

STORY = "0a" * 16


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(tmp_path: Path, clock: Clock) -> LogIn:
    return login_of(tmp_path, clock, ann="analyst", bob="analyst", rea="reader", root="admin")


@pytest.fixture
async def client(login: LogIn, clock: Clock, tmp_path: Path) -> AsyncIterator[Client]:
    archive(
        settings_in(tmp_path),
        [report(STORY, clock()), report("0b" * 16, clock(), title="Chess", text="A draw.")],
        clock(),
    )
    desk = Desk(tmp_path, clock)
    desk.add("star", "ann", STORY)
    desk.add("note", "ann", STORY, "SECRET NOTE")
    desk.add("tag", "ann", STORY, "secret-tag")
    desk.close()
    async with page_for(Access(login, audit=Audit(tmp_path, clock)), tmp_path) as made:
        yield made


async def leave(client: Client) -> None:
    await client.post("/logout")


async def share(client: Client, address: str, days: int = 7) -> str:
    """The path of a link that a person makes, who then logs out."""
    await log_in(client, "ann")
    made = await tree(await client.post("/desk/shares", data={"address": address, "days": str(days)}))
    (link,) = texts(made, "#link")
    await leave(client)
    assert link.startswith(f"http://{HOST}:")
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


async def status(client: Client, path: str, method: str = "GET") -> int:
    return (await client.request(method, path, allow_redirects=False)).status


async def test_whoever_has_the_link_sees_the_view_and_nothing_else(client: Client) -> None:
    link = await share(client, "/?q=dam&since=2026-01-01")
    answer = await client.get(link, allow_redirects=False)
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "private" in answer.headers["Cache-Control"]
    shown = await tree(answer)
    assert texts(shown, ".hit h2") == [f"Dam {STORY}"]
    assert "A view that ann shares with you" in texts(shown, "header")[0]
    inside = [str(one) for one in shown.xpath("//a/@href") if str(one) != "#main"]
    assert inside == [f"https://radio.example/{STORY}"]
    assert not shown.xpath("//form")
    secret = link.split("/")[2]
    for other in (
        "/?q=chess&since=2026-01-01",
        "/?q=dam",
        "/search.csv?q=dam&since=2026-01-01",
        f"/article/{STORY}",
        "/desk",
    ):
        assert await status(client, f"/shared/{secret}{other}") == 404
    assert await status(client, link, "POST") in (404, 405)
    assert await status(client, "/?q=dam&since=2026-01-01") == 303
    assert await status(client, f"/shared/{secret[:-1]}_/?q=dam&since=2026-01-01") == 404


@pytest.mark.parametrize(
    "address", ["/?q=dam", f"/article/{STORY}", f"/story/{STORY}", "/search.md?q=dam", "/search.json?q=dam"]
)
async def test_marks_and_notes_stay_in_the_house(client: Client, address: str) -> None:
    answer = await client.get(await share(client, address))
    assert answer.status == 200
    text = await answer.text()
    assert STORY in text
    assert "secret" not in text.casefold()
    if answer.content_type == "text/html":
        page = html.document_fromstring(text)
        assert not page.xpath("//a[starts-with(@href, '/') and not(starts-with(@href, '/static'))]")


async def test_a_view_is_shown_as_its_owner_sees_it(client: Client) -> None:
    shown = await tree(await client.get(await share(client, "/?q=starred:true")))
    assert texts(shown, ".hit h2") == [f"Dam {STORY}"]


async def test_reading_by_a_link_marks_nothing_as_read(client: Client, tmp_path: Path, clock: Clock) -> None:
    await client.get(await share(client, f"/article/{STORY}"))
    desk = Desk(tmp_path, clock)
    assert not desk.on("ann", [STORY])[STORY].read
    desk.close()


async def test_a_feed_reader_follows_a_search_by_its_link(client: Client) -> None:
    answer = await client.get(await share(client, "/search.atom?q=dam"))
    assert (answer.status, answer.content_type) == (200, "application/atom+xml")
    told = await answer.text()
    assert f"Dam {STORY}" in told
    assert 'rel="alternate"' not in told  # the search page is another view, which the link is not good for


async def test_a_link_ends_with_its_time_and_with_its_owner(
    client: Client, clock: Clock, login: LogIn
) -> None:
    short, long = await share(client, "/?q=dam", 1), await share(client, "/?q=dam", 30)
    clock.pass_by(timedelta(days=1))
    assert (await status(client, short), await status(client, long)) == (404, 200)
    login.accounts.remove("ann")
    assert await status(client, long) == 404


async def test_links_are_listed_and_revoked_by_their_owner_or_an_admin(
    client: Client, tmp_path: Path, clock: Clock, login: LogIn
) -> None:
    first, second = await share(client, "/?q=dam"), await share(client, "/?q=chess")
    ids = {one.address: one.id for one in login.shares.all()}  # type: ignore[union-attr]
    revoke = f"/desk/shares/{ids['/?q=dam']}/revoke"
    await log_in(client, "rea")
    assert await status(client, revoke, "POST") == 403
    await log_in(client, "bob")
    assert not texts(await tree(await client.get("/desk/shares")), "tbody tr")
    assert await status(client, revoke, "POST") == 404
    await log_in(client, "ann")
    assert len(texts(await tree(await client.get("/desk/shares")), "tbody tr")) == 2
    assert await status(client, revoke, "POST") == 303
    await log_in(client, "root")
    assert await status(client, f"/desk/shares/{ids['/?q=chess']}/revoke", "POST") == 303
    await leave(client)
    assert (await status(client, first), await status(client, second)) == (404, 404)
    noted = [(one.who, one.what, dict(one.about)) for one in Audit(tmp_path, clock).changes()]
    assert ("ann", "POST /desk/shares", {"share": ids["/?q=dam"], "address": "/?q=dam", "days": "7"}) in noted
    secrets = [link.split("/")[2] for link in (first, second)]
    written = (tmp_path / "audit.jsonl").read_bytes() + (tmp_path / "access.sqlite").read_bytes()
    assert not any(secret.encode() in written for secret in secrets)


async def test_the_form_shares_the_view_that_one_comes_from(client: Client) -> None:
    await log_in(client, "ann")
    site = client.session.headers["Origin"]
    assert "Share this view" in await (await client.get("/?q=dam")).text()
    form = await tree(
        await client.get("/desk/shares", headers={"Referer": f"{site}/?q=dam&since=2026-01-01"})
    )
    assert form.xpath("//input[@name='address']/@value") == ["/?q=dam&since=2026-01-01"]
    for elsewhere in ("https://evil.example/?q=dam", f"{site}/alerts"):
        form = await tree(await client.get("/desk/shares", headers={"Referer": elsewhere}))
        assert not form.xpath("//input[@name='address']")
    for sent in (
        {"address": "/audit", "days": "7"},
        {"address": "/?q=a", "days": "99"},
        {"address": "//evil.example/"},
    ):
        assert (await client.post("/desk/shares", data=sent)).status == 400
