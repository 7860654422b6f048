"""Alerts, topics, sources and operations in a real browser: typed, without script, two people at once, a phone, axe-core."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from acceptance.command import Wirewatch, demo_once
from acceptance.serving import serving
from browser.checks import assert_accessible, assert_nothing_is_cut

pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, Page, expect

VIEWS = (
    *("/alerts", "/alerts/Peace%20talks", "/alerts/Peace%20talks/edit", "/new/alert?query=syria+AND+("),
    *("/topics", "/topics/syria", "/new/topic", "/sources", "/new/source", "/status"),
    *("/sources?status=gone", "/new/alert?query=syria&at_least=2&quiet=22:00-06:00"),
)


@dataclass(frozen=True)
class Site:
    """A page that `wirewatch serve` serves, and the command over the same folder."""

    url: str
    command: Wirewatch


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    command = demo_once(tmp_path_factory.mktemp("demo"))
    with serving(*command.options()) as address:
        yield Site(address, command)


def keys_of(site: Site, alert: str) -> dict[str, object]:
    (found,) = [one for one in site.command.ask("alerts", "list")["alerts"] if one["name"] == alert]
    keys: dict[str, object] = found["keys"]
    return keys


def test_a_search_becomes_an_alert_while_its_effect_follows_the_typing(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/?q=syria")
    page.click("text=Make an alert of this")
    total = page.locator(".trial .total")
    expect(total).to_contain_text("messages")
    before = total.inner_text()
    page.fill("#query", "xylophonist")
    expect(total).to_have_text("0 messages")
    page.fill("#query", "syria AND (")
    expect(page.locator(".trial .fault")).to_contain_text("missing")
    page.fill("#query", "syria")
    expect(total).to_have_text(before)
    page.click("text=When it fires")
    page.fill("#at_least", "3")
    expect(total).not_to_have_text(before)
    page.fill("#name", "From the page")
    page.press("#name", "Enter")
    expect(page.locator(".saved")).to_contain_text("Saved")
    assert keys_of(site, "From the page") == {"name": "From the page", "query": "syria", "at_least": 3}


def test_alerts_topics_and_sources_are_edited_without_script(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/new/alert")
    page.fill("#query", "truce")
    page.click("button:text-is('Try')")
    expect(page.locator(".trial .total")).to_contain_text("message")
    page.fill("#name", "No script")
    page.fill("#query", "truce AND )")
    page.click("button:text-is('Save')")
    expect(page.locator("#query-fault mark")).to_have_text(")")
    page.fill("#query", "truce")
    page.click("button:text-is('Save')")
    page.select_option("#for", "8")
    page.click("button:text-is('Mute')")
    expect(page.locator(".facts")).to_contain_text("muted until")
    assert "muted_until" in keys_of(site, "No script")
    page.click("summary:text-is('Remove')")
    page.click("text=Remove the alert")
    expect(page.locator(".saved")).to_contain_text("Removed 'No script'")

    page.goto(f"{site.url}/new/topic")
    page.fill("#id", "palmyra")
    page.fill("#name", "Palmyra")
    page.fill("#query", "palmyra")
    page.click("button:text-is('Try')")
    expect(page.locator(".trial .total")).to_contain_text("gained")
    page.click("button:text-is('Save')")
    expect(page.locator("tbody")).to_contain_text("Palmyra")
    assert "palmyra" in {
        one["id"] for one in site.command.ask("topics", "check", "--since", "4000d")["topics"]
    }

    page.goto(f"{site.url}/sources")
    page.click("text=Lantern Review")
    page.fill("#country", "SE")
    page.click("button:text-is('Save')")
    page.click("button:text-is('Pause')")
    expect(page.locator(".head .tag")).to_have_text("paused")
    page.goto(f"{site.url}/sources?country=SE")
    expect(page.locator("tbody th")).to_contain_text("Lantern Review")
    page.click("text=Lantern Review")
    page.click("button:text-is('Ask it again')")
    context.close()


def test_two_people_at_once_overwrite_nothing(browser: Browser, site: Site) -> None:
    site.command.run("alerts", "add", "Both", "first")
    mine, theirs = browser.new_page(), browser.new_page()
    for one in (mine, theirs):
        one.goto(f"{site.url}/alerts/Both/edit")
    theirs.fill("#query", "theirs")
    theirs.click("button:text-is('Save')")
    expect(theirs.locator(".saved")).to_contain_text("Saved")
    mine.fill("#query", "mine")
    mine.click("button:text-is('Save')")
    expect(mine.locator(".fault").first).to_contain_text("changed in the meantime")
    expect(mine.locator(".conflict")).to_contain_text("theirs")
    assert keys_of(site, "Both")["query"] == "theirs"
    assert mine.input_value("#query") == "mine"
    site.command.run("alerts", "mute", "Both")  # and the command line beside them
    mine.click("button:text-is('Save')")
    expect(mine.locator(".fault").first).to_contain_text("changed in the meantime")
    mine.click("button:text-is('Save')")
    expect(mine.locator(".saved")).to_contain_text("Saved")
    assert keys_of(site, "Both") == {"name": "Both", "query": "mine", "muted": True}
    mine.close()
    theirs.close()


def test_the_quarantine_is_emptied_by_hand(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/status")
    boxes = page.locator(".picked input[type=checkbox]")
    before = boxes.count()
    assert before > 1
    boxes.first.check()
    page.click("text=Discard the chosen")
    expect(page.locator(".saved")).to_have_text("Discarded.")
    expect(boxes).to_have_count(before - 1)
    page.locator("button:text-is('Retry all')").first.click()
    expect(page.locator(".saved")).to_contain_text("Put back")


def test_forms_need_no_mouse(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/new/alert")
    page.locator("#name").focus()
    page.keyboard.type("By keys /")  # no shortcut acts while one types
    assert page.input_value("#name") == "By keys /"
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type("truce")
    expect(page.locator(".trial .total")).to_contain_text("message")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_meets_wcag(browser: Browser, site: Site, scheme: str) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # axe is put into the page
    page = context.new_page()
    for view in (*VIEWS, first_source(page, site)):
        page.goto(f"{site.url}{view}")
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert_accessible(page, view)
    context.close()


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_nothing_is_cut_at_any_width(browser: Browser, site: Site, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    for view in (*VIEWS, first_source(page, site)):
        page.goto(f"{site.url}{view}")
        assert_nothing_is_cut(page, view)
    page.close()


def first_source(page: Page, site: Site) -> str:
    page.goto(f"{site.url}/sources")
    return page.locator("tbody th a").first.get_attribute("href") or ""
