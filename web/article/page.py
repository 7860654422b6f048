"""The page of an article."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import msgspec
from aiohttp import web

from index.edits import version_document
from index.hits import make_hit
from index.results import article_document
from index.store import Document, Store
from query.parse import parse
from query.tree import Node
from results.alert import Firing
from results.article import Article
from results.edits import Version
from stream.errors import ConfigError, QueryError, RetryLater
from web.access.person import person
from web.api.ids import whole_id
from web.archive import Archive
from web.article.citation import citation
from web.article.known import why_authors, why_date, why_title
from web.article.story import Kin, kin_of
from web.article.versions import shown_edits
from web.article.why import first_place, marks, words_of
from web.desk.desk import OnArticle
from web.marked import paragraphs, runs
from web.search.asked import Asked, number
from web.search.clauses import clause
from web.services import Services
from web.templating import Templates

_MOST_VERSIONS = 1_000_000


class ArticlePage:
    """The handler.

    Args:
        services: what the page is made over.
        archive: the store.
        templates: what it is written with.
    """

    def __init__(self, services: Services, archive: Archive, templates: Templates) -> None:
        self._services = services
        self._archive = archive
        self._templates = templates

    def routes(self) -> list[web.RouteDef]:
        """The addresses that it answers."""
        return [
            web.get("/article/{id}", self.article),
            web.get("/article/{id}/version/{number}", self.version),
        ]

    async def article(self, request: web.Request) -> web.Response:
        """An article: its text with what was matched and named, and all that is known of it."""
        given, query = request.match_info["id"], request.query.get("q", "")

        def read(store: Store) -> tuple[Document | None, Kin | None]:
            found = store.get(whole_id(store, given))
            return found, kin_of(store, found) if found else None

        try:
            found, kin = await self._archive.read(read)
        except ConfigError as error:
            return self._templates.page("empty.html", asked=Asked(), reason=str(error))
        if found is None:
            raise web.HTTPNotFound
        article_id = found.enriched.article.id
        alerts = await asyncio.to_thread(self._services.firings, found.enriched.story or article_id)
        node = await asyncio.to_thread(self._parsed, query)
        article = await asyncio.to_thread(article_document, found, self._services.is_salient, alerts)
        matched = make_hit(found, 0.0, node).spans if node else ()
        return self._templates.page(
            "article.html",
            asked=Asked(q=query),
            article=article,
            title=list(runs(article.title, marks(matched, article, "title"))),
            paragraphs=paragraphs(runs(article.text, marks(matched, article, "text"))),
            on=await self._read_now(request, article_id),
            back=str(request.rel_url),
            links=_links(article),
            alerts=_alert_lines(alerts),
            kin=kin,
            edits=await asyncio.to_thread(shown_edits, found.enriched.article),
            words={topic.id: words_of(topic, article) for topic in article.topics},
            places={entity.name: first_place(entity.spans) for entity in article.entities},
            citation=citation(article),
            why={"title": why_title(article), "authors": why_authors(article), "date": why_date(article)},
        )

    async def version(self, request: web.Request) -> web.Response:
        """An earlier version of an article, or the current one, as plain text."""
        given = request.match_info["id"]
        wanted = number("version", request.match_info["number"], _MOST_VERSIONS, least=0)
        found = await self._archive.read(lambda store: store.get(whole_id(store, given)))
        version = await asyncio.to_thread(_version, found, wanted) if found else None
        if found is None or version is None:
            raise web.HTTPNotFound
        language = found.enriched.language
        return self._templates.page(
            "version.html", asked=Asked(), version=version, language="" if language == "unknown" else language
        )

    def _parsed(self, query: str) -> Node | None:
        """The query that led here; None if there is none, or if it can't be read."""
        try:
            return parse(query, self._services.marks()) if query.strip() else None
        except QueryError:
            return None

    async def _read_now(self, request: web.Request, article_id: str) -> OnArticle:
        """The marks of the article, which counts as read from now on, unless this person just marked it as unread."""
        asking, desk = person(), self._services.desk
        if asking.by == "link":  # marks and notes stay in the house
            return OnArticle()
        on = (await asyncio.to_thread(desk.on, asking.name, [article_id])).get(article_id, OnArticle())
        if on.read or request.method == "HEAD" or not asking.may("desk") or "unread" in request.query:
            return on
        with suppress(RetryLater):  # a full disk keeps nobody from reading
            await asyncio.to_thread(desk.add, "read", asking.name, article_id)
        return msgspec.structs.replace(on, read=True)


def _version(found: Document, wanted: int) -> Version | None:
    return version_document(found.enriched.article, wanted)


def _links(article: Article) -> Mapping[str, str]:
    """The searches that an article leads to."""
    made: dict[str, str] = {"source": Asked(q=clause("source", article.source)).address()}
    for topic in article.topics:
        made[f"topic {topic.id}"] = Asked(q=clause("topic", topic.id)).address()
    return made


def _alert_lines(alerts: Sequence[Firing]) -> list[str]:
    return [f"{one.alert}: {one.reason}" for one in alerts]
