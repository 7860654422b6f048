"""The cookies of one chain of redirects: sites set one, and redirect to check that it was kept."""

from http.cookies import SimpleCookie
from typing import Final

import aiohttp
from yarl import URL

MAX_HEADER: Final = 8_192
"""Maximum characters sent back; servers refuse longer headers."""
MAX_COOKIES: Final = 50
"""Cookies per response, as RFC 6265, section 6.1, requires of browsers; more are ignored."""


class Cookies:
    """The cookies set by the servers of one chain, each for its hosts and paths (RFC 6265).

    The jar is created with the first cookie, since most chains have none; it is discarded after the chain.
    """

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None

    def take(self, answer: aiohttp.ClientResponse) -> None:
        """Keep the cookies of a response."""
        if "Set-Cookie" not in answer.headers:
            return
        if self._jar is None:
            self._jar = aiohttp.CookieJar(
                unsafe=True
            )  # "unsafe": hosts that are IP addresses have cookies, too
        some = SimpleCookie()
        for name, morsel in list(answer.cookies.items())[:MAX_COOKIES]:
            some[name] = morsel
        self._jar.update_cookies(some, answer.url)

    def header(self, url: str) -> str:
        """The value of the header Cookie for a URL; '' if there are no cookies."""
        if self._jar is None:
            return ""
        said = ""
        for cookie in self._jar.filter_cookies(URL(url, encoded=True)).values():
            longer = (
                f"{said}; {cookie.key}={cookie.coded_value}" if said else f"{cookie.key}={cookie.coded_value}"
            )
            if len(longer) <= MAX_HEADER:
                said = longer
        return said
