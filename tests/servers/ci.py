"""Extra requirements in CI: no test is skipped, and every run is like the last."""

import os
from typing import NoReturn

import pytest


def in_ci() -> bool:
    """Whether the environment variable CI is true."""
    return os.environ.get("CI", "").lower() == "true"


def skip(reason: str) -> NoReturn:
    """Skip the test with the reason, a sentence; in CI, where everything must run, fail it."""
    if in_ci():
        pytest.fail(f"In CI every test must run. {reason}")
    pytest.skip(reason)
