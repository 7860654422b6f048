"""The edits of an article as documents: the changes, and each version."""

from datetime import UTC
from itertools import islice

from results import edits as public
from results.parts import Mark
from stream.messages import Article, text_digest
from stream.versions import numbers, texts


def changes_document(article: Article) -> public.Changes:
    """All edits that were found in an article."""
    return public.Changes(
        id=article.id,
        url=article.url,
        title=article.title,
        version=article.version,
        withdrawn=article.withdrawn.astimezone(UTC) if article.withdrawn else None,
        edits=edits(article),
    )


def edits(article: Article) -> tuple[public.Edit, ...]:
    """The edits that led from each version to the next, oldest first."""
    following = [*numbers(article), article.version][1:]
    return tuple(
        public.Edit(
            version=number,
            found=version.found.astimezone(UTC),
            read=version.read.astimezone(UTC),
            changes=tuple(
                public.Change(
                    kind=change.kind,
                    field=change.field,
                    before=change.before,
                    after=change.after,
                    was_at=Mark(change.old_start, change.old_end),
                    is_at=Mark(change.start, change.end),
                )
                for change in version.changes
            ),
        )
        for number, version in zip(following, article.earlier, strict=True)
    )


def version_document(article: Article, number: int) -> public.Version | None:
    """A version by its number; None if it is not kept, or never was."""
    kept = (*numbers(article), article.version)
    if number not in kept:
        return None
    place = kept.index(number)
    text = next(islice(texts(article), len(kept) - 1 - place, None))
    is_current = place == len(article.earlier)
    title = article.title if is_current else article.earlier[place].title
    return public.Version(
        id=article.id,
        url=article.url,
        version=number,
        versions=kept,
        title=title,
        text=text,
        digest=text_digest(title, text),
        read=(article.fetched if is_current else article.earlier[place].read).astimezone(UTC),
        until=None if is_current else article.earlier[place].found.astimezone(UTC),
    )
