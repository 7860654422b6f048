"""How articles look on a terminal."""

import re
from collections.abc import Iterable
from datetime import datetime

from rich.text import Text

from index.earlier import only_earlier
from index.snippet import Snippet, snippet
from index.store import Document, Hit
from index.stories import Fold
from query.tree import Node
from stream.messages import Article, Enriched, Span
from stream.words import plural
from wirewatch.commands.times import clock

MARK = "bold yellow"


def hit_as_text(hit: Hit, query: Node | None = None) -> Text:
    """A hit as an entry of a list: headline, where and when, the words around the match; whether only an earlier version has
    them."""
    return _entry(hit, query, "")


def _entry(hit: Hit, query: Node | None, others: str) -> Text:
    enriched, article = hit.document.enriched, hit.document.enriched.article
    title = marked(
        article.title.replace("\n", " ") or "(no title)", _in_field(hit.spans, "title"), base="bold"
    )
    shown = snippet(article.text, hit.spans)
    lines = [
        Text.assemble((article.id[:8], "cyan"), "  ", title),
        Text("          " + _byline(enriched, others), style="dim"),
        Text.assemble("          ", marked(shown.text, shown.marks)),
        *_earlier_lines(enriched, query),
    ]
    return Text("\n").join(lines)


def fold_as_text(fold: Fold, query: Node | None) -> Text:
    """The hits of one story as an entry of a list: the first of them, and how many others there are."""
    others = []
    if fold.outlets:
        others.append(f"+{plural(fold.outlets, 'outlet')}")
    if fold.others > fold.outlets:
        others.append(f"{plural(fold.others, 'more article')}")
    return _entry(fold.hit, query, ", ".join(others))


def _earlier_lines(enriched: Enriched, query: Node | None) -> list[Text]:
    """Which earlier version has what was searched for, where the current one does not."""
    found = only_earlier(query, enriched) if query else None
    if found is None:
        return []
    until = f", until the edit found {clock(found.until)}" if found.until else ""
    said = found.snippet
    words = marked(said.text, [(mark.start, mark.end) for mark in said.marks]) if said else Text()
    return [
        Text(f"          only in an earlier version ({found.version}{until})", style="italic"),
        *([Text.assemble("          ", words)] if said else []),
    ]


def document_as_text(document: Document, alerts: list[Text]) -> Text:
    """Everything that is known of an article: its text with the matches marked, its tags with why, the alerts, its times."""
    enriched, article = document.enriched, document.enriched.article
    marks = [(span.start, span.end) for tag in enriched.topics for span in tag.spans if span.field == "text"]
    parts = [
        Text(article.title or "(no title)", style="bold"),
        Text(_byline(enriched), style="dim"),
        Text(article.url, style="blue"),
        *status_lines(article),
        Text(),
        marked(article.text, marks),
        Text(),
        *_heading("Topics", _topic_lines(enriched)),
        *_heading("Entities", [*_entity_lines(enriched), *_named_to(enriched)]),
        *_heading("Alerts", alerts),
        *_heading("Times", _time_lines(document)),
        *_heading(
            "Found in", [Text(f"  {article.feed}"), Text(f"  id {article.id}"), *_story_line(enriched)]
        ),
        *_heading("Read as", [Text(f"  {line}") for line in _reading_lines(article)]),
    ]
    return Text("\n").join(parts)


def status_lines(article: Article) -> list[Text]:
    """Whether the article was edited or withdrawn, and when; nothing if neither."""
    lines = []
    if article.withdrawn:
        reason = next((one.after for one in article.earlier[-1].changes if one.kind == "withdrawn"), "")
        lines.append(Text(f"Withdrawn: found {clock(article.withdrawn)}: {reason}", style="bold red"))
    if article.earlier:
        kinds = ", ".join(dict.fromkeys(one.kind for last in article.earlier for one in last.changes))
        times = f"{plural(article.version, 'edit')}, the last one found {clock(article.earlier[-1].found)}"
        lines.append(Text(f"Edited: {times} ({kinds}); see: wirewatch show {article.id[:8]} --changes"))
    return lines


def _story_line(enriched: Enriched) -> list[Text]:
    if enriched.story in ("", enriched.article.id):
        return []
    return [Text(f"  tells the same story as {enriched.story[:12]}")]


def _byline(enriched: Enriched, others: str = "") -> str:
    article = enriched.article
    source = f"{article.source} {others}".rstrip()
    when = f"{clock(article.published)} ({article.published_from})" if article.published else "no date"
    if article.published_doubt:
        when += f", doubtful: {clock(article.published_doubt)} ({article.published_doubt_from})"
    topics = ", ".join(tag.name for tag in enriched.topics)
    since = "withdrawn" if article.withdrawn else "edited" if article.earlier else ""
    return " · ".join(filter(None, (source, when, since, article.author, enriched.language, topics)))


