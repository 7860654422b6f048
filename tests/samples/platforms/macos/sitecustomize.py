"""What macOS refuses, for every process of a test: a limit on address space."""

import resource

_limit = resource.setrlimit


def setrlimit(kind: int, limits: tuple[int, int]) -> None:
    """As macOS does it."""
    if kind == resource.RLIMIT_AS:
        raise ValueError("current limit exceeds maximum limit")
    _limit(kind, limits)


resource.setrlimit = setrlimit
