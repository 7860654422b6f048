"""Whether a person has changed an object since wirewatch loaded it: then it is kept as it is.

What Kibana holds right after loading is remembered as a mark. Kibana adds defaults of its own, so what it holds is compared
with that mark, not with what was sent.
"""

import hashlib
import json
from typing import Any, Protocol


class Marks(Protocol):
    """Where marks are remembered, by space, kind and id of the object."""

    def get(self, key: str) -> str:
        """The mark; '' if there is none."""

    def put(self, key: str, mark: str) -> None:
        """Remember a mark in place of an older one."""


def mark_of(content: Any) -> str:
    """The same for the same content, whatever the order of its keys."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.blake2b(written, digest_size=16).hexdigest()


def may_replace(there: Any, wanted: Any, mark: str) -> bool:
    """Whether nothing that a person did would be lost.

    Args:
        there: what Kibana holds; None if nothing.
        wanted: what is to be loaded.
        mark: of what Kibana held after the last loading; '' if that is not known.
    """
    return there is None or mark_of(there) == mark or _holds(there, wanted)


def _holds(there: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there already, apart from what Kibana has added."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            key in there and _holds(there[key], value) for key, value in wanted.items()
        )
    if isinstance(wanted, list | tuple):
        same_length = isinstance(there, list) and len(there) == len(wanted)
        return same_length and all(map(_holds, there, wanted))
    return bool(there == wanted)
