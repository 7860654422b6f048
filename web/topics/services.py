"""What the page of topics is made over."""

from collections.abc import Mapping
from typing import Any, Protocol

from index.store import Store
from results.topics import TopicList, TopicTrial

Table = Mapping[str, Any]
"""A topic's keys as topics.toml has them."""


class TopicServices(Protocol):
    """What the roof gives the page of topics; all of it may be called in any thread.

    What changes the file raises FieldError for a value that is wrong, EditConflict where someone else was quicker, and other
    ConfigErrors. A version is that of `TopicDefinition`.
    """

    def listed(self) -> TopicList:
        """The topics as they are defined now."""

    def tried(self, store: Store, topic: str, table: Table) -> TopicTrial:
        """What a definition would tag, against the present one of that id; '' for a new topic."""

    def add(self, table: Table) -> None:
        """Make a topic."""

    def put(self, topic: str, table: Table, version: str) -> None:
        """Give a topic other keys."""

    def remove(self, topic: str, version: str) -> None:
        """Remove a topic; articles keep the tag until they are enriched again."""
