"""Who asks: a person, and what she may do."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, get_args

import msgspec

Scope = Literal["read", "desk", "admin"]
"""What may be done, each with all before it: read; mark articles, change alerts and topics; change sources and what else
there is."""
SCOPES: tuple[Scope, ...] = get_args(Scope)
Role = Literal["reader", "analyst", "admin"]
ROLES: Mapping[Role, Scope] = {"reader": "read", "analyst": "desk", "admin": "admin"}
"""The roles of people, and what each may do."""
LOCAL_NAME = "local"
"""Whoever uses a page that asks for no log-in, and the command line."""


class Person(msgspec.Struct, frozen=True):
    """Who asks.

    Attributes:
        name: in lower case.
        scope: what she may do.
        by: how that is known; `link`: whoever opens a view that this person shared.
    """

    name: str
    scope: Scope
    by: Literal["machine", "session", "proxy", "token", "link"]

    def may(self, scope: Scope) -> bool:
        """Whether she may do what needs the scope."""
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


LOCAL = Person(LOCAL_NAME, "admin", "machine")
"""Where no log-in is asked for, who can reach the machine may do all that its user can."""

_current: ContextVar[Person | None] = ContextVar("person", default=None)
"""Who asks in the request that is being answered, in its thread too; None before that is known."""


def person() -> Person:
    """Who asks in the request that is being answered."""
    return _current.get() or LOCAL


@contextmanager
def asked_by(asking: Person) -> Iterator[None]:
    """In the block, this is the person who asks."""
    token = _current.set(asking)
    try:
        yield
    finally:
        _current.reset(token)


def lesser(one: Scope, other: Scope) -> Scope:
    """The scope that both of two allow."""
    return min(one, other, key=SCOPES.index)
