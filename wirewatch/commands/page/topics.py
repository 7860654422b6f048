"""What the page of topics is made over: the topics, as the command line edits them."""

from collections.abc import Callable

from tomlkit import TOMLDocument

from enrich.topics import Topic, topic_of
from index.store import Store
from query.tree import show
from results.topics import TopicDefinition, TopicList, TopicTrial
from stream.clock import utc_now
from web.topics.services import Table
from wirewatch.commands.lint import lint_query
from wirewatch.commands.page.topic_trial import trial
from wirewatch.commands.settings import Settings
from wirewatch.composition.lists import bring_topics, open_topic_list
from wirewatch.lists import topics as topiclist


class TopicEditor:
    """See `web.topics.services.TopicServices`.

    Args:
        settings: of the installation.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._paths = settings.paths

    def listed(self) -> TopicList:
        """The topics as they are defined now."""
        bring_topics(self._settings.config, self._paths)
        written = topiclist.tables(self._paths)
        rows = (_definition(topic, written[topic.id]) for topic in topiclist.news_topics(self._paths))
        return TopicList(topics=tuple(rows), bundled=topiclist.is_bundled(self._paths))

    def tried(self, store: Store, topic: str, table: Table) -> TopicTrial:
        """What a definition would tag."""
        filled = {"id": topic or "trial", "name": "trial", **table}
        after = topic_of({key: value for key, value in filled.items() if key != "parent"}, "the topic")
        present = {one.id: one for one in topiclist.news_topics(self._paths)}
        return trial(store, present.get(topic), after, utc_now(), lint_query(after.query, self._paths))

    def add(self, table: Table) -> None:
        """Make a topic."""
        self._edit(lambda document: topiclist.add_to(document, table))

    def put(self, topic: str, table: Table, version: str) -> None:
        """Give a topic other keys."""
        self._edit(lambda document: topiclist.put_into(document, topic, table, version))

    def remove(self, topic: str, version: str) -> None:
        """Remove a topic."""
        self._edit(lambda document: topiclist.take_out(document, topic, version))

    def _edit(self, change: Callable[[TOMLDocument], None]) -> None:
        with open_topic_list(self._settings.config, self._paths) as topics:
            topics.edit(change)


def _definition(topic: Topic, written: Table) -> TopicDefinition:
    return TopicDefinition(
        id=topic.id,
        name=topic.name,
        query=topic.query.strip(),
        understood=show(topic.tree),
        description=topic.description,
        colour=topic.colour,
        parent=topic.parent,
        mention=topic.mention,
        keys=dict(written),
        version=topiclist.version_of(written),
    )
