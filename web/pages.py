"""The pages: what each shows, as a template's variables."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jinja2
from aiohttp import web
from markupsafe import Markup

from index.hits import make_hit
from index.results import article_document
from index.store import Document
from query.parse import parse
from query.tree import Node
from results.alert import Firing
from results.article import Article
from results.parts import Coverage, Hit
from stream.display import visible, without_secrets
from stream.errors import ConfigError, QueryError
from stream.messages import Span
from stream.words import plural
from web.archive import Archive
from web.asked import STACKS, Asked, read, search_of
from web.clauses import clause
from web.desk import Desk
from web.errors import BadRequest
from web.links import web_address
from web.marked import Marked, Run, paragraphs, runs
from web.view import view

FORMS = ("json", "jsonl", "csv", "atom", "md")
PRESETS = (("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"), ("365d", "a year"), ("", "all"))


def environment() -> jinja2.Environment:
    """The templates; their English stands in them as gettext's message ids."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("web"),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        finalize=_gated,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]  # of the extension
    made.globals.update(
        plural=plural, web_address=web_address, marked=marked_hit, presets=PRESETS, forms=FORMS
    )
    made.filters["grouped"] = lambda number: f"{number:,}"
    made.filters["exact"] = lambda time: time.astimezone().strftime("%Y-%m-%d %H:%M %Z")
    made.filters["iso"] = lambda time: time.isoformat()
    return made


def _gated(value: object) -> object:
    """What a template prints: without secrets, and without characters that hide or reorder what is read."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(without_secrets(value))
    return value


class Pages:
    """The handlers.

    Args:
        desk: what the page is made over.
        archive: the store.
    """

    def __init__(self, desk: Desk, archive: Archive) -> None:
        self._desk = desk
        self._archive = archive
        self._templates = environment()

    async def search(self, request: web.Request) -> web.Response:
        """The search page; a wrong query or time is told on it, with its place."""
        try:
            asked = read(request.query)
        except BadRequest as error:
            return self._page("search.html", 400, **_fault(Asked(), error))
        try:
            search = search_of(asked, self._desk.now())
        except BadRequest as error:
            return self._page("search.html", 400, **_fault(asked, error))
        names, warnings = await asyncio.gather(
            asyncio.to_thread(self._desk.topic_names), asyncio.to_thread(self._warnings, asked.q)
        )
        try:
            shown = await self._archive.read(lambda store: view(store, asked, search, names))
        except ConfigError as error:
            return self._page("empty.html", asked=asked, reason=str(error))
        coverage = None if shown.hits else await asyncio.to_thread(self._desk.coverage)
        return self._page(
            "search.html",
            asked=asked,
            view=shown,
            fault=None,
            warnings=warnings,
            coverage=coverage_lines(coverage),
            stacks=STACKS,
            addresses={form: asked.address(f"/search.{form}") for form in FORMS},
        )

    def _warnings(self, query: str) -> Sequence[str]:
        return [warning.message for warning in self._desk.lint(query)] if query else []

    async def article(self, request: web.Request) -> web.Response:
        """An article: its text with what was matched and named, and all that is known of it."""
        article_id, query = request.match_info["id"], request.query.get("q", "")
        try:
            found = await self._archive.read(lambda store: store.get(article_id))
        except ConfigError as error:
            return self._page("empty.html", asked=Asked(), reason=str(error))
        if found is None:
            raise web.HTTPNotFound
        alerts = await asyncio.to_thread(self._desk.firings, found.enriched.story or article_id)
        article = await asyncio.to_thread(article_document, found, self._desk.is_salient, alerts)
        return self._page(
            "article.html",
            asked=Asked(q=query),
            article=article,
            title=list(runs(article.title, _marks(found, article, query, "title"))),
            paragraphs=paragraphs(runs(article.text, _marks(found, article, query, "text"))),
            links=_links(article),
            alerts=_alert_lines(alerts),
        )

    def failed(self, status: int, message: str) -> web.Response:
        """The page that says what went wrong."""
        return self._page("error.html", status, asked=Asked(), message=message, status=status)

    def _page(self, template: str, code: int = 200, **variables: Any) -> web.Response:
        text = self._templates.get_template(template).render(variables)
        headers = {"Cache-Control": "no-cache"}
        response = web.Response(text=text, status=code, content_type="text/html", headers=headers)
        response.enable_compression()
        return response


def _fault(asked: Asked, error: BadRequest) -> dict[str, Any]:
    return {
        "asked": asked,
        "view": None,
        "fault": error,
        "warnings": (),
        "coverage": (),
        "stacks": STACKS,
        "addresses": {},
    }


def coverage_lines(coverage: Coverage | None) -> list[str]:
    """What the silence of a search is worth, in sentences."""
    if coverage is None:
        return []
    heard = f"{coverage.heard} of {plural(coverage.sources, 'source')} answered when last asked."
    return [heard, *(f"{one.name}: {one.reason or one.status}" for one in coverage.dark)]


def marked_hit(hit: Hit, part: str) -> list[Run]:
    """The headline or the snippet of a hit, with its marks."""
    if part == "title":
        text, marks = hit.article.title or "(no title)", hit.title_marks
    elif hit.snippet:
        text, marks = hit.snippet.text, hit.snippet.marks
    else:
        return []
    return list(runs(text, [Marked(mark.start, mark.end, "match") for mark in marks]))


def _marks(found: Document, article: Article, query: str, part: str) -> Iterator[Marked]:
    """The marks of a field: what the query matched, what the topics go by, who and what is named."""
    for span in _matched(found, query):
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


def _matched(found: Document, query: str) -> Sequence[Span]:
    try:
        node: Node | None = parse(query) if query.strip() else None
    except QueryError:
        return ()
    return make_hit(found, 0.0, node).spans if node else ()


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
