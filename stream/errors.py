"""The tree of errors.

WirewatchError
 +- ConfigError     the user's files or options are wrong: said once, at start, then exit
 +- QueryError      a query string is wrong: has the position of the fault
 +- Reject          this message can never be handled: quarantine it
 +- RetryLater      this message can't be handled now: try it again after a while
 +- StageBroken     the stage refuses everything: stop, and say so

Those with fields of their own can be pickled: they come back from worker processes.
"""

import unicodedata

MAX_REASON = 1_000
"""Characters of a reason, which may repeat what a stranger's server or page says."""
_MAX_KIND = 60
_SHOWN = 60
"""Characters of a query that are shown on either side of a fault."""


class WirewatchError(Exception):
    """Anything that wirewatch itself raises; the docstring of each child says what to do about it."""


class ConfigError(WirewatchError):
    """The configuration is wrong: names the file, the key and what was expected."""


class QueryError(WirewatchError):
    """A query can't be understood or honoured.

    Args:
        reason: what is wrong, in a sentence.
        query: the whole query string.
        position: offset of the fault in `query`, in code points.
    """

    def __init__(self, reason: str, query: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.query = query
        self.position = position

    def __reduce__(self) -> tuple[type["QueryError"], tuple[str, str, int]]:
        return type(self), (self.reason, self.query, self.position)

    def __str__(self) -> str:
        """The reason, the query's line (of a long one, what is near the fault), and a caret under the fault."""
        start = self.query.rfind("\n", 0, self.position) + 1
        start, cut = max(start, self.position - _SHOWN), self.position - start > _SHOWN
        before = _printable(self.query[start : self.position])
        after = _printable(self.query[self.position : self.position + _SHOWN].partition("\n")[0])
        left = "..." if cut else ""
        indent = len(left) + sum(map(_columns, before))
        return f"{self.reason}\n  {left}{before}{after}\n  {' ' * indent}^"


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _columns(char: str) -> int:
    """How wide a terminal shows a character."""
    if unicodedata.category(char) == "Mn":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def one_line(text: str, most: int = MAX_REASON) -> str:
    """A text that may be a stranger's on one line, not longer than `most`, without control characters and lone surrogates."""
    return " ".join(_printable(text[: 4 * most]).split())[:most]


class Reject(WirewatchError):
    """This message can never be handled as it is: it goes to the quarantine.

    Args:
        kind: a short stable word to count by, such as `not-html` or `too-large`.
        reason: a sentence for the person who looks at the quarantine; it is made fit to be shown.
    """

    def __init__(self, kind: str, reason: str) -> None:
        self.kind = one_line(kind, _MAX_KIND)
        self.reason = one_line(reason)
        super().__init__(f"{self.kind}: {self.reason}")

    def __reduce__(self) -> tuple[type["Reject"], tuple[str, str]]:
        return type(self), (self.kind, self.reason)


class RetryLater(WirewatchError):
    """This message can't be handled now, but may be later (a host that is down, a full disk).

    Args:
        kind: a short stable word to count by, such as `timeout` or `http-503`.
        reason: a sentence for the person who looks; it is made fit to be shown.
        after: seconds to wait at least (from Retry-After, say); None leaves it to the back-off.
    """

    def __init__(self, kind: str, reason: str, after: float | None = None) -> None:
        self.kind = one_line(kind, _MAX_KIND)
        self.reason = one_line(reason)
        super().__init__(f"{self.kind}: {self.reason}")
        self.after = after

    def __reduce__(self) -> tuple[type["RetryLater"], tuple[str, str, float | None]]:
        return type(self), (self.kind, self.reason, self.after)


class StageBroken(WirewatchError):
    """A stage rejected so many messages in a row that the fault is its own: it stops instead of emptying its topic."""
