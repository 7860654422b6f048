import re
from collections.abc import AsyncIterator
from pathlib import Path

import jsonschema
import pytest
from lxml import html
from samples.access import GOOD, Clock, login_of
from samples.page import Client, log_in, page_for

from results.json_schema import json_schema
from web.access.admission import Admission
from web.access.audit import Audit, Recorded
from web.access.person import Person
from web.access.proxy import Proxy, networks_of
from web.access.services import Access, LogIn
from web.desk.desk import Desk

CROSS = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(tmp_path: Path, clock: Clock) -> LogIn:
    return login_of(tmp_path, clock, ann="analyst", root="admin", rea="reader")


@pytest.fixture
async def client(login: LogIn, clock: Clock, tmp_path: Path) -> AsyncIterator[Client]:
    async with page_for(Access(login, audit=Audit(tmp_path, clock)), tmp_path) as made:
        yield made


def routes_of(client: Client) -> list[tuple[str, str]]:
    """The method and the path of each address."""
    routes = client.app.router.routes()  # type: ignore[union-attr]
    return sorted({(route.method, route.resource.canonical) for route in routes if route.resource})


def one_of(path: str) -> str:
    """An address of a route."""
    return re.sub(r"{\w+}", "x", path)


async def status(client: Client, path: str, method: str = "GET", **headers: str) -> int:
    return (await client.request(method, path, headers=headers, allow_redirects=False)).status


async def test_nobody_reads_without_a_log_in(client: Client) -> None:
    led = await client.get("/article/x?q=a", allow_redirects=False)
    assert (led.status, led.headers["Location"]) == (303, "/login?next=/article/x?q%3Da")
    told = await client.get("/api/v1/articles")
    assert (told.status, told.content_type) == (401, "application/problem+json")
    assert told.headers["WWW-Authenticate"].startswith("Bearer")
    assert await status(client, "/desk", "POST") == 401
    assert await status(client, "/nosuch") == 303
    assert await status(client, "/static/style.css") == 200


async def test_no_address_is_answered_to_strangers(client: Client) -> None:
    """Nor is one that is added later: every route is requested."""
    asked = 0
    for method, path in routes_of(client):
        if path in ("/login", "/static"):
            continue
        if path.startswith("/shared/"):
            assert await status(client, one_of(path), method) == 404
            continue
        answer = await client.request(method, one_of(path), allow_redirects=False)
        is_a_page = method in ("GET", "HEAD") and not path.startswith(("/api/", "/search"))
        assert answer.status == (303 if is_a_page else 401), (method, path)
        assert "private" in answer.headers["Cache-Control"]
        asked += 1
    assert asked > 40


async def test_changes_need_a_role_and_each_attempt_is_noted(
    client: Client, tmp_path: Path, clock: Clock
) -> None:
    await log_in(client, "rea")
    unsafe = [
        (method, one_of(path))
        for method, path in routes_of(client)
        if method not in ("GET", "HEAD") and path not in ("/login", "/logout")
    ]
    for method, path in unsafe:
        assert await status(client, path, method) == 403, (method, path)
    noted = [(one.what, one.outcome) for one in Audit(tmp_path, clock).changes()]
    assert noted[1:] == [(f"{method} {path}", "403") for method, path in unsafe]


async def test_a_log_in_returns_to_the_requested_page_and_ends_with_the_log_out(client: Client) -> None:
    began = await log_in(client, " Ann ", after="/?q=a")
    assert (began.status, began.headers["Location"]) == (303, "/?q=a")
    cookie = began.headers["Set-Cookie"]
    assert cookie.startswith("wirewatch=")
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie
    page = await client.get("/")
    assert "There is nothing to search yet" in await page.text()
    assert "Log out" in await page.text()
    kept = client.session.cookie_jar.filter_cookies(client.make_url("/"))["wirewatch"].value
    assert await status(client, "/logout", "POST") == 303
    assert await status(client, "/") == 303
    assert await status(client, "/", Cookie=f"wirewatch={kept}") == 303  # it is worthless, not only forgotten


async def test_a_log_in_leads_to_no_other_site(client: Client) -> None:
    assert (await log_in(client, after="//evil.example")).headers["Location"] == "/"


async def test_a_wrong_name_and_a_wrong_password_look_the_same(client: Client) -> None:
    answers = [
        await log_in(client, *given) for given in (("ann", "wrong password"), ("nobody", "wrong password"))
    ]
    texts = [await answer.text() for answer in answers]
    assert [answer.status for answer in answers] == [401, 401]
    assert texts[0] == texts[1]
    assert "The name or the password is not right." in texts[0]
    assert "Set-Cookie" not in answers[0].headers


