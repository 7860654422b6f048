"""The desk and the log-in in a real browser: keys, no script, two people at once, a restart in the midst, and WCAG 2.2."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from acceptance.command import Wirewatch, demo_once, run
from acceptance.serving import answers
from browser.checks import assert_accessible, assert_nothing_is_cut
from samples.access import GOOD
from servers.commands import Process
from servers.ports import free_port
from waiting import wait_until

sync_api = pytest.importorskip("playwright.sync_api")
from playwright.sync_api import Browser, BrowserContext, Page  # noqa: E402


@dataclass
class Serving:
    """A page that can be killed and started again."""

    wirewatch: Wirewatch
    port: int
    process: Process | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.process = self.wirewatch.start("serve", "--port", str(self.port))
        wait_until(lambda: answers(f"{self.address}/login"))

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()


@pytest.fixture(scope="module")
def wirewatch(tmp_path_factory: pytest.TempPathFactory) -> Wirewatch:
    return demo_once(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def site(wirewatch: Wirewatch) -> Iterator[str]:
    """A page without a log-in."""
    serving = Serving(wirewatch, free_port())
    serving.start()
    yield serving.address
    serving.kill()


@pytest.fixture(scope="module")
def team(wirewatch: Wirewatch, site: str) -> Iterator[Serving]:
    """A page with people, over the same data; the one without a log-in has been started before there were any."""
    for name, role in (("ann", "analyst"), ("bob", "analyst"), ("rea", "reader")):
        run(
            "users", "add", name, "--role", role, "--stdin", *wirewatch.options(), given=GOOD
        ).check_returncode()
    serving = Serving(wirewatch, free_port())
    serving.start()
    yield serving
    serving.kill()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each of a person of its own; their script and style faults fail the test."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(**options: object) -> Page:
        contexts.append(browser.new_context(**options))  # type: ignore[arg-type]
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security" in said.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults


def log_in(page: Page, address: str, name: str, password: str = GOOD) -> None:
    page.goto(address)
    page.fill("#name", name)
    page.fill("#password", password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_marking_needs_no_mouse(open_page: Callable[..., Page], site: str) -> None:
    page = open_page()
    page.goto(f"{site}/?q=syria")
    page.keyboard.press("j")
    page.keyboard.press("j")
    title = page.locator(".hit.at h2").inner_text()
    with page.expect_response("**/desk/marks"):
        page.keyboard.press("s")
    sync_api.expect(page.locator(".hit.at .star button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("o")
    page.wait_for_url("**/article/*")
    sync_api.expect(page.locator(".desk .star button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("t")
    page.keyboard.type("by keys")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator(".desk .tags a")).to_have_text("by keys")
    page.wait_for_load_state()
    page.keyboard.press("/")
    page.keyboard.type('tag:"by keys" AND starred:true AND read:true')
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=*")
    assert page.locator(".hit h2").all_inner_texts() == [title]
    page.keyboard.press("j")
    with page.expect_response("**/desk/marks"):
        page.keyboard.press("s")
    sync_api.expect(page.locator(".hit.at .star button")).to_have_attribute("aria-pressed", "false")


def test_marking_needs_no_script(open_page: Callable[..., Page], site: str) -> None:
    page = open_page(java_script_enabled=False)
    page.goto(f"{site}/?q=geneva")
    address = page.url
    page.locator(".star button").first.click()
    sync_api.expect(page.locator(".star button").first).to_have_attribute("aria-pressed", "true")
    assert page.url == address
    page.locator(".hit h2 a").first.click()
    page.fill("#note", "<b>No script</b>\nbut a note")
    page.click("button[value=note]")
    assert page.locator(".desk .note p").first.inner_text() == "<b>No script</b>\nbut a note"
    page.click("summary")
    page.locator("button[value=wrong-name]").first.click()
    sync_api.expect(page.locator(".desk .wrong")).to_have_count(1)
    page.goto(f"{site}/?q=geneva&since=3650d")
    page.fill("#saved", "No script")
    page.click("button[value=save]")
    page.wait_for_url(f"{site}/desk")
    page.click("text=No script >> nth=0")
    page.wait_for_url(lambda url: url == f"{site}/?q=geneva&since=3650d")


def test_two_people_at_once_and_a_restart_in_the_midst(open_page: Callable[..., Page], team: Serving) -> None:
    ann, bob = open_page(), open_page()
    for page, name in ((ann, "ann"), (bob, "bob")):
        log_in(page, f"{team.address}/?q=aleppo", name)
        assert page.url == f"{team.address}/?q=aleppo"
        page.locator(".hit h2 a").first.click()
        page.wait_for_url("**/article/*")
    assert ann.url == bob.url
    ann.fill("#tag", "from ann")
    ann.click("button[value=tag]")
    sync_api.expect(ann.locator(".desk .tags a")).to_have_text("from ann")
    team.kill()
    team.start()
    bob.fill("#tag", "from bob")  # his page is from before the restart
    bob.click("button[value=tag]")
    sync_api.expect(bob.locator(".desk .tags a")).to_have_text(["from ann", "from bob"])
    bob.fill("#assign", "ann")
    with bob.expect_navigation():
        bob.click("button[value=assign]")
    with ann.expect_response("**/desk/marks"):
        ann.locator(".desk .star button").click()
    ann.goto(f"{team.address}/desk")
    assert ann.locator("h2").all_inner_texts()[:2] == ["Assigned to you", "Starred"]
    bob.goto(f"{team.address}/desk")
    assert "Starred" not in bob.locator("h2").all_inner_texts()
    bob.click("text=Log out")
    bob.wait_for_url("**/login")
    bob.goto(f"{team.address}/desk")
    assert bob.url.startswith(f"{team.address}/login")
    ann.reload()
    assert ann.locator(".who").inner_text().startswith("ann")


def test_a_wrong_password_a_reader_and_a_link_from_elsewhere(
    open_page: Callable[..., Page], team: Serving, site: str
) -> None:
    page = open_page()
    log_in(page, f"{team.address}/desk", "rea", "wrong password")
    assert page.locator("[role=alert]").inner_text() == "The name or the password is not right."
    log_in(page, f"{team.address}/?q=syria", "rea")
    assert page.locator(".hit").count() > 0
    assert page.locator(".star, #saved").count() == 0
    page.route(
        "https://mail.example/",
        lambda route: route.fulfill(body=f'<a href="{team.address}/desk">x</a>', content_type="text/html"),
    )
    page.goto("https://mail.example/")
    page.click("a")
    page.wait_for_url(f"{team.address}/desk")
    sync_api.expect(page.locator("h1")).to_have_text("Desk")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_desk_meets_wcag(browser: Browser, site: str, team: Serving, scheme: str) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]  # axe is put into the page
    page = context.new_page()
    page.goto(f"{site}/?q=damascus")
    article = str(page.locator(".hit h2 a").first.get_attribute("href"))
    page.goto(f"{site}{article}")
    for field, text, do in (("tag", "urgent", "tag"), ("note", "Call.", "note")):
        page.fill(f"#{field}", text)
        with page.expect_navigation():
            page.click(f"button[value={do}]")
    page.click("summary")
    with page.expect_navigation():
        page.locator("button[value=not-topic]").first.click()
    for view in (
        f"{site}{article}",
        f"{site}/?q=tag:urgent",
        f"{site}/desk",
        f"{site}/audit",
        f"{team.address}/login",
    ):
        page.goto(view)
        assert_accessible(page, view)
        for width in (320, 768, 1920):
            page.set_viewport_size({"width": width, "height": 800})
            assert_nothing_is_cut(page, f"{view} at {width}")
    context.close()


def test_a_view_is_shared_with_somebody_who_does_not_log_in(
    open_page: Callable[..., Page], team: Serving
) -> None:
    ann = open_page()
    log_in(ann, team.address, "ann")
    ann.goto(f"{team.address}/?q=truce")
    ann.get_by_role("link", name="Share this view").click()
    sync_api.expect(ann.locator("form.edit code")).to_have_text("/?q=truce")
    assert_accessible(ann, "the form")
    ann.get_by_role("button", name="Make a link").click()
    link = ann.locator("#link").input_value()
    assert_accessible(ann, "the link")
    for script in (True, False):
        other = open_page(java_script_enabled=script, viewport={"width": 360, "height": 700})
        other.goto(link)
        sync_api.expect(other.locator("header")).to_contain_text("A view that ann shares with you")
        assert other.locator(".hit h2").count() > 1
        if script:
            assert_accessible(other, "shared")
            assert_nothing_is_cut(other, "shared")
    other.goto(link.replace("truce", "peace"))
    sync_api.expect(other.locator("main")).to_contain_text("expired or was revoked")
    ann.get_by_role("button", name="Revoke the link to /?q=truce").click()
    sync_api.expect(ann.locator("main")).to_contain_text("No link is good now.")
    other.goto(link)
    sync_api.expect(other.locator("main")).to_contain_text("expired or was revoked")
