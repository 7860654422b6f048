"""The site (registrable domain) of a URL, by the Public Suffix List (https://publicsuffix.org)."""

from functools import lru_cache

from tld import get_fld

from ingest.urls import host
from stream.messages import Entry

HOSTING = frozenset(
    {
        *("wordpress.com", "blogspot.com", "tumblr.com", "livejournal.com", "typepad.com", "medium.com", "substack.com"),
        *("wixsite.com", "weebly.com", "squarespace.com", "webflow.io", "ghost.io", "hatenablog.com", "over-blog.com"),
        *("ucoz.com", "ucoz.ru", "narod.ru", "jimdo.com", "jimdofree.com", "canalblog.com", "skyrock.com", "home.blog"),
    }
)  # fmt: skip
"""Shared hosting domains missing from the list: each name below one of them is a separate site."""


def site_of(url: str) -> str:
    """The site of an http(s) URL: its registrable domain, such as `bbc.co.uk`; the host itself if there is none (an IP
    address, `localhost`), or if strangers have sites below one domain. Raises ValueError as `ingest.urls.host` does."""
    return _site(host(url))


def same_site(one: str, other: str) -> bool:
    """Whether two http(s) URLs are of one site."""
    return site_of(one) == site_of(other)


def speaks_for(entry: Entry, url: str) -> bool:
    """Whether the feed of an entry is an authority on the page at `url`: it is for its own site, and for the one that the
    user's feed list names for it. What other feeds say about a page is hearsay. An entry without a feed was made by hand, and
    counts. A WARC file speaks for no site: anybody may have written it."""
    if entry.feed.startswith("warc:"):
        return False
    own = [site for site in (entry.feed, entry.site) if site.startswith(("http://", "https://"))]
    return not own or site_of(url) in map(site_of, own)


@lru_cache(4096)
def _site(name: str) -> str:
    found = get_fld(f"http://{name}/", fail_silently=True, search_private=True)
    if found is None:  # the list's rule for names without a known suffix: the last two labels
        labels = name.split(".")
        is_address = name.startswith("[") or labels[-1].isdigit()
        return name if is_address else ".".join(labels[-2:])
    return name.removeprefix("www.") if found in HOSTING and name != found else str(found)
