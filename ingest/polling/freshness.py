"""How long a response stays fresh, according to its server."""

import re
from collections.abc import Mapping
from datetime import datetime

from ingest.http.response import http_date

_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE)
_NEVER = re.compile(r"(?:^|[\s,])no-(?:cache|store)(?:$|[\s,])", re.IGNORECASE)


def fresh_for(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds for which the server lets a response be reused (RFC 9111, section 4.2); 0 if it says nothing.

    Args:
        headers: names in lower case.
        now: aware; what `Expires` is measured from if there is no `Date`.
    """
    control = headers.get("cache-control", "")
    if _NEVER.search(control):
        return 0.0
    found = _MAX_AGE.search(control)
    if found:
        return max(float(found[1]) - _age(headers), 0.0)
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return 0.0
    return max((expires - (http_date(headers.get("date", "")) or now)).total_seconds(), 0.0)


def _age(headers: Mapping[str, str]) -> float:
    """How long a cache on the way has held it."""
    age = headers.get("age", "").strip()
    return float(age) if re.fullmatch(r"[0-9]{1,10}", age) else 0.0
