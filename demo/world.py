"""The outlets and articles of the demo world: read from world/, checked, and held in frozen structs.

    world/outlets.toml               the outlets and their feeds
    world/labels.toml                the words of a page's furniture, by language
    world/articles/OUTLET/SLUG.md    one article; OUTLET is the outlet's host without `.example`
    world/wire/NAME.md               wire copy, with what each outlet that carries it changed
    world/agenda.pdf                 what a link to a PDF leads to

Everything that does not fit together is a ConfigError that names the file and what was expected.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from demo.faults import Fault
from demo.manuscript import Block, Manuscript, parse_manuscript
from stream.errors import ConfigError

Name = Annotated[str, msgspec.Meta(min_length=1)]
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Path = Annotated[str, msgspec.Meta(pattern=r"^/")]
FeedFormat = Literal["rss2", "rss1", "atom", "json"]
Look = Literal["agency", "blog", "broadsheet", "local", "magazine", "portal"]


class Feed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed of an outlet."""

    path: Path
    title: Name
    format: FeedFormat
    sections: tuple[Name, ...] = ()
    """The sections that it carries; none means all."""
    tracking: str = ""
    """A query string that it adds to the links of its items."""
    damaged: bool = False
    """Whether it is sent through `faults.damage_feed`; only for RSS 2.0."""


class Outlet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A news site."""

    host: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+\.example$")]
    name: Name
    tagline: Name
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")]
    country: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
    folder: Name
    """Its folder in the OPML list."""
    look: Look
    """The template of its pages."""
    article_path: Path
    """Where an article lives, with the placeholders {year} {month} {day} {section} {slug}."""
    feeds: Annotated[tuple[Feed, ...], msgspec.Meta(min_length=1)]
    charset: Literal["utf-8", "windows-1251", "iso-8859-1"] = "utf-8"
    """How its pages are encoded, and declared."""
    relative_canonical: bool = False

    @property
    def key(self) -> str:
        """The outlet's short name: its host without `.example`."""
        return self.host.removesuffix(".example")


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article as one outlet publishes it."""

    outlet: Outlet
    slug: Slug
    title: str
    author: str
    published: datetime
    section: str
    image: str
    caption: str
    tags: tuple[str, ...]
    summary: str
    blocks: tuple[Block, ...]
    fault: Fault


class Labels(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of a page's furniture in one language."""

    home: Name
    by: Name
    published: Name
    date: Name
    """How a date is written, with the placeholders {day} {month} {year} {time}."""
    months: Annotated[tuple[Name, ...], msgspec.Meta(min_length=12, max_length=12)]
    sections: Mapping[str, Name]
    share: Name
    tweet: Name
    print: Name
    advertisement: Name
    related: Name
    read_also: Name
    newsletter: Name
    newsletter_pitch: Name
    subscribe: Name
    cookies: Name
    accept: Name
    comments: Name
    comment_teaser: Name
    footer: Name


class World(msgspec.Struct, frozen=True, dict=True):
    """Everything there is.

    Attributes:
        outlets: in the order of outlets.toml.
        articles: in publishing order.
        labels: by language.
        pdf: the content of the PDF file.
    """

    outlets: tuple[Outlet, ...]
    articles: tuple[Article, ...]
    labels: Mapping[str, Labels]
    pdf: bytes

    @cached_property
    def by_host(self) -> Mapping[str, Outlet]:
        """The outlets by the names of their hosts."""
        return {outlet.host: outlet for outlet in self.outlets}


