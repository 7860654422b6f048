"""The versions of an article: numbered from 0, the current one last."""

from collections.abc import Iterator

from stream.delta import difference, patched
from stream.messages import Article, Change, Version, text_digest

MOST_VERSIONS = 30
"""The most earlier versions kept of an article: the first one and the last ones."""
MOST_KEPT = 500_000
"""The most code points that the differences between an article's versions may take together, if there are several."""


def texts(article: Article) -> Iterator[str]:
    """The texts of the versions, from the current one back to the first."""
    text = article.text
    yield text
    for version in reversed(article.earlier):
        text = patched(text, version.text)
        yield text


def numbers(article: Article) -> list[int]:
    """The number of each of `article.earlier`: if there were very many, some after the first are missing."""
    kept = len(article.earlier)
    return [0 if not at else article.version - kept + at for at in range(kept)]


def superseded(before: Article, after: Article, changes: tuple[Change, ...]) -> tuple[Version, ...]:
    """The earlier versions of `after`, which follows on `before`."""
    last = Version(
        title=before.title,
        text=difference(after.text, before.text),
        digest=text_digest(before.title, before.text),
        read=before.fetched,
        modified=before.modified,
        found=after.fetched,
        changes=changes,
    )
    return _bounded(after.text, (*before.earlier, last))


def _bounded(text: str, versions: tuple[Version, ...]) -> tuple[Version, ...]:
    """The versions without the second, the third and so on, until they are few and small enough."""
    while len(versions) > MOST_VERSIONS or (len(versions) > 1 and _size(versions) > MOST_KEPT):
        versions = _without_second(text, versions)
    return versions


def _without_second(text: str, versions: tuple[Version, ...]) -> tuple[Version, ...]:
    first, *others = versions
    for version in reversed(others[1:]):
        text = patched(text, version.text)
    oldest = patched(patched(text, others[0].text), first.text)
    return (_with_text(first, text, oldest), *others[1:])


def _with_text(version: Version, following: str, text: str) -> Version:
    return Version(
        title=version.title,
        text=difference(following, text),
        digest=version.digest,
        read=version.read,
        modified=version.modified,
        found=version.found,
        changes=version.changes,
    )


def _size(versions: tuple[Version, ...]) -> int:
    return sum(len(patch.text) for version in versions for patch in version.text)
