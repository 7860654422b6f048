"""Takes the pictures of the page, from the demo: its main views, the search box while one types, and two of them on a phone.

Needs Chromium and the test extra.

python docs/pictures/screenshot.py
"""

import io
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
WIREWATCH = Path(sys.executable).with_name("wirewatch")
WORLD, PORT = 8791, 8792
ADDRESS = f"http://127.0.0.1:{PORT}"
VIEWS = {
    "page": ("/?q=syria", 760),
    "topics": ("/topics", 760),
    "alert": ("/new/alert?name=Talks&query=syria+AND+talks&channels=file", 900),
    "sources": ("/sources", 760),
    "entity": ("/entity/Staffan%20de%20Mistura", 900),
    "status": ("/status", 760),
}
"""The address of each view, and the height of its picture."""
COLOURS = 128


def main() -> None:
    """Gather the demo's news, serve it, take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([WIREWATCH, "demo", "--once", "--data", folder, "--port", str(WORLD)], check=True)
        serving = subprocess.Popen([WIREWATCH, "serve", "--data", folder, "--port", str(PORT)])
        try:
            _wait()
            _take()
        finally:
            serving.terminate()
            serving.wait()


def _wait() -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(f"{ADDRESS}/"):
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    sys.exit("the page did not come up")


def _take() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 760})
        for name, (address, height) in VIEWS.items():
            page.set_viewport_size({"width": 1200, "height": height})
            page.goto(f"{ADDRESS}{address}")
            _save(page, name)
        _article_and_story(page)
        _box(page)
        _phone(browser.new_page(viewport={"width": 390, "height": 760}, device_scale_factor=2))
        browser.close()


def _article_and_story(page: Page) -> None:
    page.set_viewport_size({"width": 1200, "height": 820})
    page.goto(f"{ADDRESS}/?q=truce")
    page.locator(".hit h2 a").first.click()
    page.locator(".text").wait_for()
    _save(page, "article")
    page.locator(".kin a").first.click()
    page.locator(".lanes").wait_for()
    _save(page, "story")


def _box(page: Page) -> None:
    page.set_viewport_size({"width": 1200, "height": 420})
    page.goto(f"{ADDRESS}/?q=syria")
    page.keyboard.press("/")
    page.keyboard.press("End")
    page.keyboard.type(" OR truce AND topic:pea")
    page.locator("#options [role=option]").first.wait_for()
    page.locator("#told .warning").first.wait_for()
    page.keyboard.press("ArrowDown")
    _save(page, "box")


def _phone(page: Page) -> None:
    """A search and, in the dark, an article: side by side."""
    page.goto(f"{ADDRESS}/?q=syria")
    search = Image.open(io.BytesIO(page.screenshot()))
    page.emulate_media(color_scheme="dark")
    page.locator(".hit h2 a").first.click()
    page.locator(".text").wait_for()
    article = Image.open(io.BytesIO(page.screenshot()))
    gap = 40
    beside = Image.new("RGB", (search.width + gap + article.width, search.height), "white")
    beside.paste(search, (0, 0))
    beside.paste(article, (search.width + gap, 0))
    _write(beside, "phone")


def _save(page: Page, name: str) -> None:
    _write(Image.open(io.BytesIO(page.screenshot())), name)


def _write(picture: Image.Image, name: str) -> None:
    """With few colours: half the bytes, and no difference that is seen."""
    small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
