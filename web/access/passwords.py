"""Passwords, kept as argon2id."""

import argon2

LEAST, MOST = 10, 1_000
"""Characters of a password."""
_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's first choice: 19 MiB, so that several log-ins at once fit beside a pipeline."""
_NOBODYS = _HASHER.hash("nobody has this password")


def fault(password: str, name: str) -> str:
    """Why a password can't be taken, as a sentence; '' if it can."""
    if not LEAST <= len(password) <= MOST:
        return f"a password has {LEAST} to {MOST:,} characters"
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        return "this password is too easy to guess"
    return ""


def hashed(password: str) -> str:
    """The form in which a password is kept."""
    return _HASHER.hash(password)


def is_right(password: str, kept: str | None) -> bool:
    """Whether a password is the one that was kept; None is nobody's. Takes as long in either case."""
    try:
        _HASHER.verify(_NOBODYS if kept is None else kept, password[:MOST])
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return kept is not None and len(password) <= MOST


def is_outdated(kept: str) -> bool:
    """Whether a password should be hashed anew, since the costs were raised."""
    return _HASHER.check_needs_rehash(kept)
