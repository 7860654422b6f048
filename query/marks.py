"""What people mark at their desk, in the query language: `tag:`, `note:`, `starred:true`, `read:false`, `assigned:`.

A store knows nothing of marks. They are looked up while a query is parsed, and become the set of the articles that bear
them, so that both stores find the same. An article that has just come bears none: topics and alerts refuse these fields.
"""

from collections.abc import Callable, Collection

import msgspec

from query.lex import Lexeme
from query.tree import And, Marked, Node, Not, Or, Term, WordLeaf, show
from stream.errors import QueryError

Marks = Callable[[WordLeaf], Collection[str]]
"""Gives the ids of the articles whose marks match a leaf. `starred` and `read` are asked for by the term `true`."""

MOST_ARTICLES = 50_000
"""That one field may stand for: Elasticsearch takes 65,536 values."""
_SWITCHES = ("starred", "read")


def looked_up(leaf: WordLeaf, marks: Marks | None, query: str, at: Lexeme) -> Node:
    """The articles that bear a mark.

    Args:
        leaf: what is asked for, in a field of marks.
        marks: None where none can be asked for.
        query: the whole query.
        at: where the leaf stands in it.
    """
    if marks is None:
        raise QueryError(
            f"{leaf.field}: asks for what people mark, and an article that just came has no marks: only searches take it",
            query,
            at.position,
        )
    if leaf.field in _SWITCHES:
        return _switch(leaf, marks, query, at)
    return _marked(leaf, marks, query, at)


def nobodys(_: WordLeaf) -> Collection[str]:
    """No article is marked; for whoever asks what a query is like, not what it finds."""
    return ()


def asks_for_marks(node: Node) -> bool:
    """Whether a query asks for what people marked."""
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
