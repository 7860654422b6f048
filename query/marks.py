"""What people mark at their desk, in the query language: `tag:`, `note:`, `starred:true`, `read:false`, `assigned:`.

A store knows nothing of marks. They are looked up while a query is parsed, and become the set of marked articles, so that both
stores find the same. A new article has no marks, so topics and alerts refuse these fields.
"""

from collections.abc import Callable, Collection

import msgspec

from query.lex import Lexeme
from query.tree import And, Marked, Node, Not, Or, Term, WordLeaf, show
from stream.errors import QueryError

Marks = Callable[[WordLeaf], Collection[str]]
"""Returns the ids of the articles whose marks match a leaf. `starred` and `read` match the term `true`."""

MOST_ARTICLES = 50_000
"""The most articles that one field may stand for: Elasticsearch accepts 65,536 values."""
_SWITCHES = ("starred", "read")


def looked_up(leaf: WordLeaf, marks: Marks | None, query: str, at: Lexeme) -> Node:
    """The articles with a mark.

    Args:
        leaf: what to look up, in a field of marks.
        marks: None if marks can't be used.
        query: the whole query.
        at: the leaf's position in it.
    """
    if marks is None:
        raise QueryError(
            f"{leaf.field}: searches marks, and a new article has none: only searches can use it",
            query,
            at.position,
        )
    if leaf.field in _SWITCHES:
        return _switch(leaf, marks, query, at)
    return _marked(leaf, marks, query, at)


def nobodys(_: WordLeaf) -> Collection[str]:
    """Marks of nobody: no article is marked; for examining a query without searching."""
    return ()


def asks_for_marks(node: Node) -> bool:
    """Whether a query uses marks."""
    match node:
        case And(parts=parts) | Or(parts=parts):
            return any(map(asks_for_marks, parts))
        case Not(part=part):
            return asks_for_marks(part)
        case _:
            return isinstance(node, Marked)


def _switch(leaf: WordLeaf, marks: Marks, query: str, at: Lexeme) -> Node:
    if not isinstance(leaf, Term) or leaf.term not in ("true", "false"):
        raise QueryError(f"{leaf.field}: takes true or false", query, at.position)
    found = _marked(msgspec.structs.replace(leaf, term="true"), marks, query, at)
    return found if leaf.term == "true" else Not(found)


def _marked(leaf: WordLeaf, marks: Marks, query: str, at: Lexeme) -> Marked:
    ids = frozenset(marks(leaf))
    if len(ids) > MOST_ARTICLES:
        raise QueryError(
            f"{show(leaf)} stands for {len(ids):,} articles; a search takes at most {MOST_ARTICLES:,}",
            query,
            at.position,
        )
    return Marked(show(leaf), ids)
