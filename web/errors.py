"""What is wrong with a request, for the page and, as a problem document (RFC 9457), for a program."""

from http import HTTPStatus
from typing import Any

import msgspec

from stream.errors import QueryError


class BadRequest(Exception):
    """A parameter of the address is wrong.

    Args:
        parameter: its name.
        reason: what is wrong, in a sentence.
        position: where in its value, in code points; None if it is wrong as a whole.
    """

    def __init__(self, parameter: str, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.parameter = parameter
        self.reason = reason
        self.position = position


def of_query(error: QueryError) -> BadRequest:
    """A query that can't be parsed."""
    return BadRequest("q", error.reason, error.position)


def problem(status: int, detail: str, **more: Any) -> bytes:
    """A problem document: `type` is about:blank, so `title` is the status's own name."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return msgspec.json.encode({**told, **more})
