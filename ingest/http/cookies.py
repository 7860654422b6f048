"""The cookies of one chain of redirects: sites set one, and redirect to see whether it is kept."""

from http.cookies import SimpleCookie
from typing import Final

import aiohttp
from yarl import URL

MAX_HEADER: Final = 8_192
"""Characters that are sent back at most; servers refuse longer headers."""
MAX_COOKIES: Final = 50
"""Per answer, as RFC 6265, section 6.1, asks of browsers; further ones are ignored."""


class Cookies:
    """What the servers of one chain have set, each for the hosts and paths that it is meant for (RFC 6265).

    The jar is made when the first cookie comes, since most chains have none; nothing of it is kept after the chain.
    """

    def __init__(self) -> None:
        self._jar: aiohttp.CookieJar | None = None

    def take(self, answer: aiohttp.ClientResponse) -> None:
        """Keep the cookies of an answer."""
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
        """The value of the header Cookie for a URL; '' if there is nothing to say."""
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
