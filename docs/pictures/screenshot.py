"""Takes the pictures of the page, from the demo: a search, and the search box while one types.

Needs Chromium and the test extra.

python docs/pictures/screenshot.py
"""

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

SEARCH, BOX = Path(__file__).with_name("page.png"), Path(__file__).with_name("box.png")
WIREWATCH = Path(sys.executable).with_name("wirewatch")
WORLD, PORT = 8791, 8792
ADDRESS = f"http://127.0.0.1:{PORT}/"


def main() -> None:
    """Gather the demo's news, serve it, take the picture."""
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
            with urllib.request.urlopen(ADDRESS):
                return
        except urllib.error.URLError:
            time.sleep(0.2)
    sys.exit("the page did not come up")


def _take() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 760})
        page.goto(f"{ADDRESS}?q=syria")
        page.screenshot(path=SEARCH)
        page.set_viewport_size({"width": 1200, "height": 420})
        page.keyboard.press("/")
        page.keyboard.press("End")
        page.keyboard.type(" OR truce AND topic:pea")
        page.locator("#options [role=option]").first.wait_for()
        page.locator("#told .warning").first.wait_for()
        page.keyboard.press("ArrowDown")
        page.screenshot(path=BOX)
        browser.close()


if __name__ == "__main__":
    main()
