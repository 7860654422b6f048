"""What changed in an article after it was first read: what `wirewatch show --changes` and `--version` print as JSON."""

from collections.abc import Mapping
from typing import Literal

import msgspec

from results.parts import Mark, Time

ChangeKind = Literal[
    "headline",
    "correction",
    "number",
    "name",
    "removed",
    "added",
    "text",
    "paywalled",
    "withdrawn",
    "restored",
]
KIND_NAMES: Mapping[ChangeKind, str] = {
    "headline": "headline changed",
    "correction": "correction or editor's note",
    "number": "number changed",
    "name": "name changed",
    "removed": "passage removed",
    "added": "passage added",
    "text": "words changed",
    "paywalled": "now behind a paywall (the text that was read is kept)",
    "withdrawn": "withdrawn",
    "restored": "back again",
}
"""What an edit did, in words."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an edit changed."""

    kind: ChangeKind
    field: Literal["title", "text"]
    before: str
    """The text before: the first 300 characters; empty if something was added."""
    after: str
    """The text after: the first 300 characters; for a withdrawal, why it counts as one."""
    was_at: Mark
    """The place of `before` in the earlier version's title or text."""
    is_at: Mark
    """The place of `after` in the later version's."""


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """The edit that led from one version to the next."""

    version: int
    """The number of the version that it led to; the first version is 0."""
    found: Time
    """When wirewatch found it."""
    read: Time
    """When the version before it was fetched: the edit was made after that."""
    changes: tuple[Change, ...]


class Changes(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/changes/1"):
    """All edits that were found in an article."""

    id: str
    url: str
    title: str
    """The current title."""
    version: int
    """The number of the current version; 0 if no edit was found."""
    withdrawn: Time | None
    """When its page was found to be gone; null if it is not."""
    edits: tuple[Edit, ...]
    """Oldest first."""


class Version(msgspec.Struct, frozen=True, kw_only=True, tag_field="schema", tag="wirewatch/version/1"):
    """One version of an article."""

    id: str
    url: str
    version: int
    """Its number; the first version is 0."""
    versions: tuple[int, ...]
    """The numbers of all versions that are kept."""
    title: str
    text: str
    digest: str
    """Hash of title and text: two versions with the same digest say the same."""
    read: Time
    """When its page was fetched."""
    until: Time | None
    """When the edit after it was found; null if it is the current version."""
