"""The error hierarchy.

WirewatchError
 +- ConfigError     the user's files or options are wrong: reported once at startup, then exit
 |   +- FieldError  the value of one key is wrong: carries the key
 |   +- EditConflict  what was to be changed has changed meanwhile: nothing was overwritten
 +- QueryError      a query string is wrong: carries the position of the error
 +- Reject          this message can never be handled: quarantine it
 +- RetryLater      this message can't be handled now: try again later
 +- StageBroken     the stage refuses everything: stop, and say so

Errors with extra fields can be pickled, because worker processes send them back.
"""

import unicodedata

from stream.display import one_line

_MAX_KIND = 60
_SHOWN = 60
"""Characters of a query shown on either side of the error."""


class WirewatchError(Exception):
    """Base of all errors that wirewatch raises; the docstring of each subclass says how to handle it."""


class ConfigError(WirewatchError):
    """The configuration is wrong. The message names the file, the key and the expected value."""


class NewerVersion(ConfigError):
    """A newer wirewatch wrote what is stored; only that one can read it."""


class MustBeRebuilt(ConfigError):
    """An older wirewatch wrote what is stored, or it is damaged; the next start of who writes it builds it anew."""


class QueryError(WirewatchError):
    """A query can't be parsed or executed.

    Args:
        reason: what is wrong, in a sentence.
        query: the whole query string.
        position: offset of the error in `query`, in code points.
    """

    def __init__(self, reason: str, query: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.query = query
        self.position = position

    def __reduce__(self) -> tuple[type["QueryError"], tuple[str, str, int]]:
        return type(self), (self.reason, self.query, self.position)

    def __str__(self) -> str:
        """The reason, the query line (only the part near the error if it is long), and a caret under the error."""
        start = self.query.rfind("\n", 0, self.position) + 1
        start, cut = max(start, self.position - _SHOWN), self.position - start > _SHOWN
        before = _printable(self.query[start : self.position])
        after = _printable(self.query[self.position : self.position + _SHOWN].partition("\n")[0])
        left = "..." if cut else ""
        indent = len(left) + sum(map(_columns, before))
        return f"{self.reason}\n  {left}{before}{after}\n  {' ' * indent}^"


class FieldError(ConfigError):
    """The value of a key is wrong.

    Args:
        where: what has the key, such as `alerts.toml, alert 'Dams'`.
        key: its name.
        reason: what is wrong, in a sentence; or the error of a query.
    """

    def __init__(self, where: str, key: str, reason: str | QueryError) -> None:
        self.where = where
        self.key = key
        self.reason = reason.reason if isinstance(reason, QueryError) else reason
        self.query = reason.query if isinstance(reason, QueryError) else None
        self.position = reason.position if isinstance(reason, QueryError) else None
        place = "" if self.position is None else f", position {self.position}"
        super().__init__(f"{where}, key {key!r}{place}: {reason}")

    def __reduce__(self) -> tuple[type["FieldError"], tuple[str, str, str | QueryError]]:
        fault = self.reason if self.query is None else QueryError(self.reason, self.query, self.position or 0)
        return type(self), (self.where, self.key, fault)


class EditConflict(ConfigError):
    """What was to be changed has changed, or is gone, since its editor read it. Nothing was overwritten."""


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _columns(char: str) -> int:
    """The width of a character in terminal columns."""
    if unicodedata.category(char) == "Mn":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


class Reject(WirewatchError):
    """This message can never be handled as it is; it goes to quarantine.

    Args:
        kind: a short stable name for grouping, such as `not-html` or `too-large`.
        reason: a sentence for the person who reviews the quarantine; it is sanitised for display.
    """

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = one_line(kind, _MAX_KIND)
        self.reason = one_line(reason)
        super().__init__(f"{self.kind}: {self.reason}")

    def __reduce__(self) -> tuple[type["Reject"], tuple[str, str]]:
        return type(self), (self.kind, self.reason)


class RetryLater(WirewatchError):
    """This message can't be handled now, but may succeed later (a host is down, a disk is full).

    Args:
        kind: a short stable name for grouping, such as `timeout` or `http-503`.
        reason: a sentence for a person to read; it is sanitised for display.
        after: minimum seconds to wait (from Retry-After, for example); None: use the normal back-off.
    """

    def __init__(self, kind: str, reason: str, after: float | None = None) -> None:
        self.kind = one_line(kind, _MAX_KIND)
        self.reason = one_line(reason)
        super().__init__(f"{self.kind}: {self.reason}")
        self.after = after

    def __reduce__(self) -> tuple[type["RetryLater"], tuple[str, str, float | None]]:
        return type(self), (self.kind, self.reason, self.after)


class StageBroken(WirewatchError):
    """A stage failed on so many messages in a row that it must be at fault itself: it stops instead of emptying its topic."""
