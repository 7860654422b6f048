"""The lock files: they agree with each other, and pin every requirement."""

import re
import tomllib

from samples.places import ROOT

PIN = re.compile(r"^([\w.-]+==[^\s;\\]+)", re.MULTILINE)


def pins(name: str) -> set[str]:
    return set(PIN.findall((ROOT / name).read_text("utf-8")))


def test_both_locks_pin_the_same() -> None:
    assert pins("requirements.lock") == pins("requirements-hashes.lock"), "renew them with .ci/lock"


def test_the_other_locks_pin_no_other_versions() -> None:
    for name in ("requirements-run.lock", "requirements-kubernetes.lock", "requirements-audit.lock"):
        versions = dict(pin.split("==") for pin in pins("requirements.lock"))
        for package, version in (pin.split("==") for pin in pins(name)):
            if name == "requirements-run.lock" or package in versions:
                assert f"{package}=={version}" in pins("requirements.lock"), f"{name}: renew it with .ci/lock"


def test_what_wirewatch_needs_to_run_is_all_in_its_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["images"]]
    names = {re.split(r"[\[><=; ]", one)[0] for one in wanted}
    found = {pin.partition("==")[0] for pin in pins("requirements-run.lock")}
    assert names <= found, "renew it with .ci/lock"
    assert not {"pytest", "mypy", "ruff"} & found


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["bench"]]
    names = {re.split(r"[\[><=; ]", one)[0] for one in wanted}
    assert names <= {pin.partition("==")[0] for pin in pins("requirements.lock")}, "renew them with .ci/lock"
