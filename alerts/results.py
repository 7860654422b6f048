"""Alerts and records of firing as the documents that wirewatch shows."""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import UNSET

from alerts.message import Alert, Coverage, Mention
from alerts.state import Fired
from results import alert as public
from results.edits import Change as PublicChange
from results.parts import Coverage as PublicCoverage
from results.parts import Head, Hit, Mark, Snippet, Source
from stream.messages import Change


def alert_document(alert: Alert) -> public.Alert:
    """One message to one channel."""
    return public.Alert(
        key=alert.key,
        alert=alert.alert,
        severity=alert.severity,
        channel=alert.channel,
        query=alert.query or None,
        reason=alert.reason,
        hits=tuple(hit_document(one) for one in alert.mentions if not (one.source_news or one.edit)),
        source_news=tuple(news for one in alert.mentions if (news := source_document(one))),
        more=alert.more,
        coverage=_coverage(alert.coverage) if alert.coverage and alert.coverage.sources else None,
        fired=alert.fired.astimezone(UTC),
        kibana=alert.kibana or UNSET,
        edits=tuple(edit for one in alert.mentions if (edit := edit_document(one))),
    )


def firing_document(fired: Fired, delivered: Mapping[str, datetime | None]) -> public.Firing:
    """The record that an alert fired; `delivered` gives the time by channel, None if not yet."""
    mention = fired.mention
    return public.Firing(
        alert=fired.alert,
        severity=fired.severity,
        fired=fired.at.astimezone(UTC),
        reason=fired.reason,
        story=fired.story,
        hit=None if mention.source_news or mention.edit else hit_document(mention),
        source_news=source_document(mention),
        also=fired.also,
        edit=edit_document(mention),
        held=not fired.message,
        delivered={channel: at.astimezone(UTC) if at else None for channel, at in delivered.items()},
    )


def hit_document(mention: Mention) -> Hit:
    """The article in an alert, as a search's hit."""
    in_title = [place for place in mention.places if place.field == "title"]
    shown = [Mark(place.start, place.end) for place in in_title if place.end <= len(mention.title)]
    return Hit(
        article=_head(mention),
        title_marks=tuple(shown),
        snippet=_snippet(mention) if mention.sentence else None,
        clause=mention.clause or None,
    )


def _snippet(mention: Mention) -> Snippet:
    """The sentence, which is from the text if anything there matched; the mention keeps only the first few places."""
    in_text = any(place.field == "text" for place in mention.places) or mention.sentence not in mention.title
    return Snippet(
        "text" if in_text else "title", mention.sentence, tuple(Mark(*mark) for mark in mention.marks)
    )


def source_document(mention: Mention) -> public.SourceNews | None:
    """What happened to a source; None if the mention is of an article."""
    news = mention.source_news
    if news is None:
        return None
    return public.SourceNews(
        name=mention.source,
        url=mention.url,
        title=mention.title,
        status=news.status,
        since=news.since.astimezone(UTC),
        expected=news.expected,
        per_day=news.per_day,
        reason=news.reason,
    )


def edit_document(mention: Mention) -> public.EditNews | None:
    """What changed in an article; None if the mention is not of an edit."""
    news = mention.edit
    if news is None:
        return None
    return public.EditNews(
        article=msgspec.structs.replace(_head(mention), story=None),
        version=news.version,
        found=news.found.astimezone(UTC),
        told=tuple(public.Telling(one.alert, one.at.astimezone(UTC)) for one in news.told),
        changes=tuple(map(_change, news.changes)),
        more=news.more,
        no_longer=news.no_longer,
    )


def _change(change: Change) -> PublicChange:
    return PublicChange(
        kind=change.kind,
        field=change.field,
        before=change.before,
        after=change.after,
        was_at=Mark(change.old_start, change.old_end),
        is_at=Mark(change.start, change.end),
    )


def _head(mention: Mention) -> Head:
    return Head(
        id=mention.article,
        url=mention.url,
        title=mention.title,
        source=mention.source,
        language=None if mention.language in ("", "unknown") else mention.language,
        published=mention.published.astimezone(UTC) if mention.published else None,
        seen=mention.seen.astimezone(UTC),
        story=mention.story or None,
        kibana=mention.kibana or UNSET,
    )


def _coverage(coverage: Coverage) -> PublicCoverage:
    return PublicCoverage(
        sources=coverage.sources,
        heard=coverage.answered,
        dark=tuple(Source(name=name, status=None, since=None, reason=None) for name in coverage.dark),
        dark_more=coverage.sources - coverage.answered - len(coverage.dark),
    )
