"""The section [log] of the configuration."""

from typing import Literal

import msgspec

from stream.settings import Count, Positive


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The log between the stages, and the lines that tell what goes on."""

    backlog: Count = 2_000
    """A stage pauses while more messages than this wait for the next one."""
    keep_days: Positive = 30.0
    """How long messages are kept once they are processed: a replay can reach this far back."""
    keep_bytes: Count = 5_000_000_000
    """The maximum size of each topic."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least important lines that are written to standard error; `debug` has one for each message of each stage. At a
    terminal, where a table is shown instead, only warnings and errors appear."""
    format: Literal["text", "json"] = "text"
    """How these lines are written: as `key=value` (logfmt), or one JSON object each."""
