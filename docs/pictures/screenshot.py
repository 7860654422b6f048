"""Takes the README's picture of the page, from the demo. Needs Chromium and the test extra.

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

PICTURE = Path(__file__).with_name("page.png")
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
            _take(f"{ADDRESS}?q=syria")
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


def _take(address: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 760})
        page.goto(address)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
