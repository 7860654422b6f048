"""The lock files: they agree with each other, and pin every requirement."""

import re
import tomllib

from samples.places import ROOT

PIN = re.compile(r"^([\w.-]+==[^\s;\\]+)", re.MULTILINE)


def pins(name: str) -> set[str]:
    return set(PIN.findall((ROOT / name).read_text("utf-8")))


def test_both_locks_pin_the_same() -> None:
    assert pins("requirements.lock") == pins("requirements-hashes.lock"), "renew them with .ci/lock"


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    wanted = [*project["dependencies"], *extras["test"], *extras["bench"]]
    names = {re.split(r"[\[><=; ]", one)[0] for one in wanted}
    assert names <= {pin.partition("==")[0] for pin in pins("requirements.lock")}, "renew them with .ci/lock"
