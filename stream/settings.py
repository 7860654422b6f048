"""What settings are made of: bounded numbers, and the faults that types alone can't tell.

Settings stand as a frozen struct beside what they configure; wirewatch/config.py composes them, and says where a fault stands.
"""

from collections.abc import Iterator
from typing import Annotated, NamedTuple, Protocol

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
"""0: any free port, or none, as the setting says."""


class Fault(NamedTuple):
    """What is wrong with a setting."""

    key: str
    """Its name within its section, such as `ca_file`."""
    expected: str
    """What was expected and what was found, for a person."""


class Checked(Protocol):
    """A section of the configuration with checks of its own."""

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the values, taken together."""


def login_faults(username: str, password: str, api_key: str, section: str) -> Iterator[Fault]:
    """What is wrong with a login by a key, or by a name and a password."""
    if api_key and username:
        yield Fault("api_key", f"expected either a key, or {section}.username and {section}.password")
    if bool(username) != bool(password):
        yield Fault("username", f"{section}.username and {section}.password belong together")
