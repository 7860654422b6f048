"""The search page with script: what it says while one types, what is new, the keys, the reader's own zone."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from acceptance.serving import serving
from browser.checks import assert_accessible
from samples.reading import article, enriched, make_archive
from samples.settings import settings_in
from waiting import wait_until

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, Route, expect

from index.embedded.store import EmbeddedStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_archive(settings_in(tmp_path).paths.index)
    add(tmp_path, *(f"Football report {number}" for number in range(30)))
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Iterator[str]:
    """The address of a page over that archive."""
    with serving("--data", str(folder)) as address:
        yield address


def add(folder: Path, *titles: str) -> None:
    with EmbeddedStore.open(settings_in(folder).paths.index) as store:
        for title in titles:
            url = f"https://late.example/{title.replace(' ', '-')}"
            store.add(enriched(article(url, "Late Post", title, "All of it.", minutes=90)))
        store.flush()


def is_offered(page: Page) -> None:
    """Wait until it is offered how what stands in the box may go on: the answers to what stood there before have gone by."""
    wait_until(lambda: page.evaluate("isOffered()"))


def test_what_is_typed_is_judged_and_completed_without_a_mouse(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type("talks AND (")
    expect(page.locator("#told .fault mark")).to_have_count(1)
    assert page.locator("#q").get_attribute("aria-invalid") == "true"
    page.keyboard.type("source:low")
    option = page.locator("#options [role=option]")
    is_offered(page)
    expect(option).to_have_count(1)
    page.keyboard.press("ArrowDown")
    assert page.locator("#q").get_attribute("aria-activedescendant") == "option-0"
    page.keyboard.press("Enter")
    assert page.locator("#q").input_value() == 'talks AND (source:"Lowland Post" '
    page.keyboard.type("OR lang:en AND monday)")
    expect(page.locator("#told .warning")).to_contain_text("AND")
    expect(page.locator("#told .quiet code")).to_contain_text("(lang:en AND monday)")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=talks*")
    assert page.locator(".hit").count() == 1


def test_escape_closes_what_is_offered_and_keeps_what_was_typed(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type("topic:")
    is_offered(page)
    page.keyboard.press("Escape")
    expect(page.locator("#options")).to_be_hidden()
    assert page.locator("#q").input_value() == "topic:"
    assert page.locator("#q").get_attribute("aria-expanded") == "false"


def test_what_is_new_is_counted_and_taken_in_without_moving_what_is_read(
    page: Page, site: str, folder: Path
) -> None:
    page.goto(f"{site}/?q=football&all=1")
    for _ in range(8):
        page.keyboard.press("j")
    read = page.locator(".hit.at")
    name, place = read.locator("h2").inner_text(), top(page)
    add(folder, "Football at last", "Football <b>again</b>", "Chess")
    expect(page.locator("#new")).to_contain_text("2 new")
    assert page.title().startswith("(2) ")
    assert top(page) == place
    page.keyboard.press("n")
    expect(page.locator(".hit.fresh")).to_have_count(2)
    expect(page.locator("#new")).to_be_hidden()
    assert abs(top(page) - place) <= 1, "what is read stays where it is"
    assert read.locator("h2").inner_text() == name
    for _ in range(9):
        page.keyboard.press("k")
    assert {hit.inner_text() for hit in page.locator(".hit.fresh h2").all()} == {
        "Football at last",
        "Football <b>again</b>",
    }
    assert page.locator(".hit.at.fresh").count() == 1
    add(folder, "Football at night")
    page.locator("#new").click()
    expect(page.locator(".hit.fresh")).to_have_count(3)


def test_what_comes_while_others_are_taken_in_stays_new(page: Page, site: str, folder: Path) -> None:
    page.goto(f"{site}/?q=football&all=1")
    held: list[Route] = []
    page.route("**/hits?*", lambda route: held.append(route))  # noqa: PLW0108 - playwright sets an attribute of it
    add(folder, "Football at last", "Football again")
    expect(page.locator("#new")).to_contain_text("2 new")
    with page.expect_request("**/hits?*"):
        page.keyboard.press("n")
    page.keyboard.press("n")
    add(folder, "Football at night")
    expect(page.locator("#new")).to_contain_text("3 new")
    (route,) = held
    route.continue_()
    expect(page.locator(".hit.fresh")).to_have_count(2)
    expect(page.locator("#new")).to_contain_text("1 new")
    page.unroute("**/hits?*")
    page.keyboard.press("n")
    expect(page.locator(".hit.fresh")).to_have_count(3)
    expect(page.locator("#new")).to_be_hidden()


def test_what_was_offered_before_more_was_typed_is_not_put_into_it(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type("source:lo")
    is_offered(page)
    page.keyboard.press("ArrowDown")
    page.route("**/complete?*", lambda route: route.abort())
    page.keyboard.type("w")
    page.locator("#options [role=option]").first.click()
    assert page.locator("#q").input_value() == "source:low"
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=source%3Alow*")


def test_a_site_that_stopped_is_told_to_who_asks_and_loses_nothing(
    page: Page, site: str, folder: Path
) -> None:
    page.goto(f"{site}/?q=football")
    add(folder, "Football at last")
    expect(page.locator("#new")).to_contain_text("1 new")
    page.route("**/*", lambda route: route.abort())
    with page.expect_event("requestfailed", lambda request: "/check?" in request.url):
        page.locator("#q").press_sequentially("cup AND ")
    assert page.locator("#q").input_value() == "cup AND football"
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator(".said")).to_contain_text("does not answer")
    expect(page.locator("#new")).to_contain_text("1 new")


def top(page: Page) -> float:
    place: float = page.evaluate("document.querySelector('.hit.at').getBoundingClientRect().top")
    return place


def test_a_sound_is_made_only_if_it_was_asked_for(page: Page, site: str) -> None:
    page.goto(site)
    page.evaluate(
        "window.tones = 0; OscillatorNode.prototype.start = () => { window.tones += 1; };"
        "OscillatorNode.prototype.stop = () => {}; void 0"
    )
    assert page.evaluate("ring(); window.tones") == 0
    page.get_by_label("Sound for alerts").check()
    assert page.evaluate("window.tones") == 2, "so that one knows how it sounds"
    page.evaluate(
        "alerted({ alert: 'Syria', reason: 'It matched.', hit: null, source_news: null, held: false })"
    )
    assert page.evaluate("window.tones") == 4
    assert page.locator("#alerted").inner_text() == "Syria: It matched."
    page.reload()
    assert page.get_by_label("Sound for alerts").is_checked()


def test_all_keys_are_shown_and_the_link_is_copied(browser: Browser, site: str) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{site}/?q=talks")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("j")
    assert page.locator(".hit.at").count() == 0
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    page.keyboard.press("y")
    expect(page.locator(".said")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site}/?q=talks"
    context.close()


def test_days_and_times_are_those_of_the_reader(browser: Browser, site: str) -> None:
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(site)
    page.locator(".period summary").click()
    page.get_by_label("Since").fill("2026-03-01 21:00")
    page.get_by_label("Until").fill("2026-03-01 21:30")
    page.keyboard.press("Enter")
    page.wait_for_url("**since=2026-03-01T12%3A00%3A00Z*")
    assert "2026-03-01 21:00" in page.locator(".bar").inner_text()
    assert "01 Mar 2026" in page.locator(".axis").inner_text()
    page.locator(".period summary").click()
    assert page.get_by_label("Since").input_value() == "2026-03-01 21:00"
    context.close()


def test_a_drag_over_the_chart_zooms(page: Page, site: str) -> None:
    page.goto(site)
    bars = page.locator(".chart svg a")
    assert bars.count() > 1
    first, last = bars.nth(0).get_attribute("href"), bars.nth(1).get_attribute("href")
    place = page.locator(".chart svg").bounding_box()
    assert place
    assert first
    assert last
    wide, middle = place["width"] / bars.count(), place["y"] + place["height"] / 2
    page.mouse.move(place["x"] + wide * 1.5, middle)
    page.mouse.down()
    page.mouse.move(place["x"] + wide * 0.5, middle, steps=5)
    expect(page.locator(".chart .chosen")).to_have_count(1)
    page.mouse.up()
    page.wait_for_url("**since=*")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["since"] == parse_qs(urlsplit(first).query)["since"]
    assert asked["until"] == parse_qs(urlsplit(last).query)["until"]


def test_stories_of_facets_are_counted_when_a_reader_comes_near(page: Page, site: str) -> None:
    page.goto(f"{site}/?q=talks")
    page.locator(".facets").hover()
    expect(page.locator("[data-by=language] .number").first).to_have_attribute("title", "1 story")


def test_the_open_box_and_the_keys_meet_wcag(browser: Browser, site: str) -> None:
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(f"{site}/?q=talks")
    page.keyboard.press("/")
    page.keyboard.type(" AND (topic:")
    is_offered(page)
    expect(page.locator("#told .fault")).to_be_visible()
    page.keyboard.press("ArrowDown")
    assert_accessible(page, page.url)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert_accessible(page, page.url)
    context.close()
