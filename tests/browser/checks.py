"""Rules for every page."""

import pytest

axe_api = pytest.importorskip("axe_playwright_python.sync_playwright")
from playwright.sync_api import Page  # noqa: E402


def assert_accessible(page: Page, view: str) -> None:
    """Fail if axe-core finds a violation of WCAG 2.2."""
    found = axe_api.Axe().run(page)
    assert found.violations_count == 0, f"{view}\n{found.generate_report()}"


def assert_nothing_is_cut(page: Page, view: str) -> None:
    """Fail if a reader must scroll sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view
