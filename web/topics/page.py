"""The pages of topics."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from results.topics import TopicDefinition, TopicList, TopicTrial
from stream.errors import ConfigError, EditConflict
from web.access.gate import ABOUT
from web.archive import Archive
from web.bars import Bars, bars
from web.forms import key_of, posted
from web.search.asked import Asked
from web.search.clauses import clause
from web.services import Services
from web.templating import Templates
from web.topics.counts import PERIOD, Tagged, tagged
from web.trial import Trial, Trials

AREA = "/topics"
KEYS = ("id", "name", "query", "description", "colour", "parent", "mention")
_SAID = {
    "saved": "Saved. A running wirewatch tags with it from now on; `wirewatch replay --from enrich` tags the archive again.",
    "removed": "Removed. Articles keep the tag until `wirewatch replay --from enrich`.",
}


class TopicPages:
    """The handlers.

    Args:
        services: what the page is made over.
        archive: the store.
        templates: what it is written with.
    """

    def __init__(self, services: Services, archive: Archive, templates: Templates) -> None:
        self._topics = services.topics
        self._now = services.now
        self._archive = archive
        self._templates = templates
        self._trials = Trials(archive)

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/topics", self.listed),
            web.post("/topics", self.add),
            web.get("/new/topic", self.new),
            web.get("/new/topic/trial", self.trial),
            web.get("/topics/{id}", self.one),
            web.post("/topics/{id}", self.put),
            web.post("/topics/{id}/remove", self.remove),
        ]

    async def listed(self, request: web.Request) -> web.Response:
        """The topics, and how many articles each has of late."""
        return await self._list(said=_SAID.get(request.query.get("said", ""), ""))

    async def _list(self, code: int = 200, said: str = "", fault: str = "") -> web.Response:
        try:
            found = await self._all()
        except ConfigError as error:  # a file that someone is just editing by hand
            return self._shown("topics.html", code, found=None, counts=None, said=said, fault=str(error))
        now = self._now()
        counts = await self._counts(now)
        return self._shown(
            "topics.html",
            code,
            found=found,
            names={topic.id: topic.name for topic in found.topics},
            counts=counts,
            searches={topic.id: _articles_of(topic.id, counts, now) for topic in found.topics},
            said=said,
            fault=fault,
        )

    async def _counts(self, now: datetime) -> Tagged | None:
        try:
            return await self._archive.read(lambda store: tagged(store, now))
        except ConfigError:  # there is no archive yet
            return None

    async def new(self, request: web.Request) -> web.Response:
        """The form of a new topic; what the address has is filled in, and tried."""
        fields, found = _fields_from(request.query), await self._all()
        return self._form(found, fields, trial=await self._tried("", fields))

    async def one(self, request: web.Request) -> web.Response:
        """The form of a topic: as it is, or as it was filled in to be tried."""
        found = await self._all()
        topic = _existing(found, request.match_info["id"])
        if "version" in request.query:
            fields, version = _fields_from(request.query), request.query["version"]
        else:
            fields, version = _fields_of(topic), topic.version
        return self._form(found, fields, topic, version, trial=await self._tried(topic.id, fields))

    async def trial(self, request: web.Request) -> web.Response:
        """What a definition would tag, as a piece of a page."""
        trial = await self._tried(request.query.get("of", ""), _fields_from(request.query))
        return self._templates.page("_topic_trial.html", trial=trial)

    async def add(self, request: web.Request) -> web.Response:
        """Make a topic."""
        fields = _fields_from(await posted(request))
        request[ABOUT] = {"topic": fields["id"][:60]}
        try:
            await asyncio.to_thread(self._topics.add, _table_of(fields))
        except ConfigError as error:
            return self._form(await self._all(), fields, error=error, code=422)
        raise web.HTTPSeeOther("/topics?said=saved")

    async def put(self, request: web.Request) -> web.Response:
        """Change a topic, unless someone else did so meanwhile."""
        topic_id, sent = request.match_info["id"], await posted(request)
        fields, version = _fields_from(sent), sent.get("version", "")
        try:
            await asyncio.to_thread(self._topics.put, topic_id, _table_of(fields), version)
        except EditConflict as error:
            return await self._conflicting(topic_id, fields, error)
        except ConfigError as error:
            found = await self._all()
            return self._form(found, fields, _existing(found, topic_id), version, error=error, code=422)
        raise web.HTTPSeeOther("/topics?said=saved")

    async def _conflicting(
        self, topic_id: str, fields: Mapping[str, str], error: EditConflict
    ) -> web.Response:
        """The form as it was filled in, beside the topic as it is by now. Who saves again has seen both."""
        found = await self._all()
        topic = _named(found, topic_id)
        if topic is None:
            return await self._list(409, fault=str(error))
        return self._form(found, fields, topic, topic.version, error=error, theirs=topic.keys, code=409)

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a topic, unless it was changed since its page was read."""
        topic_id, sent = request.match_info["id"], await posted(request)
        try:
            await asyncio.to_thread(self._topics.remove, topic_id, sent.get("version", ""))
        except EditConflict as error:
            return await self._list(409, fault=str(error))
        except ConfigError as error:  # another topic is a part of it
            return await self._list(422, fault=str(error))
        raise web.HTTPSeeOther("/topics?said=removed")

    async def _all(self) -> TopicList:
        return await asyncio.to_thread(self._topics.listed)

    async def _tried(self, topic_id: str, fields: Mapping[str, str]) -> Trial[TopicTrial]:
        """The effect of a form."""
        if not fields["query"]:
            return Trial()
        table = {key: fields[key] for key in ("query", "mention") if fields[key]}
        return await self._trials.make(lambda store: self._topics.tried(store, topic_id, table), _chart)

    def _form(
        self,
        found: TopicList,
        fields: Mapping[str, str],
        topic: TopicDefinition | None = None,
        version: str = "",
        *,
        trial: Trial[TopicTrial] | None = None,
        error: ConfigError | None = None,
        theirs: Mapping[str, Any] | None = None,
        code: int = 200,
    ) -> web.Response:
        others = [one for one in found.topics if topic is None or one.id != topic.id]
        return self._shown(
            "topic_form.html",
            code,
            fields=fields,
            topic=topic,
            version=version,
            trial=trial or Trial(),
            error=error,
            key=key_of(error),
            theirs=theirs or {},
            bundled=found.bundled,
            parents={"": "–", **{one.id: one.name for one in others}},
        )

    def _shown(self, template: str, code: int = 200, **variables: Any) -> web.Response:
        return self._templates.page(template, code, asked=Asked(), area=AREA, **variables)


