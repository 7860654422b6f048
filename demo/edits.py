"""What the outlets change after they have published it: read from world/edits.toml, and applied by the clock."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

import msgspec

from demo.manuscript import Block
from demo.world import Article, World
from stream.errors import ConfigError


class Edit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One edit of one article."""

    outlet: str
    """The outlet's host without `.example`."""
    slug: str
    after: float
    """Seconds after the article appeared, more than 0."""
    title: str = ""
    """The new headline; '' if it stays."""
    replace: tuple[tuple[str, str], ...] = ()
    """Words of the text, and what replaces them."""
    note: str = ""
    """A paragraph that is added at the end."""
    withdrawn: bool = False
    """Whether the page is taken down."""

    def applied(self, article: Article) -> Article:
        """The article after the edit."""
        blocks = tuple(Block(block.kind, self._replaced(block.text)) for block in article.blocks)
        note = (Block("paragraph", self.note),) if self.note else ()
        return msgspec.structs.replace(article, title=self.title or article.title, blocks=(*blocks, *note))

    def _replaced(self, text: str) -> str:
        for old, new in self.replace:
            text = text.replace(old, new)
        return text


Edits = Mapping[tuple[str, str], tuple[Edit, ...]]
"""By the outlet's host and the article's slug, in the order in which they are made."""


NO_EDITS: Edits = MappingProxyType({})


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    edits: tuple[Edit, ...]


def bundled_edits(world: World) -> Edits:
    """The edits that come with the package."""
    return load_edits(files("demo").joinpath("world/edits.toml"), world)


def load_edits(file: Traversable, world: World) -> Edits:
    """Read a file of edits; a ConfigError names the article and what does not fit."""
    try:
        edits = msgspec.toml.decode(file.read_bytes(), type=_File).edits
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{file.name}: {error}") from error
    articles = {(article.outlet.key, article.slug): article for article in world.articles}
    found: dict[tuple[str, str], tuple[Edit, ...]] = {}
    for edit in sorted(edits, key=lambda edit: edit.after):
        article = articles.get((edit.outlet, edit.slug))
        if article is None:
            raise ConfigError(f"{file.name}: there is no article {edit.outlet}/{edit.slug}")
        _check(edit, article, file.name)
        key = (article.outlet.host, article.slug)
        found[key] = (*found.get(key, ()), edit)
    return found


def _check(edit: Edit, article: Article, name: str) -> None:
    text = "\n".join(block.text for block in article.blocks)
    for old, _ in edit.replace:
        if old not in text:
            raise ConfigError(f"{name}: {edit.outlet}/{edit.slug}: {old!r} is not in its text")
    if edit.after <= 0:
        raise ConfigError(
            f"{name}: {edit.outlet}/{edit.slug}: expected more than 0 seconds, got {edit.after:g}"
        )


def made(edits: Iterable[Edit], appeared: datetime, now: datetime) -> list[Edit]:
    """The edits of an article that have been made by now."""
    return [edit for edit in edits if appeared + timedelta(seconds=edit.after) <= now]
