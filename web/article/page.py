"""The page of an article."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from aiohttp import web

from index.hits import make_hit
from index.results import article_document
from index.store import Document
from query.parse import parse
from query.tree import Node
from results.alert import Firing
from results.article import Article
from stream.errors import ConfigError, QueryError
from web.access.person import person
from web.archive import Archive
from web.desk.desk import OnArticle
from web.marked import Marked, paragraphs, runs
from web.search.asked import Asked
from web.search.clauses import clause
from web.services import Services
from web.templating import Templates


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
        return [web.get("/article/{id}", self.article)]

    async def article(self, request: web.Request) -> web.Response:
        """An article: its text with what was matched and named, and all that is known of it."""
        article_id, query = request.match_info["id"], request.query.get("q", "")
        try:
            found = await self._archive.read(lambda store: store.get(article_id))
        except ConfigError as error:
            return self._templates.page("empty.html", asked=Asked(), reason=str(error))
        if found is None:
            raise web.HTTPNotFound
        alerts = await asyncio.to_thread(self._services.firings, found.enriched.story or article_id)
        node = await asyncio.to_thread(self._parsed, query)
        article = await asyncio.to_thread(article_document, found, self._services.is_salient, alerts)
        return self._templates.page(
            "article.html",
            asked=Asked(q=query),
            article=article,
            title=list(runs(article.title, _marks(found, article, node, "title"))),
            paragraphs=paragraphs(runs(article.text, _marks(found, article, node, "text"))),
            on=await self._read_now(request, article_id),
            back=str(request.rel_url),
            links=_links(article),
            alerts=_alert_lines(alerts),
        )

    def _parsed(self, query: str) -> Node | None:
        """The query that led here; None where there is none that can be read."""
        try:
            return parse(query, self._services.marks()) if query.strip() else None
        except QueryError:
            return None

    async def _read_now(self, request: web.Request, article_id: str) -> OnArticle:
        """The marks of the article, which is read from now on; whoever marked it as unread stays with that."""
        asking, desk = person(), self._services.desk
        on = (await asyncio.to_thread(desk.on, asking.name, [article_id])).get(article_id, OnArticle())
        if on.read or request.method == "HEAD" or not asking.may("desk") or "unread" in request.query:
            return on
        await asyncio.to_thread(desk.add, "read", asking.name, article_id)
        return msgspec.structs.replace(on, read=True)


def _marks(found: Document, article: Article, node: Node | None, part: str) -> Iterator[Marked]:
    """The marks of a field: what the query matched, what the topics go by, who and what is named."""
    for span in make_hit(found, 0.0, node).spans if node else ():
        if span.field == part:
            yield Marked(span.start, span.end, "match")
    for topic in article.topics:
        for place in topic.spans:
            if place.field == part:
                yield Marked(place.start, place.end, "topic", f"{topic.name}: {topic.clause}")
    for entity in article.entities:
        for place in entity.spans:
            if place.field == part:
                yield Marked(place.start, place.end, entity.type, f"{entity.name} ({entity.type})")


def _links(article: Article) -> Mapping[str, str]:
    """The searches that an article leads to."""
    made: dict[str, str] = {"source": Asked(q=clause("source", article.source)).address()}
    for topic in article.topics:
        made[f"topic {topic.id}"] = Asked(q=clause("topic", topic.id)).address()
    for entity in article.entities:
        made[f"entity {entity.name}"] = Asked(q=clause("person", entity.name)).address()
    return made


def _alert_lines(alerts: Sequence[Firing]) -> list[str]:
    return [f"{one.alert}: {one.reason}" for one in alerts]