def _in_field(spans: Iterable[Span], field: str) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans if span.field == field]


def marked(text: str, marks: Iterable[tuple[int, int]], base: str = "") -> Text:
    """A text with the marked parts in another colour."""
    shown = Text(text, style=base)
    for start, end in marks:
        shown.stylize(MARK, start, end)
    return shown


def _heading(name: str, lines: list[Text]) -> list[Text]:
    return [Text(name, style="bold"), *(lines or [Text("  none", style="dim")]), Text()]


def _topic_lines(enriched: Enriched) -> list[Text]:
    lines = []
    for tag in enriched.topics:
        lines.append(Text.assemble("  ", (tag.name, "green"), Text(f"  matched: {tag.clause}", style="dim")))
        lines += [_quote(enriched.article, span) for span in tag.spans[:3]]
        if len(tag.spans) > 3:
            lines.append(Text(f"      ... and {plural(len(tag.spans) - 3, 'more place')}", style="dim"))
    return lines


def _quote(article: Article, span: Span) -> Text:
    """The words around a span, with where it stands."""
    whole = article.title if span.field == "title" else article.text
    shown: Snippet = snippet(whole, [Span("text", span.start, span.end)], width=80)
    return Text.assemble(f"      {span.field} {span.start}-{span.end}: ", marked(shown.text, shown.marks))


def _entity_lines(enriched: Enriched) -> list[Text]:
    lines = []
    for one in enriched.entities:
        places = ", ".join(f"{span.field} {span.start}-{span.end}" for span in one.spans[:4])
        more = f" and {len(one.spans) - 4} more" if len(one.spans) > 4 else ""
        identity = f" [{one.id}]" if one.id else ""
        times = f" {len(one.spans)} x" if len(one.spans) > 1 else ""
        lines.append(
            Text.assemble(
                "  ", (one.name, "green"), f" {one.type}{identity}{times}  ", (f"{places}{more}", "dim")
            )
        )
    return lines


def _named_to(enriched: Enriched) -> list[Text]:
    """How far names were looked for, where that is not the whole text."""
    if not enriched.enriched_to:
        return []
    to, size = enriched.enriched_to, len(enriched.article.text)
    return [Text(f"  looked for in the first {to:,} of {size:,} characters", style="dim")]


def _time_lines(document: Document) -> list[Text]:
    enriched, article = document.enriched, document.enriched.article
    rows = {
        "published": _dated(article.published, article.published_from),
        "doubtful": _contradicted(article),
        "modified": _dated(article.modified, article.modified_from),
        "seen": _precise(article.seen),
        "fetched": _precise(article.fetched),
        "extracted": _precise(article.extracted),
        "enriched": _precise(enriched.enriched),
        "indexed": _precise(document.indexed),
    }
    return [Text(f"  {name:<10} {value}") for name, value in rows.items() if value]


def _contradicted(article: Article) -> str:
    """What contradicts the date of publication, and what the article counts from; '' if nothing does."""
    if not article.published_doubt:
        return ""
    said = (
        "it was first seen on"
        if article.published_doubt_from == "seen"
        else f"{article.published_doubt_from} says"
    )
    return f"{said} {clock(article.published_doubt)}; it counts from {clock(article.time)}"


def _reading_lines(article: Article) -> list[str]:
    """What kind of page it was, and where its title and author were read."""
    where = [f"{name} from {source}" for name, source in _origins(article) if source]
    section = f" in {article.section}" if article.section else ""
    size = f"{plural(article.word_count, 'word')}, {plural(len(article.links), 'link')}"
    lines = [
        f"{article.content_status}{section}, {size}",
        ", ".join(where),
        _own_text(article.instead_of),
        _whose(article),
        _cut(article),
    ]
    return [line for line in lines if line]


def _own_text(instead_of: str) -> str:
    """Why the feed's own text stands in for the page's; '' if it does not."""
    reason = re.sub(r"^https?://\S+ ", "the page ", instead_of.partition(": ")[2])
    return f"the feed's own text: {reason}" if instead_of else ""


def _whose(article: Article) -> str:
    """What is to be known of whose article it is, where that is not plain; '' else."""
    if article.quotes:
        return f"published by this feed as {article.quotes}, a page of another site"
    return "found through the feed of another site, which is not asked about it" if article.hearsay else ""


def _cut(article: Article) -> str:
    """How much of a text is kept, where that is not all; '' if it is."""
    if not article.cut_from:
        return ""
    return f"the first {len(article.text):,} of {article.cut_from:,} characters are kept, and searched"


def _origins(article: Article) -> list[tuple[str, str]]:
    return [("title", article.title_from), ("author", article.author_from)]


def _dated(moment: datetime | None, source: str) -> str:
    return f"{clock(moment)} (from {source})" if moment else "unknown"


def _precise(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} {local:%Z}"
