"""Building blocks of settings: bounded numbers, and checks that types alone can't express.

Settings are frozen structs beside the code they configure; wirewatch/config.py combines them, and says where an error is.
"""

from collections.abc import Iterator
from typing import Annotated, NamedTuple, Protocol

import msgspec

Positive = Annotated[float, msgspec.Meta(gt=0)]
NotNegative = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65_535)]
"""0: any free port, or none, depending on the setting."""


class Fault(NamedTuple):
    """An error in a setting."""

    key: str
    """Its name within its section, such as `ca_file`."""
    expected: str
    """What was expected and what was found, for a person."""


class Checked(Protocol):
    """A section of the configuration with its own checks."""

    def faults(self) -> Iterator[Fault]:
        """The errors in the combination of values."""


def login_faults(username: str, password: str, api_key: str, section: str) -> Iterator[Fault]:
    """The errors in a login, by a key or by a name and a password."""
    if api_key and username:
        yield Fault("api_key", f"expected either a key, or {section}.username and {section}.password")
    if bool(username) != bool(password):
        yield Fault("username", f"{section}.username and {section}.password belong together")
