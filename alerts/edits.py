"""What alerts report of edits: of articles that they reported or that match a query, and of articles that no longer match.

Pure, as rules.py is. Each version of an article is judged once, and only while its edit is new: replays fire nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from alerts import pacing
from alerts.decision import Decision, together
from alerts.definitions import Definition
from alerts.message import LONGEST, EditNews, Mention, Telling
from alerts.rules import FRESH
from alerts.state import Fired, Judged, State
from query.changes import in_any_version
from query.match import Prepared, matches
from stream.messages import Article, Change, Enriched

MOST_TOLD = 5
"""Changes of one edit that a message quotes."""
_ADDITIONS = frozenset({"added"})
"""Kinds that don't change what was reported; alerts report them only if `changes` lists them."""


def is_news(enriched: Enriched, state: State, now: datetime) -> bool:
    """Whether an article's last edit may fire an alert: it was neither judged before nor found long ago."""
    article = enriched.article
    if article.edited is None or _version(article) in state.judged or now - article.edited > FRESH:
        return False
    began = state.watermark.since if state.watermark else None
    return began is None or article.edited >= began


def note(enriched: Enriched) -> Decision:
    """Record that this version was judged."""
    article = enriched.article
    return Decision(put=(Judged(article=_version(article), seen=article.edited or article.seen),))


def consider(
    definition: Definition, enriched: Enriched, prepared: Prepared, state: State, now: datetime
) -> Decision:
    """What an alert about edits reports of an edited article: nothing, unless the article was reported or matches the alert's
    query, and the edit is of a wanted kind."""
    told = told_of(enriched.article, state)
    tree = definition.tree
    is_meant = matches(in_any_version(tree), prepared) if tree else bool(told)
    changes = [one for one in _last(enriched.article) if _is_asked(definition, one)]
    if not is_meant or not changes or pacing.is_muted(definition, now):
        return Decision()
    mention = _mention(enriched, _version(enriched.article), told, changes, ())
    reason = "an article in an earlier alert was edited" if told else "an article that matches was edited"
    return pacing.speak(definition, [mention], reason, state, now)


def no_longer(
    definition: Definition, enriched: Enriched, prepared: Prepared, state: State, now: datetime
) -> Decision:
    """What an alert about articles reports, once, of a reported article that its query no longer matches."""
    article = enriched.article
    told = [one for one in told_of(article, state) if one.alert == definition.name]
    story = f"{article.id}@no-longer"
    if not told or (definition.name, story) in state.fired or pacing.is_muted(definition, now):
        return Decision()
    if definition.tree is None or matches(definition.tree, prepared):
        return Decision()
    mention = _mention(enriched, story, told, _last(article), (definition.name,))
    return pacing.speak(definition, [mention], "the reported article no longer matches", state, now)


def consider_all(
    definitions: Iterable[Definition], enriched: Enriched, prepared: Prepared, state: State, now: datetime
) -> Decision:
    """What the alerts report of an edited article, except alerts that it matches for the first time."""
    judged = {"edits": consider, "articles": no_longer}
    return together(
        judged[one.about](one, enriched, prepared, state, now)
        for one in definitions
        if one.about in judged
        and (one.about == "edits" or (one.name in {told.alert for told in told_of(enriched.article, state)}))
    )


def told_of(article: Article, state: State) -> list[Fired]:
    """The alerts on an article itself, earliest first; not those on its edits."""
    found = (state.fired.get(key) for key in state.told.get(article.id, ()))
    return sorted(
        (one for one in found if one and one.mention.edit is None), key=lambda one: (one.at, one.alert)
    )


def _version(article: Article) -> str:
    return f"{article.id}@{article.version}"


def _last(article: Article) -> Sequence[Change]:
    return article.earlier[-1].changes if article.earlier else ()


def _is_asked(definition: Definition, change: Change) -> bool:
    return change.kind in definition.changes if definition.changes else change.kind not in _ADDITIONS


def _mention(
    enriched: Enriched, story: str, told: Sequence[Fired], changes: Sequence[Change], gone: tuple[str, ...]
) -> Mention:
    article = enriched.article
    return Mention(
        article=article.id,
        story=story,
        title=article.title[:LONGEST],
        source=article.source[:LONGEST],
        url=article.url,
        language=enriched.language,
        published=article.published,
        seen=article.seen,
        sentence="",
        marks=(),
        clause="",
        places=(),
        edit=EditNews(
            version=article.version,
            found=article.edited or article.seen,
            told=tuple(Telling(one.alert, one.at) for one in told[:MOST_TOLD]),
            changes=tuple(changes[:MOST_TOLD]),
            more=max(len(changes) - MOST_TOLD, 0),
            no_longer=gone,
        ),
    )
