"""The ids and names of what is loaded. They never change, so that loading again replaces, and links stay alive."""

import hashlib
import re
import uuid

import msgspec

from stream.errors import ConfigError

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic that articles are tagged with.

    Attributes:
        id: as articles bear it, in `topics.topic`; lower-case letters, digits and hyphens.
        name: that people see.
        description: a sentence; '' for none.
    """

    id: str
    name: str
    description: str = ""


class Names(msgspec.Struct, frozen=True, kw_only=True):
    """The names of one installation.

    Attributes:
        articles: the alias that all articles are read under. It is the data view's id as well.
        prefix: of all other ids; also of the index that rules write to.
    """

    articles: str
    prefix: str

    @property
    def dashboard(self) -> str:
        """The dashboard's id."""
        return f"{self.prefix}-news"

    @property
    def all_news(self) -> str:
        """The id of the Discover session over all articles."""
        return f"{self.prefix}-all-news"

    @property
    def alerts(self) -> str:
        """The index of the alerts that were fired, and the id of its data view."""
        return f"{self.prefix}-alerts"

    @property
    def by_seen(self) -> str:
        """The id of the data view of all articles by the time they were first seen."""
        return f"{self.articles}-by-first-seen"

    @property
    def arrivals(self) -> str:
        """The id of the Discover session over all articles by the time they were first seen."""
        return f"{self.prefix}-arrivals"

    @property
    def sources(self) -> str:
        """The index of the sources' health, and the id of its data view."""
        return f"{self.prefix}-sources"

    @property
    def not_heard(self) -> str:
        """The id of the Discover session over the sources that are silent, failing or gone."""
        return f"{self.prefix}-sources-not-heard"

    @property
    def quarantine(self) -> str:
        """The index of what is in the quarantine, counted, and the id of its data view."""
        return f"{self.prefix}-quarantine"

    @property
    def fired(self) -> str:
        """The id of the Discover session over the alerts."""
        return f"{self.prefix}-fired-alerts"

    @property
    def marks(self) -> str:
        """The index that remembers what Kibana held after objects were loaded."""
        return f"{self.prefix}-kibana-objects"

    @property
    def analyst(self) -> str:
        """The name of the role of those who only read."""
        return f"{self.prefix}-analyst"

    @property
    def matches(self) -> str:
        """The index that the rules write to; also the name of its template."""
        return f"{self.prefix}-topic-matches"

    @property
    def connector(self) -> str:
        """The id of the connector that writes there."""
        return _uuid(f"{self.prefix}/connector/matches")

    def session(self, topic: Topic) -> str:
        """The id of a topic's Discover session."""
        return f"{self.prefix}-topic-{topic.id}"

    def rule(self, topic: Topic) -> str:
        """The id of a topic's rule."""
        return _uuid(f"{self.prefix}/rule/{topic.id}")


def check_topics(topics: tuple[Topic, ...]) -> None:
    """Raises ConfigError for a topic whose id would need quoting in a query, or is used twice."""
    for topic in topics:
        if not _ID.fullmatch(topic.id):
            raise ConfigError(f"topic {topic.id!r}: expected an id of lower-case letters, digits and hyphens")
    if len({topic.id for topic in topics}) < len(topics):
        raise ConfigError("two topics have the same id")


def _uuid(name: str) -> str:
    """Always the same UUID for a name, in the form of version 4: Kibana takes no other ids for connectors and rules."""
    return str(uuid.UUID(bytes=hashlib.blake2b(name.encode(), digest_size=16).digest(), version=4))
