"""How articles look on a terminal."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.text import Text

from index.results import hit_document
from index.snippet import Snippet, snippet
from index.store import Fold
from query.tree import Node
from results.article import Article, Extraction
from results.parts import EarlierVersion, Head, Hit, Mark, Span
from results.search import Suggestion
from stream.messages import FUTURE_TOLERANCE
from stream.messages import Span as TextSpan
from stream.words import plural
from wirewatch.commands.times import clock

MARK = "bold yellow"


def hit_as_text(hit: Hit, others: str = "") -> Text:
    """A hit as an entry of a list: headline, where and when, the words around the match; whether only an earlier version has
    them."""
    head = hit.article
    title = marked(head.title.replace("\n", " ") or "(no title)", _places(hit.title_marks), base="bold")
    words = marked(hit.snippet.text, _places(hit.snippet.marks)) if hit.snippet else Text()
    lines = [
        Text.assemble((head.id[:8], "cyan"), "  ", title),
        Text("          " + _byline(head, others), style="dim"),
        Text.assemble("          ", words),
        *_earlier_lines(hit.earlier),
    ]
    return Text("\n").join(lines)


def fold_as_text(fold: Fold, query: Node | None) -> Text:
    """The hits of one story as an entry of a list: the first of them, and how many others there are."""
    others = []
    if fold.outlets:
        others.append(f"+{plural(fold.outlets, 'outlet')}")
    if fold.others > fold.outlets:
        others.append(f"{plural(fold.others, 'more article')}")
    return hit_as_text(hit_document(fold.hit, query), ", ".join(others))


def _places(marks: Iterable[Mark]) -> list[tuple[int, int]]:
    return [(mark.start, mark.end) for mark in marks]


def _earlier_lines(found: EarlierVersion | None) -> list[Text]:
    """Which earlier version has what was searched for, where the current one does not."""
    if found is None:
        return []
    until = f", until the edit found {clock(found.until)}" if found.until else ""
    words = marked(found.snippet.text, _places(found.snippet.marks)) if found.snippet else Text()
    return [
        Text(f"          only in an earlier version ({found.version}{until})", style="italic"),
        *([Text.assemble("          ", words)] if found.snippet else []),
    ]


def article_as_text(article: Article, alerts: Sequence[Text]) -> Text:
    """Everything that is known of an article: its text with the matches marked, its tags with why, the alerts, its times."""
    marks = [
        (span.start, span.end) for topic in article.topics for span in topic.spans if span.field == "text"
    ]
    parts = [
        Text(article.title or "(no title)", style="bold"),
        Text(_byline(article), style="dim"),
        Text(article.url, style="blue"),
        *status_lines(article),
        Text(),
        marked(article.text, marks),
        Text(),
        *_heading("Topics", _topic_lines(article)),
        *_heading("Entities", [*_entity_lines(article), *_named_to(article)]),
        *_heading("Alerts", alerts),
        *_heading("Times", _time_lines(article)),
        *_heading("Found in", [Text(f"  {article.feed}"), Text(f"  id {article.id}"), *_story_line(article)]),
        *_heading("Read as", [Text(f"  {line}") for line in _reading_lines(article)]),
    ]
    return Text("\n").join(parts)


def status_lines(article: Article) -> list[Text]:
    """Whether the article was edited or withdrawn, and when; nothing if neither."""
    lines = []
    if article.withdrawn:
        changes = article.edits[-1].changes if article.edits else ()
        reason = next((one.after for one in changes if one.kind == "withdrawn"), "")
        lines.append(Text(f"Withdrawn: found {clock(article.withdrawn)}: {reason}", style="bold red"))
    if article.edits:
        kinds = ", ".join(dict.fromkeys(one.kind for edit in article.edits for one in edit.changes))
        times = f"{plural(article.version, 'edit')}, the last one found {clock(article.edits[-1].found)}"
        lines.append(Text(f"Edited: {times} ({kinds}); see: wirewatch show {article.id[:8]} --changes"))
    return lines


def _story_line(article: Article) -> list[Text]:
    if article.story in (None, article.id):
        return []
    return [Text(f"  tells the same story as {str(article.story)[:12]}")]


def _byline(article: Article | Head, others: str = "") -> str:
    source = f"{article.source} {others}".rstrip()
    when = f"{clock(article.published)} ({article.published_from})" if article.published else "no date"
    if article.published_doubt:
        when += f", doubtful: {clock(article.published_doubt)} ({article.published_doubt_from})"
    topics = ", ".join(topic.name for topic in article.topics or ())
    since = "withdrawn" if article.withdrawn else "edited" if article.edited else ""
    authors = ", ".join(article.authors or ())
    return " · ".join(filter(None, (source, when, since, authors, article.language or "unknown", topics)))


def marked(text: str, marks: Iterable[tuple[int, int]], base: str = "") -> Text:
    """A text with the marked parts in another colour."""
    shown = Text(text, style=base)
    for start, end in marks:
        shown.stylize(MARK, start, end)
    return shown


def _heading(name: str, lines: Sequence[Text]) -> list[Text]:
    return [Text(name, style="bold"), *(lines or [Text("  none", style="dim")]), Text()]


def _topic_lines(article: Article) -> list[Text]:
    lines = []
    for tag in article.topics:
        lines.append(Text.assemble("  ", (tag.name, "green"), Text(f"  matched: {tag.clause}", style="dim")))
        lines += [_quote(article, span) for span in tag.spans[:3]]
        if len(tag.spans) > 3:
            lines.append(Text(f"      ... and {plural(len(tag.spans) - 3, 'more place')}", style="dim"))
    return lines


def _quote(article: Article, span: Span) -> Text:
    """The words around a span, with where it stands."""
    whole = article.title if span.field == "title" else article.text
    shown: Snippet = snippet(whole, [TextSpan("text", span.start, span.end)], width=80)
    return Text.assemble(f"      {span.field} {span.start}-{span.end}: ", marked(shown.text, shown.marks))


def _entity_lines(article: Article) -> list[Text]:
    lines = []
    for one in article.entities:
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


def _named_to(article: Article) -> list[Text]:
    """How far names were looked for, where that is not the whole text."""
    to, size = article.extraction.entities_within, len(article.text)
    if not to:
        return []
    return [Text(f"  looked for in the first {to:,} of {size:,} characters", style="dim")]


def _time_lines(article: Article) -> list[Text]:
    rows = {
        "published": _dated(article.published, article.published_from),
        "doubtful": _contradicted(article),
        "modified": _dated(article.modified, article.modified_from),
        "seen": _precise(article.seen),
        "fetched": _precise(article.fetched),
        "extracted": _precise(article.extracted),
        "enriched": _precise(article.enriched),
        "indexed": _precise(article.indexed),
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
    return f"{said} {clock(article.published_doubt)}; it counts from {clock(_counts_from(article))}"


def _counts_from(article: Article) -> datetime:
    """Its place in time: see `stream.messages.Article.time`, of which a document has the parts."""
    latest = article.extracted + FUTURE_TOLERANCE
    doubted = article.published_doubt if article.published_doubt_from != "seen" else None
    dates = [date for date in (article.published, doubted if doubted and doubted <= latest else None) if date]
    if not dates or article.published_doubt_from == "seen":
        dates.append(article.seen)
    return max(dates)


def _reading_lines(article: Article) -> list[str]:
    """What kind of page it was, and where its title and author were read."""
    where = [f"{name} from {source}" for name, source in _origins(article) if source]
    section = f" in {article.section}" if article.section else ""
    size = f"{plural(article.word_count, 'word')}, {plural(len(article.links), 'link')}"
    lines = [
        f"{article.kind}{section}, {size}",
        ", ".join(where),
        _own_text(article.extraction),
        _whose(article),
        _cut(article),
    ]
    return [line for line in lines if line]


def _own_text(extraction: Extraction) -> str:
    """Why the feed's own text stands in for the page's; '' if it does not."""
    if extraction.text_is_from == "page":
        return ""
    reason = re.sub(r"^https?://\S+ ", "the page ", extraction.instead_of_reason or "")
    return f"the feed's own text: {reason}"


def _whose(article: Article) -> str:
    """What is to be known of whose article it is, where that is not plain; '' else."""
    if article.extraction.quotes:
        return f"published by this feed as {article.extraction.quotes}, a page of another site"
    return (
        "found through the feed of another site, which is not asked about it"
        if article.extraction.hearsay
        else ""
    )


def _cut(article: Article) -> str:
    """How much of a text is kept, where that is not all; '' if it is."""
    if not article.extraction.text_was:
        return ""
    return f"the first {len(article.text):,} of {article.extraction.text_was:,} characters are kept, and searched"


def _origins(article: Article) -> list[tuple[str, str | None]]:
    return [("title", article.title_from), ("author", article.authors_from)]


def _dated(moment: datetime | None, source: str | None) -> str:
    return f"{clock(moment)} (from {source})" if moment else "unknown"


def _precise(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} {local:%Z}"


def suggestion_lines(suggestions: Sequence[Suggestion]) -> list[str]:
    """What other queries would find, for a person."""
    return [f"{one.query} would find {plural(one.total, 'article')}." for one in suggestions]
