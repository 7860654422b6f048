"""Tells whether two addresses are of one article: by what they share, or by the text if a page names no address of its own."""

import hashlib
import re
from urllib.parse import unquote, unquote_plus, urlsplit

from ingest.sites import same_site, site_of

FEWEST_WORDS = 50
"""The shortest text that may identify an article: shorter ones, such as `Subscribe to read`, are on many pages."""

_HOST_PREFIX = re.compile(r"(?:www\d?|m|mobile|amp|touch|wap)\.")
_PATH_END = re.compile(r"(?:/amp|\.amp|/(?:index|default)\.(?:html?|php|aspx?))?/*$", re.IGNORECASE)
_IDLE_PARAMETERS = frozenset({"page=1", "amp", "amp=1", "amp=true", "outputtype=amp", "m=1"})
_SLASH = re.compile(r"%2f", re.IGNORECASE)


def marks(url: str, title: str, text: str, *, names_itself: bool) -> tuple[str, ...]:
    """Hashes, at least one of which two pages of one article share: `p` and that of the address, `t` and that of the text.

    Args:
        url: the article's canonical URL.
        title: its headline.
        text: its text.
        names_itself: its page names the canonical URL, so the text is not needed.
    """
    address = place(url)
    found = [f"p{_hash(address)}"] if address else []
    if not names_itself and len(text.split()) >= FEWEST_WORDS:
        found.append("t" + _hash("\n".join((site_of(url), title, text))))
    return tuple(found)


def place(url: str) -> str:
    """A canonical URL without what differs between spellings of one address: scheme, `www.` and mobile hosts, escapes, a slash
    or `index.html` at the end, `?page=1`, and what asks for AMP. '' for a site's front page, which belongs to no article."""
    parts = urlsplit(url)
    path = unquote(_SLASH.sub("%252F", _PATH_END.sub("", parts.path)), errors="surrogateescape")
    query = "&".join(
        unquote_plus(one) for one in parts.query.split("&") if one.lower() not in _IDLE_PARAMETERS
    )
    if not path and not query and not parts.fragment:
        return ""
    return f"{_bare_host(url, parts.netloc)}{path}?{query}#{parts.fragment}"


def _bare_host(url: str, name: str) -> str:
    """The host without `www.` and the like, as long as it stays within its site."""
    while prefix := _HOST_PREFIX.match(name):
        rest = name[prefix.end() :]
        if "." not in rest or not same_site(url, f"http://{rest}/"):
            break
        name = rest
    return name


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
