"""Reads TOML files, which users write or get from others, within bounds."""

import re
import tomllib
from typing import Any

from stream.errors import ConfigError

MAX_BYTES = 25_000_000
"""The largest file, in bytes; a hundred thousand alerts take about twenty million."""
MAX_LINE = 200_000
"""The longest line, in characters: a number with millions of digits would take hundreds of megabytes."""
MAX_PARTS = 32
"""The most parts of a dotted key: its cost grows with the square of their number (a key of 50 kB would take gigabytes)."""

_TOO_MANY_PARTS = re.compile(rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{MAX_PARTS}}}")
_TOO_LONG = re.compile(rf"(?<![^\n])[^\n]{{{MAX_LINE}}}")


def read_toml(data: bytes, name: str) -> dict[str, Any]:
    """The content of a TOML file.

    Args:
        data: the file.
        name: what to call it in errors.

    Raises:
        ConfigError: it is not TOML, or exceeds the bounds; names the file, and the place if known.
    """
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{name}: has {len(data):,} bytes; expected at most {MAX_BYTES:,}")
    try:
        text = data.decode("utf-8-sig")
        _check(text, _TOO_LONG, f"lines of at most {MAX_LINE:,} characters", name)
        _check(text, _TOO_MANY_PARTS, f"keys of at most {MAX_PARTS} parts", name)
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"{name}: expected UTF-8, found byte {data[error.start]:#04x} at {error.start}"
        ) from None
    except RecursionError:
        raise ConfigError(f"{name}: not valid TOML: it is nested too deeply") from None
    except (
        ValueError
    ) as error:  # TOMLDecodeError is a ValueError; a number of thousands of digits raises another
        raise ConfigError(f"{name}: not valid TOML: {error}") from None


def _check(text: str, fault: re.Pattern[str], expected: str, name: str) -> None:
    """Raise ConfigError if a text would be expensive to read."""
    found = fault.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        raise ConfigError(f"{name}, line {line}: expected {expected}")
