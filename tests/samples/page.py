"""The page over a data folder, for tests that send it requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse, CookieJar
from aiohttp.test_utils import TestClient, TestServer
from lxml import html
from samples.access import GOOD
from samples.settings import settings_in

from web.access.services import Access
from web.app import make_app
from wirewatch.commands.page.serving import services_of

Client = TestClient  # type: ignore[type-arg]  # of whatever request
HOST = "127.0.0.1"  # a cookie jar accepts cookies only from the host that was requested
OWN = {"Host": "desk.example", "Sec-Fetch-Site": "same-origin"}


@asynccontextmanager
async def page_over(folder: Path, **fetch: Any) -> AsyncIterator[Client]:
    """A client of the page over a data folder; it sends requests as our own pages do. `fetch` as for `settings_in`."""
    app = make_app(services_of(settings_in(folder, **fetch)), ["desk.example"])
    async with TestClient(TestServer(app)) as client:
        client.session.headers.update(OWN)
        yield client


@asynccontextmanager
async def page_for(access: Access, folder: Path) -> AsyncIterator[Client]:
    """A client of the page over a data folder with accounts; it keeps cookies, as a browser does."""
    names: list[str] = []
    server = TestServer(make_app(services_of(settings_in(folder), access), names))
    async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as client:
        names.append(f"{HOST}:{server.port}")
        client.session.headers["Origin"] = f"http://{HOST}:{server.port}"
        yield client


async def log_in(client: Client, name: str = "ann", password: str = GOOD, after: str = "") -> ClientResponse:
    """Log a person in, who is led to `after`."""
    form = {"name": name, "password": password, "next": after}
    return await client.post("/login", data=form, allow_redirects=False)


async def tree(answer: ClientResponse, status: int = 200) -> html.HtmlElement:
    """The parsed page of a response."""
    assert (answer.status, answer.content_type) == (status, "text/html"), await answer.text()
    return html.document_fromstring(await answer.text())


def texts(page: html.HtmlElement, path: str) -> list[str]:
    """The texts of the elements that a CSS selector finds."""
    return [" ".join(str(one.text_content()).split()) for one in page.cssselect(path)]


def filled_in(page: html.HtmlElement, path: str = "form.edit") -> dict[str, Any]:
    """The fields of a form as a browser would send them: a list if several have one name."""
    (form,) = page.cssselect(path)
    found: dict[str, Any] = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return found