async def test_guessing_is_slowed_down_and_then_even_the_right_password_fails(client: Client) -> None:
    for _ in range(12):
        await log_in(client)  # who is right uses nothing up
    wrong = [(await log_in(client, "ann", "wrong password")).status for _ in range(12)]
    assert wrong == [401] * 10 + [429] * 2
    assert (await log_in(client)).status == 429


async def test_roles_bound_what_is_done(client: Client) -> None:
    await log_in(client, "rea")
    assert await status(client, "/logoutx", "POST") == 403
    assert await status(client, "/desk/nosuch", "POST") == 403
    await log_in(client, "ann")
    assert await status(client, "/desk/nosuch", "POST") in (404, 405)
    assert await status(client, "/sources/nosuch", "POST") == 403
    await log_in(client, "root")
    assert await status(client, "/sources/nosuch", "POST") in (404, 405)


async def test_an_analyst_edits_alerts_and_topics_but_adds_no_address(client: Client) -> None:
    dams = {"name": "Dams", "query": "dam AND river", "to": "https://hooks.example/x"}
    await log_in(client, "rea")
    assert await status(client, "/alerts", "POST") == 403
    assert 'class="reads"' in await (await client.get("/alerts")).text()
    await log_in(client, "ann")
    refused = await client.post("/alerts", data=dams, allow_redirects=False)
    assert refused.status == 422
    assert "only an admin adds an address" in await refused.text()
    told = await client.post("/api/v1/alerts", json={**dams, "to": [dams["to"]]})
    assert (told.status, (await told.json())["parameter"]) == (422, "to")
    made = await client.post("/alerts", data={**dams, "to": ""}, allow_redirects=False)
    assert made.status == 303
    shown = await (await client.get("/alerts/Dams")).text()
    assert 'class="reads"' not in shown
    assert 'name="to"' not in await (await client.get("/new/alert")).text()
    topic = {"id": "dams", "name": "Dams", "query": "dam"}
    assert (await client.post("/topics", data=topic, allow_redirects=False)).status == 303


async def test_tokens_are_for_programs(client: Client, login: LogIn) -> None:
    _, secret = login.tokens.add("root", "x", "read", None)
    bearer = f"Bearer {secret}"
    assert await status(client, "/api/v1/articles", Authorization=bearer) == 503  # there is no archive
    assert await status(client, "/api/v1/articles", Authorization=f"{bearer}x") == 401
    del client.session.headers["Origin"]
    refused = await client.post("/api/v1/desk/x", headers={"Authorization": bearer})
    assert refused.status == 403
    assert "needs the scope desk" in (await refused.json())["detail"]
    await log_in(client)  # a session does not make up for an invalid token
    assert await status(client, "/api/v1/articles", Authorization="Bearer x") == 401


async def test_changes_are_logged_with_their_author(client: Client, tmp_path: Path, clock: Clock) -> None:
    await log_in(client, GOOD, "x")  # a password where the name should be
    await log_in(client, "ann", "wrong password")
    await log_in(client, "ann")
    await status(client, "/desk/nosuch", "POST")
    await status(client, "/sources", "POST")
    await client.get("/")
    noted = [(one.who, one.by, one.what, one.outcome) for one in Audit(tmp_path, clock).changes()]
    assert noted == [
        ("(unknown)", "session", "log-in", "401"),
        ("ann", "session", "log-in", "401"),
        ("ann", "session", "log-in", "done"),
        ("ann", "session", "POST /desk/nosuch", noted[3][3]),
        ("ann", "session", "POST /sources", "403"),
    ]
    assert GOOD not in (tmp_path / "audit.jsonl").read_text()


async def test_a_link_from_elsewhere_is_followed_with_the_session(client: Client) -> None:
    """A browser sends a strict cookie with it only after a page of ours has repeated the request."""
    answer = await client.get('/?q="><script>', headers=CROSS)
    text = await answer.text()
    assert answer.status == 200
    assert '<meta http-equiv="refresh" content="0; url=/?q=' in text
    assert "<script>" not in text
    assert (await client.get("/", headers={"Sec-Fetch-Site": "none"}, allow_redirects=False)).status == 303


async def test_encrypted_cookies_are_bound_to_the_host(login: LogIn, tmp_path: Path) -> None:
    async with page_for(Access(login, encrypted=True), tmp_path) as client:
        began = await log_in(client)
        cookie = began.headers["Set-Cookie"]
        assert cookie.startswith("__Host-wirewatch=")
        for part in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
            assert part in cookie
        assert "Domain" not in cookie
        assert began.headers["Strict-Transport-Security"]


