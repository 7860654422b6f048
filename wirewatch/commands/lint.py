"""Warnings about a query, checked against what this installation has: a topic that does not exist never matches."""

from query.lint import lint
from query.warning import Warning  # noqa: A004 - it is not the exception
from stream.errors import QueryError
from wirewatch.config import Paths
from wirewatch.lists.topics import news_topics


def lint_query(query: str, paths: Paths) -> tuple[Warning, ...]:
    """The warnings about a query, in the order of their places; raises QueryError if it can't be parsed."""
    return lint(query, {"topic": [topic.id for topic in news_topics(paths)]})


def warning_lines(query: str, paths: Paths) -> list[str]:
    """The same for a person, each with a caret under its place."""
    return [
        f"warning: {QueryError(warning.message, query, warning.position)}"
        for warning in lint_query(query, paths)
    ]
