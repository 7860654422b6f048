"""TOML files that users write, or were sent by others: read within bounds."""

import re
import tomllib
from typing import Any

from stream.errors import ConfigError

MAX_BYTES = 25_000_000
"""Of a file; a hundred thousand alerts take about twenty million."""
MAX_PARTS = 32
"""Of a dotted key: what it costs grows with the square of their number (50 kB of them would take gigabytes)."""

_TOO_MANY_PARTS = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{MAX_PARTS}}}")


def read_toml(data: bytes, name: str) -> dict[str, Any]:
    """The content of a TOML file.

    Args:
        data: the file.
        name: what to call it in errors.

    Raises:
        ConfigError: it is no TOML, or goes beyond the bounds; names the file, and the place where that is known.
    """
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{name}: has {len(data):,} bytes; expected at most {MAX_BYTES:,}")
    try:
        text = data.decode("utf-8-sig")
        deep = _TOO_MANY_PARTS.search(text)
        if deep:
            line = text.count("\n", 0, deep.start()) + 1
            raise ConfigError(f"{name}, line {line}: expected keys of at most {MAX_PARTS} parts")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{name}: expected UTF-8, found byte {data[error.start]:#04x} at {error.start}"
        ) from None
    except RecursionError:
        raise ConfigError(f"{name}: not valid TOML: it is nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError is one; a number of thousands of digits gives another
        raise ConfigError(f"{name}: not valid TOML: {error}") from None
