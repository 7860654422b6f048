"""Topics: named queries that articles are matched against."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache
from typing import Any

import msgspec

from enrich.names.salience import Mention, is_salient
from query.explain import because
from query.match import Prepared
from query.match import match as match_query
from query.parse import parse
from query.tree import And, Near, Node, Not, Or, Phrase, Prefix, Term, WordLeaf, show
from stream.errors import ConfigError, FieldError, QueryError
from stream.messages import MAX_SPANS, Span, TopicTag
from stream.toml import read_toml

_KEYS = {
    "id": "lower-case letters, digits and hyphens, such as 'peace-talks'",
    "name": "the name that people see",
    "query": "a query, such as 'syria OR syrian'",
    "description": "a sentence",
    "colour": "a colour such as '#1f77b4'",
    "parent": "the id of another topic of the file, of which this one is a part",
    "mention": "'any', or 'salient' (in the title, early, or repeated)",
}
_REQUIRED = ("id", "name", "query")
_FORMS = {
    "id": re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*"),
    "colour": re.compile(r"#[0-9a-fA-F]{6}"),
    "mention": re.compile("any|salient"),
}
_ENTITY = "entity:"
"""Begins what stands for an entity among needed terms; no term has a colon."""
_LONGEST = 10_000  # characters of a value


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """A topic: an article is about it if it matches its query, or is about a topic of which it is the parent."""

    id: str
    name: str
    query: str
    tree: Node
    """The query, parsed."""
    needed: frozenset[str] | None
    """Terms, prefixes with a `*`, `entity:` with a name or id: an article must have one of them to match; None if unknown."""
    description: str = ""
    colour: str = ""
    """As `#rrggbb`; '' leaves the choice to the page."""
    parent: str = ""
    """The id of the topic that it is part of; '' for none."""
    mention: Mention = "any"
    """The mentions that put an article in the topic."""
    version: str
    """Hash of its query and mention: a tag with a different one comes from an older or newer definition."""


@lru_cache(maxsize=4)
def load_topics(data: bytes, name: str) -> tuple[Topic, ...]:
    """The topics of a TOML file, in order: one `[[topic]]` table each.

    It has the keys id, name, query, and may have description, colour, parent and mention. The last files are remembered: each
    request to the page asks for the topics, and parsing their queries takes longer than all the rest of it.

    Args:
        data: the file.
        name: what to call it in errors.

    Raises:
        ConfigError: names the file, the topic, the key and what was expected.
    """
    topics: dict[str, Topic] = {}
    for number, table in enumerate(_tables(data, name), 1):
        topic = topic_of(table, f"{name}, topic {_called(table, number)}")
        if topic.id in topics:
            raise FieldError(
                f"{name}, topic {topic.id!r}", "id", "two topics have this id; each needs its own"
            )
        topics[topic.id] = topic
    _check_parents(topics, name)
    return tuple(topics.values())


def tag(topics: Iterable[Topic], prepared: Prepared) -> tuple[TopicTag, ...]:
    """The topics that an article is about, each with the clause and the spans that made it match.

    A topic that applies only through one of its parts has the part as its clause, as in `topic:syria`.
    """
    named = {_ENTITY + value for value in prepared.values["entity"]}
    present = prepared.title.positions.keys() | prepared.text.positions.keys() | named
    topics = tuple(topics)
    tags = {
        topic.id: _tag(topic, show(because(topic.tree, prepared)), spans)
        for topic in topics
        if (topic.needed is None or _has_one(topic.needed, prepared, present))
        and (spans := match_query(topic.tree, prepared)) is not None
        and (topic.mention == "any" or is_salient(spans, prepared))
    }
    by_id = {topic.id: topic for topic in topics}
    for part in tuple(tags.values()):
        _add_parents(part, by_id, tags)
    return tuple(tags[topic.id] for topic in topics if topic.id in tags)


def _has_one(needed: frozenset[str], prepared: Prepared, present: Set[str]) -> bool:
    if not needed.isdisjoint(present):
        return True
    starts = [one[:-1] for one in needed if one[-1] == "*"]
    return any(words.starting(start) for start in starts for words in (prepared.title, prepared.text))


def _tag(topic: Topic, clause: str, spans: tuple[Span, ...]) -> TopicTag:
    return TopicTag(
        topic=topic.id, name=topic.name, clause=clause, spans=spans[:MAX_SPANS], version=topic.version
    )


def _add_parents(part: TopicTag, by_id: Mapping[str, Topic], tags: dict[str, TopicTag]) -> None:
    """Add the parents of tagged topics, if they are not tagged themselves."""
    parent = by_id.get(by_id[part.topic].parent)
    while parent and parent.id not in tags:
        tags[parent.id] = part = _tag(parent, f"topic:{part.topic}", part.spans)
        parent = by_id.get(parent.parent)


def needed_terms(node: Node) -> frozenset[str] | None:
    """Terms, prefixes with a `*`, and entities, of which an article must have one to match; None if unknown.

    For speed only: most articles match few topics, and these terms rule out the others.
    """
    match node:
        case Or(parts=parts):
            each = [needed_terms(part) for part in parts]
            known = [terms for terms in each if terms is not None]
            return frozenset().union(*known) if len(known) == len(each) else None
        case And(parts=parts):
            known = [terms for part in parts if (terms := needed_terms(part)) is not None]
            return min(known, key=len, default=None)
        case Term(field=None | "title" | "text", term=term):
            return frozenset((term,))
        case Prefix(field=None | "title" | "text", prefix=prefix):
            return frozenset((f"{prefix}*",))
        case Term(field="entity", term=term):
            return frozenset((_ENTITY + term,))
        case (
            Phrase(field=None | "title" | "text", terms=terms)
            | Near(field=None | "title" | "text", terms=terms)
        ):
            return frozenset((max(terms, key=len),))  # the longest is usually the rarest
        case _:
            return None


def _tables(data: bytes, name: str) -> list[object]:
    """The tables under `topic`."""
    content = read_toml(data, name)
    tables = content.pop("topic", [])
    if content:
        raise ConfigError(f"{name}: unknown key {next(iter(content))!r}; expected only [[topic]] tables")
    if not isinstance(tables, list):
        raise ConfigError(f"{name}: expected [[topic]] tables, found a single 'topic'")
    return tables


def _called(table: object, number: int) -> str:
    """The name of a topic in errors: its id if it has one, else its place in the file."""
    given = table.get("id") if isinstance(table, dict) else None
    return repr(given) if isinstance(given, str) else f"number {number}"


def topic_of(table: object, where: str) -> Topic:
    """The topic of a table such as the file has; `where` begins the message of an error. Its parent is not looked up."""
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: expected a table, found {table!r}")
    _check(table, where)
    try:
        tree = parse(table["query"])
    except QueryError as error:
        raise FieldError(where, "query", error) from error
    if _asks_for_topics(tree):
        reason = "a topic's query can't use topics (topic:...); expected words, phrases, other fields"
        raise FieldError(where, "query", reason)
    return Topic(
        tree=tree, needed=needed_terms(tree), version=_version(tree, table.get("mention", "any")), **table
    )


def _version(tree: Node, mention: str) -> str:
    """The first 12 hex digits of a hash of everything that decides what a topic tags."""
    return hashlib.blake2b(f"{mention}\n{show(tree)}".encode(), digest_size=6).hexdigest()


def _check_parents(topics: Mapping[str, Topic], name: str) -> None:
    """Refuses a parent that is not a topic, or is part of its own part."""
    for topic in topics.values():
        above = [topic.id]
        while parent := topics[above[-1]].parent:
            where = f"{name}, topic {above[-1]!r}"
            if parent not in topics:
                raise FieldError(where, "parent", f"expected {_KEYS['parent']}, found {parent!r}")
            if parent in above:
                circle = " is a part of ".join([*above, parent])
                raise FieldError(where, "parent", f"{circle}; topics can't be part of themselves")
            above.append(parent)


def _asks_for_topics(node: Node) -> bool:
    """Whether a query uses the topics of an article, which are not known yet when topics are matched."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return any(map(_asks_for_topics, parts))
        case Not(part=part):
            return _asks_for_topics(part)
        case _:
            return isinstance(node, WordLeaf) and node.field == "topic"


def _check(table: Mapping[str, Any], where: str) -> None:
    """Rejects a topic with unknown keys or invalid values."""
    for key, value in table.items():
        if key not in _KEYS:
            raise ConfigError(f"{where}: unknown key {key!r}; expected one of {', '.join(_KEYS)}")
        form = _FORMS.get(key)
        if not isinstance(value, str) or len(value) > _LONGEST or (form and not form.fullmatch(value)):
            raise FieldError(where, key, f"expected {_KEYS[key]}, found {str(value)[:100]!r}")
    for key in _REQUIRED:
        if not table.get(key, "").strip():
            raise FieldError(where, key, f"missing or empty; expected {_KEYS[key]}")