async def test_a_proxy_names_people_and_nobody_else_does(login: LogIn, tmp_path: Path) -> None:
    trusted = Proxy(networks_of(["127.0.0.0/8"]), "Remote-User", "read")
    async with page_for(Access(login, trusted), tmp_path) as client:
        assert await status(client, "/", **{"Remote-User": "Root"}) == 200
        assert await status(client, "/sources/nosuch", "POST", **{"Remote-User": "root"}) in (404, 405)
        assert await status(client, "/desk/nosuch", "POST", **{"Remote-User": "somebody"}) == 403
        assert await status(client, "/", **{"Remote-User": ""}) == 303
    async with page_for(Access(login, Proxy(networks_of(["10.0.0.2"]), "Remote-User")), tmp_path) as client:
        assert await status(client, "/", **{"Remote-User": "root"}) == 303


async def test_a_busy_program_is_told_to_wait(login: LogIn, tmp_path: Path) -> None:
    slow = LogIn(login.accounts, login.sessions, login.tokens, per_minute=5)
    async with page_for(Access(slow), tmp_path) as client:
        _, secret = login.tokens.add("ann", "x", "read", None)
        headers = {"Authorization": f"Bearer {secret}"}
        answers = [await client.get("/api/v1/nosuch", headers=headers) for _ in range(6)]
        assert [answer.status for answer in answers] == [404] * 5 + [429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 12


async def test_a_stream_ends_with_the_session_or_token(login: LogIn) -> None:
    time = [0.0]
    token, secret = login.tokens.add("ann", "x", "read", None)

    async def who() -> Person | None:
        return login.tokens.whose(secret)

    admission = Admission(who, "read", lambda: time[0])
    login.tokens.revoke(token.id)
    assert await admission.still_holds()  # it is looked up every 30 seconds
    time[0] = 31.0
    assert not await admission.still_holds()
    desk = Admission(who, "desk", lambda: time[0])
    _, secret = login.tokens.add("ann", "x", "read", None)
    time[0] = 62.0
    assert not await desk.still_holds()


async def test_what_is_changed_is_noted_without_secrets(client: Client, tmp_path: Path, clock: Clock) -> None:
    await log_in(client, "root")
    await client.post(
        "/alerts", data={"name": "Talks", "query": "(", "secret": "hunter2"}, allow_redirects=False
    )
    await client.post("/api/v1/alerts", json={"name": "Talks", "query": "("})
    await client.post("/api/v1/quarantine/retry", json={"ids": ["f00"]})
    noted = [dict(one.about) for one in Audit(tmp_path, clock).changes()][1:]
    assert noted == [{"alert": "Talks"}, {"alert": "Talks"}, {"messages": "f00"}]
    assert "hunter2" not in (tmp_path / "audit.jsonl").read_text()


async def test_this_machine_needs_no_log_in(clock: Clock, tmp_path: Path) -> None:
    async with page_for(Access(audit=Audit(tmp_path, clock)), tmp_path) as client:
        page = await client.get("/")
        assert page.status == 200
        assert "Log out" not in await page.text()
        assert (await client.get("/login", allow_redirects=False)).headers["Location"] == "/"
        await status(client, "/sources/nosuch", "POST")
        assert [one.who for one in Audit(tmp_path, clock).changes()] == ["local"]


async def test_a_note_is_deleted_by_its_author_or_an_admin(
    client: Client, tmp_path: Path, clock: Clock
) -> None:
    desk = Desk(tmp_path, clock)
    one, other = (desk.add("note", "bob", "a" * 32, text) for text in ("one", "other"))
    for name, note, expected in (("ann", one, 403), ("root", one, 303), ("ann", other, 403)):
        await log_in(client, name)
        form = {"article": "a" * 32, "do": "unnote", "name": note.name}
        answer = await client.post("/desk/marks", data=form, allow_redirects=False)
        assert answer.status == expected, name
    assert [mark.value for mark in desk.listed(["note"])] == ["other"]


async def test_admins_read_the_audit_log(client: Client) -> None:
    await log_in(client, "ann")
    assert await status(client, "/audit") == await status(client, "/api/v1/audit") == 403
    await status(client, "/sources/<b>x", "POST")
    await log_in(client, "root")
    shown = html.document_fromstring(await (await client.get("/audit")).text())
    rows = [" ".join(str(row.text_content()).split()) for row in shown.cssselect("tbody tr")]
    assert len(rows) == 3
    assert "root session" in rows[0]
    assert "POST /sources/<b>x 403" in rows[1]
    found = await (await client.get("/api/v1/audit?who=ann&limit=1")).json()
    jsonschema.validate(found, json_schema(Recorded))
    assert [(one["who"], one["outcome"]) for one in found["changes"]] == [("ann", "403")]
