"""The content of an alert: the article, the sentence around the match, why it matched, and how many sources answered.

Or, for a source: what happened to it, since when, and what is usual for it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from alerts.definitions import Severity
from alerts.forms import PLAIN, Form
from alerts.why import TopicClause, why
from query.match import Prepared
from query.tree import Node
from results.edits import KIND_NAMES
from stream.display import one_line, without_secrets
from stream.links import web_address
from stream.messages import Change, ChangeKind, Enriched, Field, Span

LONGEST = 400
"""Code points of a quoted sentence or a headline; a longer sentence is cut around the first match."""
_QUOTED = 160
CHANGE_NAMES: Mapping[ChangeKind, str] = {**KIND_NAMES, "paywalled": "now behind a paywall"}
"""The kinds of changes in words."""
_ENDS = re.compile(r"[.!?](?=\s)|[。！？]|\n")


class SourceNews(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a source."""

    status: Literal["silent", "failing", "gone", "heard"]
    """`heard`: it recovered."""
    since: datetime
    """The time of its last item, or of its first failure; for one that recovered, when it was last heard before."""
    expected: float
    """How many items it usually has from then to when the change was found."""
    per_day: float
    """Its usual number of items a day."""
    reason: str
    """In words."""


class Telling(msgspec.Struct, frozen=True):
    """An earlier alert on an article, and its time."""

    alert: str
    at: datetime


class EditNews(msgspec.Struct, frozen=True, kw_only=True):
    """What was changed in an article."""

    version: int
    """The number of its current version; the first one is 0."""
    found: datetime
    """When the edit was found."""
    told: tuple[Telling, ...] = ()
    """The first few alerts on the article."""
    changes: tuple[Change, ...]
    """The first few."""
    more: int = 0
    """Changes besides."""
    no_longer: tuple[str, ...] = ()
    """The alerts on the article whose query it no longer matches."""


class Mention(msgspec.Struct, frozen=True, kw_only=True):
    """An article that an alert reports; if `edit` is set, its edit; if `source_news` is set, a source instead."""

    article: str
    """Its id; '' for a source."""
    story: str
    """Its id; for a source, what happened to it and since when; for an edit, the article and its version."""
    title: str
    source: str
    url: str
    """For a source, its feed's."""
    language: str
    published: datetime | None
    seen: datetime
    sentence: str
    """The sentence around the first of `places`; '' if there is none (`source:...`)."""
    marks: tuple[tuple[int, int], ...]
    """The matches in it, as offsets."""
    clause: str
    """The part of the alert's query that matched."""
    places: tuple[Span, ...]
    """The first few matches of the query's words or, if it has none, of its topics' and entities' words."""
    topics: tuple[TopicClause, ...] = ()
    """Why the article has the topics in `clause`."""
    source_news: SourceNews | None = None
    edit: EditNews | None = None
    is_own: bool = False
    """Whether it is a copy of no other article; False in messages of older versions."""
    update: int = 0
    """The number of the update to its story; 0 if it is not an update."""
    kibana: str = ""
    """The address of its story in Kibana; '' if there is none."""

    @property
    def key(self) -> str:
        """Identifies it: the article, its version, or what happened to a source."""
        return self.story if self.edit else self.article or self.story

    @property
    def noticed(self) -> datetime:
        """When wirewatch first saw the article, or its edit."""
        return self.edit.found if self.edit else self.seen


class Coverage(msgspec.Struct, frozen=True):
    """How many sources answered in the last hour; silence of the others proves nothing."""

    sources: int
    answered: int
    dark: tuple[str, ...]
    """The first few names of sources that did not answer properly."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one channel. `key` is the same for the same alert, story and channel, always."""

    key: str
    alert: str
    severity: Severity
    channel: str
    query: str
    reason: str
    """Why it fired now, in words."""
    mentions: tuple[Mention, ...]
    more: int = 0
    """Articles beyond `mentions`."""
    coverage: Coverage | None = None
    fired: datetime
    kibana: str = ""
    """The address in Kibana of what the query finds; '' if there is none."""
    v: int = 1


