"""What a command that was asked for JSON prints when it fails."""

import msgspec


class Error(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/error/1"):
    """Why there is no answer."""

    kind: str
    """A stable word to count by: `query`, `configuration`, `usage`, `system`, or what the server's failure is called."""
    message: str
    """A sentence for a person."""
    query: str | None
    """The query that can't be understood; null for another fault."""
    position: int | None
    """Where the fault is in the query, in code points."""
