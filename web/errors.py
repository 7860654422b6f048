"""What is wrong with a request, for the page and, as a problem document (RFC 9457), for a program."""

from collections.abc import Mapping
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


class Refused(Exception):
    """A request that its sender may not make, or not now.

    Args:
        status: of HTTP.
        reason: in a sentence.
        headers: to tell with it.
        again: an address of ours that the browser should ask for again, of its own; '' if that would be no use.
    """

    def __init__(
        self, status: int, reason: str, headers: Mapping[str, str] | None = None, again: str = ""
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers or {}
        self.again = again


def is_for_a_program(path: str) -> bool:
    """Whether an address is asked for by programs, which are told of faults in JSON."""
    return path.startswith(("/api/", "/search."))


def of_query(error: QueryError) -> BadRequest:
    """A query that can't be parsed."""
    return BadRequest("q", error.reason, error.position)


def problem(status: int, detail: str, **more: Any) -> bytes:
    """A problem document: `type` is about:blank, so `title` is the status's own name."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return msgspec.json.encode({**told, **more})
