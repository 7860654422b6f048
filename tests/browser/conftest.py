"""A real browser, and a page in it."""

import shutil
from collections.abc import Iterator

import pytest
from servers.ci import skip
from waiting import PATIENCE

sync_api = pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect  # noqa: E402

PATIENCE_MS = PATIENCE * 1000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        skip("There is no chromium on this machine (Debian: apt-get install chromium).")
    with sync_api.sync_playwright() as playwright:
        # The sandbox doesn't work as root; it is off only here.
        launched = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"], timeout=PATIENCE_MS
        )
        launched.on("context", lambda context: context.set_default_timeout(PATIENCE_MS))
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose script and style faults fail the test."""
    context = browser.new_context()
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.close()
    assert not faults
