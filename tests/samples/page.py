"""The page over a data folder, for tests that send it requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from lxml import html
from samples.settings import settings_in

from web.app import make_app
from wirewatch.commands.page.serving import services_of

Client = TestClient  # type: ignore[type-arg]  # of whatever request
OWN = {"Host": "desk.example", "Sec-Fetch-Site": "same-origin"}


@asynccontextmanager
async def page_over(folder: Path, **fetch: Any) -> AsyncIterator[Client]:
    """A client of the page over a data folder; it sends requests as our own pages do. `fetch` as for `settings_in`."""
    app = make_app(services_of(settings_in(folder, **fetch)), ["desk.example"])
    async with TestClient(TestServer(app)) as client:
        client.session.headers.update(OWN)
        yield client


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
