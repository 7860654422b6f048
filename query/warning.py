"""What a warning about a query is."""

from typing import Literal

import msgspec

Kind = Literal[
    "precedence", "short-prefix", "lower-case-operator", "punctuation", "wildcard-at-end", "mixed-scripts",
    "only-negation", "never", "other-language", "attached-words",
]  # fmt: skip


class Warning(msgspec.Struct, frozen=True):  # noqa: A001 - it is not the exception
    """A likely mistake.

    Attributes:
        kind: a stable name for grouping.
        position: where in the query, in code points.
        message: a sentence for the analyst.
    """

    kind: Kind
    position: int
    message: str
