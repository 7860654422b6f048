"""What a form or a program asks to be marked."""

from collections.abc import Mapping

import msgspec

from results.desk import MarkKind
from web.errors import BadRequest

DEEDS: Mapping[str, tuple[MarkKind, bool]] = {
    "star": ("star", True),
    "unstar": ("star", False),
    "read": ("read", True),
    "unread": ("read", False),
    "tag": ("tag", True),
    "untag": ("tag", False),
    "note": ("note", True),
    "unnote": ("note", False),
    "assign": ("assigned", True),
    "unassign": ("assigned", False),
    "not-topic": ("not-topic", True),
    "is-topic": ("not-topic", False),
    "wrong-name": ("wrong-name", True),
    "right-name": ("wrong-name", False),
}
"""What can be done to an article: the kind of mark, and whether it is set or taken away."""


class Change(msgspec.Struct, frozen=True):
    """A mark to be set, or taken away."""

    deed: str
    kind: MarkKind
    sets: bool
    article: str
    value: str
    name: str

    def said(self) -> dict[str, str]:
        """What the audit log says of it."""
        told = {"do": self.deed, "article": self.article, "value": self.value[:200], "name": self.name[:200]}
        return {name: value for name, value in told.items() if value}


def change_of(given: Mapping[str, str]) -> Change:
    """The change that some fields ask for: `article`, `do`, `value` and, to take a note away, its id as `name`."""
    deed = given.get("do", "")
    if deed not in DEEDS:
        raise BadRequest("do", f"do: expected one of {', '.join(DEEDS)}")
    kind, sets = DEEDS[deed]
    article = given.get("article", "")
    if not article:
        raise BadRequest("article", "article: the id of an article is missing")
    return Change(deed, kind, sets, article, given.get("value", "").strip(), given.get("name", "").strip())
