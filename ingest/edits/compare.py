"""Compares a page that was read again with what is known of its article: pure."""

import msgspec

from ingest.edits.kinds import QUOTED, changes
from query.tokens import terms
from stream.messages import Article, Change, ChangeKind, Page
from stream.versions import superseded, texts

_SHORTENED = 0.8  # a paywall shows at most this share of the words
_ALIKE = 0.3  # the share of words that the text at another address must have in common to be the same article
_HIDDEN = ("teaser", "consent")


def read_again(before: Article, after: Article) -> Article | None:
    """The article as it is now, with its earlier versions; None if nothing was edited.

    Args:
        before: the article as it is known.
        after: what its page says now.
    """
    if after.fetched < before.fetched or not _is_same(before, after):
        return None
    if after.fetched == before.fetched:
        return _rebased(before, after)
    if before.content_status == "full" and after.content_status == "part":
        return None  # one of its pages could not be fetched this time
    if _is_hidden(before, after):
        return None if _was(before, "paywalled") else _marked(before, after, "paywalled", "")
    found = changes(before, after)
    if before.withdrawn:
        found = (*found, _whole("restored", after, ""))
    return _next(before, after, found) if found else None


def withdrawn(before: Article, page: Page) -> Article | None:
    """The article whose page no longer exists; None if that is known already."""
    if before.withdrawn or page.fetched < before.fetched:
        return None
    later = msgspec.structs.replace(before, fetched=page.fetched)
    gone = _marked(before, later, "withdrawn", page.withdrawn.partition(": ")[2] or page.withdrawn)
    return msgspec.structs.replace(gone, withdrawn=page.fetched)


def _is_same(before: Article, after: Article) -> bool:
    """Whether a page has the same article: by address, or by enough shared words (a new headline can change the address)."""
    if before.id == after.id:
        return True
    old, new = set(terms(before.text)), set(terms(after.text))
    return len(old & new) >= _ALIKE * max(len(old), len(new), 1)


def _is_hidden(before: Article, after: Article) -> bool:
    """Whether the page shows less than it did because of a paywall."""
    if after.content_status not in _HIDDEN or before.content_status in _HIDDEN:
        return False
    return len(terms(after.text)) <= _SHORTENED * len(terms(before.text))


def _was(article: Article, kind: ChangeKind) -> bool:
    return bool(article.earlier) and any(change.kind == kind for change in article.earlier[-1].changes)


def _marked(before: Article, after: Article, kind: ChangeKind, reason: str) -> Article:
    """The article with its old text, and a note of what became of its page."""
    kept = msgspec.structs.replace(before, fetched=after.fetched, extracted=after.extracted)
    return _next(before, kept, (_whole(kind, before, reason),))


def _whole(kind: ChangeKind, article: Article, reason: str) -> Change:
    """A change that concerns the article as a whole."""
    end = len(article.text)
    return Change(kind=kind, field="text", start=0, end=end, old_start=0, old_end=end, after=reason[:QUOTED])


def _next(before: Article, after: Article, found: tuple[Change, ...]) -> Article:
    """The next version. It keeps its address, its outlet, its dates, and what only the feed said of it."""
    dated = before if before.published else after
    titled = after if after.title_from == before.title_from else before
    return msgspec.structs.replace(
        after,
        id=before.id,
        url=before.url,
        feed=before.feed,
        source=before.source,
        hearsay=before.hearsay and after.hearsay,
        backfill=before.backfill,
        seen=before.seen,
        title=titled.title,
        title_from=titled.title_from,
        author=after.author or before.author,
        author_from=after.author_from or before.author_from,
        summary=after.summary or before.summary,
        declared_language=after.declared_language or before.declared_language,
        published=dated.published,
        published_from=dated.published_from,
        published_precision=dated.published_precision,
        published_doubt=dated.published_doubt,
        published_doubt_from=dated.published_doubt_from,
        withdrawn=None,
        version=before.version + 1,
        earlier=superseded(before, after, found),
    )


def _rebased(before: Article, after: Article) -> Article | None:
    """The same reading, extracted again (a replay): the current version changes, and its history is kept."""
    if not before.earlier:
        return after
    if before.withdrawn:
        return None
    older = list(texts(before))[1]
    last = before.earlier[-1]
    base = msgspec.structs.replace(
        before, title=last.title, text=older, fetched=last.read, modified=last.modified,
        earlier=before.earlier[:-1], version=before.version - 1,
    )  # fmt: skip
    return _next(base, after, changes(base, after) or last.changes)
