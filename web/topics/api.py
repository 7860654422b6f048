"""Topics in the API."""

import asyncio
from typing import Any

from aiohttp import web

from results.topics import TopicDefinition, TopicList, TopicTrial
from web.access.gate import ABOUT
from web.api.answer import answer
from web.api.changes import done, no_such_keys, version_of
from web.api.operations import operation
from web.archive import Archive
from web.forms import json_object
from web.services import Services

_TOPICS, _ONE, _TRIAL = "/api/v1/topics", "/api/v1/topics/{id}", "/api/v1/topic-trial"
_KEYS = "The topic's keys, as topics.toml has them"


class TopicsApi:
    """The handlers.

    Args:
        services: what the API is made over.
        archive: the store.
    """

    def __init__(self, services: Services, archive: Archive) -> None:
        self._topics = services.topics
        self._archive = archive

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get(_TOPICS, self.listed),
            web.post(_TOPICS, self.add),
            web.get(_ONE, self.one),
            web.put(_ONE, self.put),
            web.delete(_ONE, self.remove),
            web.get(_TRIAL, self.trial),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """The topics: `wirewatch/topic-list`."""
        return answer(request, await asyncio.to_thread(self._topics.listed))

    async def one(self, request: web.Request) -> web.Response:
        """A topic: `wirewatch/topic`."""
        return answer(request, await self._named(request.match_info["id"]))

    async def add(self, request: web.Request) -> web.Response:
        """Make a topic."""
        table = await json_object(request)
        request[ABOUT] = {"topic": str(table.get("id", ""))[:60]}
        with no_such_keys():
            await asyncio.to_thread(self._topics.add, table)
        return answer(request, await self._named(table["id"]))

    async def put(self, request: web.Request) -> web.Response:
        """Change a topic."""
        topic_id, table = request.match_info["id"], await json_object(request)
        version = version_of(request)
        with no_such_keys():
            await asyncio.to_thread(self._topics.put, topic_id, table, version)
        return answer(request, await self._named(topic_id))

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a topic."""
        version = version_of(request)
        with no_such_keys():
            await asyncio.to_thread(self._topics.remove, request.match_info["id"], version)
        return done()

    async def trial(self, request: web.Request) -> web.Response:
        """What a definition would tag: `wirewatch/topic-trial`."""
        table = {key: text for key in ("query", "mention") if (text := request.query.get(key, ""))}
        topic_id = request.query.get("of", "")
        return answer(
            request, await self._archive.read(lambda store: self._topics.tried(store, topic_id, table))
        )

    async def _named(self, topic_id: str) -> TopicDefinition:
        found: TopicList = await asyncio.to_thread(self._topics.listed)
        for topic in found.topics:
            if topic.id == topic_id:
                return topic
        raise web.HTTPNotFound


def paths() -> dict[str, Any]:
    """The part of the OpenAPI document."""
    text = {"type": "string"}
    return {
        _TOPICS: {
            "get": operation(_TOPICS, "The topics as they are defined", TopicList),
            "post": operation(_TOPICS, "Make a topic", TopicDefinition, body=_KEYS),
        },
        _ONE: {
            "get": operation(_ONE, "A topic", TopicDefinition),
            "put": operation(_ONE, "Change a topic", TopicDefinition, body=_KEYS, if_match=True),
            "delete": operation(_ONE, "Remove a topic", None, if_match=True),
        },
        _TRIAL: {
            "get": operation(
                _TRIAL,
                "What a definition would tag, against the present one",
                TopicTrial,
                ("query", "The definition's query.", text),
                ("mention", "As the key of topics.toml.", text),
                ("of", "The id of the topic that it would change; none for a new one.", text),
            )
        },
    }