def _articles_of(topic_id: str, counts: Tagged | None, now: datetime) -> str:
    """The search for what is counted of a topic."""
    asked = Asked(q=clause("topic", topic_id))
    if counts is None:
        return asked.address()
    if counts.until == now:
        return asked.changed(since=f"{PERIOD.days}d").address()
    return asked.changed(since=counts.since.isoformat(), until=counts.until.isoformat()).address()


def _named(found: TopicList, topic_id: str) -> TopicDefinition | None:
    return next((topic for topic in found.topics if topic.id == topic_id), None)


def _existing(found: TopicList, topic_id: str) -> TopicDefinition:
    topic = _named(found, topic_id)
    if topic is None:
        raise web.HTTPNotFound
    return topic


def _chart(tried: TopicTrial) -> Bars:
    return bars(
        [
            (
                f"{day.day:%a %d %b %Y}: {day.kept:,} kept, {day.gained:,} gained, {day.lost:,} lost",
                (day.kept, day.lost, day.gained),
            )
            for day in tried.days
        ]
    )


def _fields_of(topic: TopicDefinition) -> dict[str, str]:
    return {**{key: str(topic.keys.get(key, "")).strip() for key in KEYS}, "mention": topic.mention}


def _fields_from(sent: Mapping[str, str]) -> dict[str, str]:
    return {key: sent.get(key, "").replace("\r\n", "\n").strip() for key in KEYS}


def _table_of(fields: Mapping[str, str]) -> dict[str, str]:
    """The topic of a form: the keys that say something."""
    return {key: text for key, text in fields.items() if text and (key, text) != ("mention", "any")}
