"""Random secrets that a browser or a program holds; only their hashes are kept here."""

import hashlib
import secrets

_BYTES = 32


def new(prefix: str = "") -> str:
    """A secret that can't be guessed, of letters, digits, `-` and `_`."""
    return prefix + secrets.token_urlsafe(_BYTES)


def hash_of(secret: str) -> bytes:
    """What is kept of a secret. It is random, so a fast hash serves, and the time of a look-up by it reveals nothing."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