def alert_key(alert: str, story: str, channel: str) -> str:
    """The key that identifies a message."""
    return f"{alert}|{story}|{channel}"


def mention_of(enriched: Enriched, tree: Node, prepared: Prepared) -> Mention:
    """The mention of an article that matches a query."""
    article = enriched.article
    found = why(tree, enriched, prepared)
    sentence, marks = _sentence(article.title, article.text, found.spans)
    return Mention(
        article=article.id,
        story=enriched.story or article.id,
        title=article.title[:LONGEST],
        source=article.source[:LONGEST],
        url=article.url,
        language=enriched.language,
        published=article.published,
        seen=article.seen,
        sentence=sentence,
        marks=marks,
        clause=found.clause,
        places=found.spans[:5],
        topics=found.topics,
        is_own=enriched.copy_of == article.id,
    )


def _sentence(title: str, text: str, spans: Sequence[Span]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The sentence with the first match in the text, else the title if that has a match; with the marks inside it."""
    chosen: Field = "text" if any(span.field == "text" for span in spans) else "title"
    found = [(span.start, span.end) for span in spans if span.field == chosen]
    if not found:
        return "", ()
    whole = text if chosen == "text" else title
    start, end = _around(whole, *found[0])
    marks = [(max(a, start) - start, min(b, end) - start) for a, b in found if a < end and b > start]
    return whole[start:end], tuple(marks)


def _around(text: str, first: int, last: int) -> tuple[int, int]:
    """The sentence around a span, trimmed, of at most `LONGEST` code points unless the span is longer."""
    near = text[max(first - LONGEST, 0) : last + LONGEST]
    shift = max(first - LONGEST, 0)
    ends = [found.end() + shift for found in _ENDS.finditer(near)]
    start = max((end for end in ends if end <= first), default=shift)
    stop = min((end for end in ends if end >= last), default=shift + len(near))
    if stop - start > LONGEST:
        spare = max(LONGEST - (last - first), 0) // 2
        start, stop = max(start, first - spare), min(stop, last + spare)
    while start < first and text[start].isspace():
        start += 1
    while stop > last and text[stop - 1].isspace():
        stop -= 1
    return start, stop


def headline(alert: Alert, form: Form = PLAIN) -> str:
    """An alert in one line."""
    others = len(alert.mentions) - 1 + alert.more
    more = f" (and {others} more)" if others else ""
    title = one_line(alert.mentions[0].title, LONGEST) or "(no title)"
    return form.words(f"[{alert.severity}] {one_line(alert.alert, LONGEST)}: {title}{more}")


def body(alert: Alert, form: Form = PLAIN) -> str:
    """The text of an alert without the line of `headline`."""
    return form.page(paragraphs(alert, form))


def pages(alert: Alert, form: Form, longest: int, *, headed: bool) -> list[str]:
    """An alert as texts of at most `longest` characters each; a longer paragraph is a text of its own.

    Args:
        alert: the alert.
        form: how it is written.
        longest: characters of a text.
        headed: whether the first one begins with the headline.
    """
    found = [[[headline(alert, form)]] if headed else []]
    for paragraph in paragraphs(alert, form):
        if found[-1] and len(form.page([*found[-1], paragraph])) > longest:
            found.append([])
        found[-1].append(paragraph)
    return [form.page(one) for one in found]


def paragraphs(alert: Alert, form: Form) -> list[list[str]]:
    """The content of an alert below its headline, as paragraphs of lines: each article, then why it fired and how many sources
    answered."""
    several = len(alert.mentions) > 1
    parts = [_mention_lines(mention, form, titled=several) for mention in alert.mentions]
    if alert.more:
        parts.append([f"... and {alert.more} more."])
    closing = [f"Fired because: {_short(alert.reason, form)}."]
    if alert.coverage:
        closing.append(form.words(coverage_line(alert.coverage)))
    closing += _in_kibana("Everything that the query finds, in Kibana", alert.kibana, form)
    return [*parts, closing]


def _mention_lines(mention: Mention, form: Form, *, titled: bool) -> list[str]:
    title = [_short(mention.title, form) or "(no title)"] if titled else []
    news = mention.source_news
    if news:
        since = f"{_short(mention.source, form)} · since {news.since:%Y-%m-%d %H:%M} UTC"
        link = _link(mention.url, form)
        return [*title, since, link, f"Why: {_short(news.reason, form)}"]
    if mention.edit:
        return [*title, *edit_lines(mention, mention.edit, form)]
    when = (
        f"{mention.published:%Y-%m-%d %H:%M} UTC"
        if mention.published
        else f"seen {mention.seen:%Y-%m-%d %H:%M} UTC"
    )
    lines = [*title, f"{_short(mention.source, form)} · {when}", _link(mention.url, form)]
    lines += _in_kibana("In Kibana", mention.kibana, form)
    if mention.sentence:
        lines.append(f"“{_marked(mention, form.words, *form.marks)}”")
    lines.append(f"Why: {_short(reason_of(mention), form)}{_where(mention.places)}")
    return lines


def edit_lines(mention: Mention, edit: EditNews, form: Form = PLAIN) -> list[str]:
    """The lines on an edit: what changed in the article, when it was reported, and which alerts no longer match."""
    lines = [_short(mention.source, form), _link(mention.url, form)]
    told = [f"{one.at:%Y-%m-%d %H:%M} UTC ({_short(one.alert, form)})" for one in edit.told]
    said = f"What you were told at {', '.join(told)} was changed" if told else "It was changed"
    lines.append(f"{said}; found {edit.found:%Y-%m-%d %H:%M} UTC:")
    lines += [f"{CHANGE_NAMES[one.kind]}{_quoted_change(one, form)}" for one in edit.changes]
    if edit.more:
        lines.append(f"... and {edit.more} more changes.")
    if edit.no_longer:
        lines.append(f"It no longer matches: {', '.join(_short(name, form) for name in edit.no_longer)}.")
    return lines


def _quoted_change(change: Change, form: Form) -> str:
    """The text before and after; the first hundred characters of each."""
    before, after = (form.words(one_line(text, _QUOTED)) for text in (change.before, change.after))
    match change.kind:
        case "withdrawn":
            return f": {after}" if after else ""
        case "paywalled" | "restored":
            return ""
    if before and after:
        return f": “{before}” → “{after}”"
    return f": “{before or after}”"


def _short(text: str, form: Form) -> str:
    return form.words(one_line(text, LONGEST))


def _link(url: str, form: Form) -> str:
    address = web_address(without_secrets(url))
    return form.link(address) if address else "(no link that can be shown)"


def _in_kibana(what: str, url: str, form: Form) -> list[str]:
    """A line with a link; none if there is no address, or if it is too long to show."""
    address = web_address(url)
    return [f"{what}: {form.link(address)}"] if address else []


def reason_of(mention: Mention) -> str:
    """Why an article matched: the part of the alert's query, and for each topic in it the part of the topic's own."""
    topics = "; ".join(f"{one.topic}: {one.clause}" for one in mention.topics)
    return f"{mention.clause} ({topics})" if topics else mention.clause


def marked(mention: Mention, opening: str = "**", closing: str = "**") -> str:
    """The sentence with the matched words marked."""
    return _marked(mention, str, opening, closing)


def _marked(mention: Mention, words: Callable[[str], str], opening: str, closing: str) -> str:
    parts, at = [], 0
    for start, end in mention.marks:
        parts += [words(mention.sentence[at:start]), opening, words(mention.sentence[start:end]), closing]
        at = end
    return "".join([*parts, words(mention.sentence[at:])])


def _where(places: Sequence[Span]) -> str:
    return f" in the {places[0].field} at {places[0].start}-{places[0].end}" if places else ""


def coverage_line(coverage: Coverage) -> str:
    """How many sources answered, in a sentence."""
    if not coverage.sources:
        return "The sources are not known here."
    line = f"{coverage.answered} of {coverage.sources} sources answered in the last hour"
    if not coverage.dark:
        return f"{line}."
    more = coverage.sources - coverage.answered - len(coverage.dark)
    names = ", ".join(one_line(name, LONGEST) for name in coverage.dark)
    return f"{line}; dark: {names}{f' and {more} more' if more > 0 else ''}."
