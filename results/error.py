"""What a command with `--json` prints when it fails."""

import msgspec


class Error(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/error/1"):
    """Why there is no answer."""

    kind: str
    """A stable word for counting: `query`, `configuration`, `usage`, `system`, or the kind of the server's failure."""
    message: str
    """A sentence for a person."""
    query: str | None
    """The query that can't be understood; null for another fault."""
    position: int | None
    """Where the fault is in the query, in code points."""
