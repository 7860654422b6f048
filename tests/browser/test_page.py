"""The page in a real browser, over the demo's articles: keys, no script, a phone, and WCAG 2.2 by axe-core."""

import re
from collections.abc import Iterator

import pytest
from acceptance.command import demo_once
from acceptance.serving import serving
from browser.checks import assert_accessible, assert_nothing_is_cut

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect

VIEWS = (
    "/",
    "/?q=syria",
    "/?q=topic:syria+AND+NOT+lang:en",
    "/?q=xylophonist",
    "/?q=syria+AND+(",
    "/nosuch",
    "/api",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page that `wirewatch serve` serves."""
    command = demo_once(tmp_path_factory.mktemp("demo"))
    with serving(*command.options()) as address:
        yield address


def test_a_reader_needs_no_mouse(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type('"peace talks"')
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.locator(".hit mark").first.inner_text().lower() == "peace talks"
    second = page.locator(".hit h2").nth(1).inner_text()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/article/*")
    assert page.locator("h1").inner_text() == second
    page.go_back()
    assert page.locator("#q").input_value() == '"peace talks"'


def test_the_page_serves_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site)
    page.fill("#q", "syria")
    page.click(".ask button")
    page.wait_for_url("**/?q=syria*")
    total = page.locator(".total").inner_text()
    page.locator(".facets td a").first.click()
    expect(page.locator(".chip")).to_have_count(2)
    page.locator(".chip a").nth(1).click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(".total")).to_have_text(total, use_inner_text=True)
    page.locator("svg a:has(rect.f0)").first.click()
    page.wait_for_url("**since=*")
    context.close()


def test_bars_and_facets_lead_to_what_they_count(page: Page, site: str) -> None:
    page.goto(f"{site}/?q=syria")
    row = page.locator(".facets tr:has(.number)").nth(1)
    counted = row.locator(".number").inner_text()
    row.locator("a").first.click()
    expect(page.locator(".total")).to_have_text(re.compile(rf"\s*{counted} article"))


def test_strangers_texts_run_nothing(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/?q=source:%22the+broken+bugle%22")
    assert page.locator(".hit").count() > 0
    page.locator(".hit h2 a").first.click()
    page.wait_for_url("**/article/*")
    assert all(url.startswith(site) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_meets_wcag(browser: Browser, site: str, scheme: str) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # axe is put into the page
    page = context.new_page()
    page.goto(f"{site}/?q=syria")
    article = page.locator(".hit h2 a").first.get_attribute("href")
    for view in (*VIEWS, article):
        page.goto(f"{site}{view}")
        assert_accessible(page, view)
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_nothing_is_cut_at_any_width(browser: Browser, site: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for view in VIEWS:
        page.goto(f"{site}{view}")
        assert_nothing_is_cut(page, view)
    page.close()