class _Head(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The front matter of an article of one outlet."""

    title: Name
    author: str
    published: Moment
    section: Name
    tags: tuple[Name, ...]
    image: Slug | Literal[""] = ""
    caption: str = ""
    summary: str = ""
    fault: Fault = ""


class _Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A block of the wire copy, counted from 1, that an outlet writes in its own words."""

    block: int
    text: Name


class _Carried(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one outlet made of the wire copy."""

    outlet: Name
    slug: Slug
    title: Name
    published: Moment
    author: Name = "wire"
    section: Name
    cut: tuple[int, ...] = ()
    """The blocks of the wire copy, counted from 1, that it left out."""
    reworded: tuple[_Edit, ...] = ()


class _WireHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The front matter of wire copy."""

    tags: tuple[Name, ...]
    image: Slug | Literal[""] = ""
    caption: str = ""
    carried: Annotated[tuple[_Carried, ...], msgspec.Meta(min_length=2)]


class _OutletsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outlets: tuple[Outlet, ...]


def bundled() -> World:
    """The world that comes with the package."""
    return load(files("demo").joinpath("world"))


def load(root: Traversable) -> World:
    """Read a world from a folder (see the module's text); a ConfigError names the file and the fault."""
    labels = _labels(root.joinpath("labels.toml"))
    outlets = _decode(root.joinpath("outlets.toml"), _OutletsFile).outlets
    _check_outlets(outlets, labels)
    by_key = {outlet.key: outlet for outlet in outlets}
    found = [
        *_own_articles(root.joinpath("articles"), by_key),
        *_wire_articles(root.joinpath("wire"), by_key),
    ]
    world = World(
        outlets=outlets,
        articles=tuple(
            sorted(found, key=lambda article: (article.published, article.outlet.host, article.slug))
        ),
        labels=labels,
        pdf=root.joinpath("agenda.pdf").read_bytes(),
    )
    _check(world)
    return world


T = TypeVar("T")


def _decode(file: Traversable, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=kind)
    except (msgspec.DecodeError, ValueError) as error:
        raise ConfigError(f"{file.name}: {error}") from error


def _labels(file: Traversable) -> dict[str, Labels]:
    """The labels by language."""
    tables = _decode(file, dict[str, dict[str, Any]])
    return {
        language: _convert(table, Labels, f"{file.name}: {language}") for language, table in tables.items()
    }


def _own_articles(folder: Traversable, outlets: Mapping[str, Outlet]) -> Iterator[Article]:
    """The articles of the folders named after an outlet."""
    for place in folder.iterdir():
        outlet = _outlet(place.name, outlets, f"articles/{place.name}")
        for name, manuscript in _manuscripts(place):
            head = _convert(manuscript.head, _Head, name)
            slug = _convert(name.rpartition("/")[2].removesuffix(".md"), Slug, name)
            yield Article(
                outlet=outlet,
                slug=slug,
                title=head.title,
                author=head.author,
                published=head.published,
                section=head.section,
                image=head.image,
                caption=head.caption,
                tags=head.tags,
                summary=head.summary or manuscript.blocks[0].text,
                blocks=manuscript.blocks,
                fault=head.fault,
            )


def _wire_articles(folder: Traversable, outlets: Mapping[str, Outlet]) -> Iterator[Article]:
    """Each piece of wire copy, as each of its carriers has it."""
    for name, manuscript in _manuscripts(folder):
        head = _convert(manuscript.head, _WireHead, name)
        for carried in head.carried:
            blocks = _edited(manuscript.blocks, carried, name)
            yield Article(
                outlet=_outlet(carried.outlet, outlets, name),
                slug=carried.slug,
                title=carried.title,
                author=carried.author,
                published=carried.published,
                section=carried.section,
                image=head.image,
                caption=head.caption,
                tags=head.tags,
                summary=blocks[0].text,
                blocks=blocks,
                fault="",
            )


def _edited(blocks: tuple[Block, ...], carried: _Carried, name: str) -> tuple[Block, ...]:
    """The wire copy after one outlet's edits."""
    new = {edit.block: " ".join(edit.text.split()) for edit in carried.reworded}
    for number in (*new, *carried.cut):
        if not 1 <= number <= len(blocks):
            raise ConfigError(f"{name}: {carried.outlet} edits block {number} of {len(blocks)}")
    return tuple(
        Block(block.kind, new.get(number, block.text))
        for number, block in enumerate(blocks, start=1)
        if number not in carried.cut
    )


def _manuscripts(folder: Traversable) -> Iterator[tuple[str, Manuscript]]:
    """The parsed `.md` files of a folder, each with its name for error messages."""
    for file in folder.iterdir():
        if file.name.endswith(".md"):
            name = f"{folder.name}/{file.name}"
            yield name, parse_manuscript(file.read_text(encoding="utf-8"), name)


def _outlet(key: str, outlets: Mapping[str, Outlet], name: str) -> Outlet:
    if key not in outlets:
        raise ConfigError(
            f"{name}: outlet {key!r} is not in outlets.toml; expected one of {', '.join(outlets)}"
        )
    return outlets[key]


def _convert(value: Any, kind: Any, name: str) -> Any:
    try:
        return msgspec.convert(value, type=kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{name}: {error}") from error


def _check(world: World) -> None:
    """Check what no single file can show."""
    seen: set[tuple[str, str]] = set()
    for article in world.articles:
        name = f"{article.outlet.key}/{article.slug}"
        if (article.outlet.host, article.slug) in seen:
            raise ConfigError(f"{name}: there are two articles of this name")
        seen.add((article.outlet.host, article.slug))
        _check_article(article, world.labels[article.outlet.language], name)


def _check_outlets(outlets: tuple[Outlet, ...], labels: Mapping[str, Labels]) -> None:
    if len({outlet.host for outlet in outlets}) != len(outlets):
        raise ConfigError("outlets.toml: two outlets have the same host")
    for outlet in outlets:
        if outlet.language not in labels:
            raise ConfigError(
                f"labels.toml: no labels for {outlet.language!r}, the language of {outlet.host}"
            )
        for feed in outlet.feeds:
            if feed.damaged and feed.format != "rss2":
                raise ConfigError(f"outlets.toml: {outlet.host}{feed.path}: only an rss2 feed can be damaged")


def _check_article(article: Article, labels: Labels, name: str) -> None:
    if article.section not in labels.sections:
        raise ConfigError(f"{name}: section {article.section!r} is none of {', '.join(labels.sections)}")
    if not any(carries(feed, article) for feed in article.outlet.feeds):
        raise ConfigError(f"{name}: no feed of {article.outlet.host} carries section {article.section!r}")
    try:
        "".join(block.text for block in article.blocks).encode(article.outlet.charset)
    except UnicodeEncodeError as error:
        raise ConfigError(f"{name}: not in the outlet's charset: {error}") from error


def carries(feed: Feed, article: Article) -> bool:
    """Whether a feed of the article's outlet lists the article."""
    return not feed.sections or article.section in feed.sections
