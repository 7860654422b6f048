"""Stories, articles and entities in a real browser: no script, keys, right to left, a phone, and WCAG 2.2 by axe-core."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from acceptance.command import Wirewatch
from acceptance.serving import serving
from browser.checks import assert_accessible, assert_nothing_is_cut
from samples.reading import HOSTILE, STORY, make_archive
from samples.settings import settings_in

from stream.messages import article_id

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect

EDITED, ARABIC, CHINESE, BAD = (
    article_id(url)
    for url in (
        "https://post.example/2",
        "https://nahr.example/4",
        "https://zh.example/6",
        "https://bad.example/5",
    )
)
VIEWS = (
    "/?q=talks",
    "/?q=talks&all=1",
    "/?q=163+in:any-version",
    "/stories?since=all",
    "/stories?since=1h&topic=nosuch",
    f"/story/{STORY}",
    f"/story/{BAD}",
    f"/article/{EDITED}?q=talks",
    f"/article/{EDITED}/version/0",
    f"/article/{ARABIC}",
    f"/article/{CHINESE}",
    f"/article/{BAD}",
    "/entity/wikidata:Q1",
    "/entity/Geneva",
    "/entity/Geneva?since=1h",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page over a small archive."""
    folder = tmp_path_factory.mktemp("reading")
    settings = settings_in(folder)
    make_archive(settings.paths.index)
    (folder / "wirewatch.toml").touch()
    settings.paths.feeds.write_text('<opml version="2.0"><body></body></opml>')
    command = Wirewatch(folder, folder / "wirewatch.toml", settings.paths.feeds)
    with serving(*command.options()) as address:
        yield address


def test_from_a_hit_to_its_story_to_who_is_named_without_script(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/?q=talks")
    page.click("text=+2 outlets")
    expect(page.locator("h1")).to_have_text("Talks open in Geneva")
    expect(page.locator(".lanes tbody tr")).to_have_count(4)
    page.locator("summary").click()
    assert page.locator(".reports details li").inner_text().startswith("Valley Herald")
    page.locator("aside >> text=Geneva").click()
    expect(page.locator("h1")).to_have_text("Geneva")
    page.locator(".graph a").first.click()
    expect(page.locator("h1")).to_have_text("Ann Smith")
    context.close()


def test_edits_are_read_and_earlier_versions_opened(page: Page, site: str) -> None:
    page.goto(f"{site}/?q=136")
    page.click(".hit .state")
    page.wait_for_url("**#changes")
    expect(page.locator(".edits del")).to_have_text(["put off", "163"])
    page.click("text=version 0")
    expect(page.locator("article")).to_contain_text("163 people")


def test_a_topic_leads_to_its_words(page: Page, site: str) -> None:
    page.goto(f"{site}/article/{STORY}")
    page.locator(".facets li a[href^='#']").first.click()
    expect(page.locator(":target")).to_have_text("talks")


def test_the_reports_of_a_story_are_gone_through_by_keys(page: Page, site: str) -> None:
    page.goto(f"{site}/story/{STORY}")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "Talks in Geneva go on"
    page.keyboard.press("o")
    page.wait_for_url("**/article/*")


def test_the_citation_is_copied(browser: Browser, site: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site}/article/{STORY}")
    page.click("button[data-copies]")
    page.wait_for_selector("text=Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#citation").input_value()
    context.close()


def test_right_to_left_is_set_right_to_left(page: Page, site: str) -> None:
    page.goto(f"{site}/article/{ARABIC}")
    text, outlet = page.locator("article.text > p").first, page.locator("article .by")
    assert text.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert outlet.evaluate("one => getComputedStyle(one).direction") == "ltr"


def test_what_strangers_wrote_runs_nothing(page: Page, site: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda _: asked.append("a dialog"))
    for view in (
        f"/story/{BAD}",
        f"/article/{BAD}",
        "/stories?since=all",
        f"/entity/{quote(HOSTILE, safe='')}",
    ):
        page.goto(f"{site}{view}")
    assert all(url.startswith(site) for url in asked)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_meets_wcag(browser: Browser, site: str, scheme: str) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # axe is put into the page
    page = context.new_page()
    for view in VIEWS:
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
