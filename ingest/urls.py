"""One spelling for each URL. Parsing and joining follow the WHATWG standard (https://url.spec.whatwg.org), as browsers do."""

import re
from urllib.parse import parse_qs, unquote_plus

import can_ada

MAX_LENGTH = 8_000
"""Longer URLs are refused, and everything that handles URLs may rely on this. RFC 9110, section 4.1, asks everybody to support
8,000 octets; nobody links to more."""
SHOWN_LENGTH = 200

_IGNORED = re.compile(r"^[\x00-\x20]+|[\t\n\r]")
_USERINFO = re.compile(
    r"^((?:(?:https?|ftp|wss?):|[a-z][a-z0-9+.-]*:(?=[/\\]))?[/\\]*)[^/\\?#]*@", re.IGNORECASE
)

_SECRET = re.compile(
    r"([?&;#](?:[\w.-]*[_.-])?(?:access[_-]?token|api[_-]?key|apikey|auth|code|credential|hmac|jwt|key|pass|passwd|password|pwd|secret"
    r"|session|sessionid|sid|sig|signature|token)=)[^&;#\s]+",
    re.IGNORECASE,
)

WRAPPERS = {
    "google": re.compile(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?\Z"),
    "amp-cache": re.compile(r"[a-z0-9-]+\.cdn\.ampproject\.org\Z"),
}
"""Hosts, by kind, whose URLs contain that of the page."""
WRAPPED_IN = {
    ("google", "/url"): ("url", "q"),
    ("l.facebook.com", "/l.php"): ("u",),
    ("lm.facebook.com", "/l.php"): ("u",),
    ("www.facebook.com", "/l.php"): ("u",),
    ("l.instagram.com", "/"): ("u",),
    ("t.umblr.com", "/redirect"): ("z",),
    ("vk.com", "/away.php"): ("to",),
    ("www.bing.com", "/news/apiclick.aspx"): ("url",),
    ("slack-redir.net", "/link"): ("url",),
    ("nl.feedsportal.com", "/"): ("u",),
}
"""Link counters: (host or its kind, path) -> the parameters that hold the page's URL. Others reveal it only by a redirect."""
_AMP_PATHS = {
    "google": re.compile(r"/amp/(s/)?(?=[^/]+\.)"),
    "amp-cache": re.compile(r"/[a-z]/(s/)?(?=[^/]+\.)"),
}
_MAX_WRAPPED = 3

TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "pk_", "piwik_", "hsa_", "at_", "ns_")
"""Campaign parameters by prefix: Google Analytics, Matomo (three generations), HubSpot ads, Piano/AT Internet, Comscore."""

TRACKING_PARAMETERS = frozenset(
    {
        # Clicks, as the advertisers and networks number them.
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid", "ttclid"),
        *("li_fat_id", "igshid", "igsh", "rb_clickid", "s_kwcid", "_openstat", "_ga", "_gl"),
        # Newsletters: Mailchimp, HubSpot, Marketo, Omeda, Vero.
        *("mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_id", "vero_conv"),
        # Web analytics: AT Internet, Adobe, Webtrekk, Coremetrics.
        *("xtor", "s_cid", "sc_cid", "wt_mc", "wt.mc_id", "wt_zmc", "cmpid", "ncid", "ecid", "sara_ecid"),
        # Publishers' own: Guardian, New York Times, Daily Mail, BBC and MSN, Deutsche Welle, Reuters, Bloomberg.
        *("cmp", "smid", "smtyp", "ito", "ocid", "maca", "taid", "srnd", "feedtype", "feedname", "traffic_source"),
    }
)  # fmt: skip
"""Parameters that say where a reader came from, not what is read; compared in lower case. Ambiguous ones (`ref`, `source`,
`id`, `partner`) stay: two addresses for one article are a lesser evil than a lost article."""


def canonical(url: str) -> str:
    """The one spelling of an http(s) URL: normalised, without fragment, default port, tracking and empty parameters.

    The other parameters keep their order. A link counter or a cache of AMP pages is replaced by the page behind it.
    Raises ValueError, with the URL, if it is not an http(s) URL.
    """
    parsed = _unwrapped(_parse(url))
    href = parsed.href
    if "?" not in href and "#" not in href:  # faster than clearing what is not there
        return _bounded(href)
    parsed.hash = ""
    query = "&".join(part for part in parsed.search[1:].split("&") if part and not _is_tracking(part))
    # The setter drops a leading question mark, even one that belongs to the query.
    parsed.search = f"?{query}" if query else ""
    return _bounded(parsed.href)


def normal(url: str) -> str:
    """An http(s) URL as the standard writes it, with nothing left out; raises ValueError as `canonical` does."""
    return _bounded(_parse(url).href)


def host(url: str) -> str:
    """The host of an http(s) URL in lower case, without the port; raises ValueError as `canonical` does."""
    return _parse(url).hostname


def host_if_any(url: str) -> str:
    """The same; for anything but such a URL, the text itself: whoever requests it will report what is wrong with it."""
    try:
        return host(url)
    except ValueError:
        return url


def origin(url: str) -> str:
    """Scheme, host and port of an http(s) URL, such as `https://news.example:8443`; raises ValueError as `canonical` does."""
    parsed = _parse(url)
    return f"{parsed.protocol}//{parsed.host}"


def join(base: str, link: str) -> str:
    """The absolute URL that a link means on the page (or in the feed) at `base`.

    Raises ValueError, with the link, if the result is not an http(s) URL.
    """
    _bounded(base)
    _bounded(link)
    try:
        joined = can_ada.parse(base) + link
    except (ValueError, TypeError):  # TypeError: lone surrogates
        raise ValueError(f"not a URL: {shown(link)!r} (on {shown(base)})") from None
    return _bounded(_web(joined, link).href)


def without_fragment(url: str) -> str:
    """A URL that `normal` or `join` has made, without its fragment."""
    return url.partition("#")[0]


def without_credentials(url: str) -> str:
    """A URL without user name and password, and without the tabs and line breaks that the standard ignores.

    It need not be valid: whatever could be read as credentials is removed.
    """
    plain = _IGNORED.sub("", url)
    return _USERINFO.sub(r"\1", plain) if "@" in plain else plain


def shown(url: str) -> str:
    """A URL that is safe to show in a message: without user name, password, and the values of parameters that are likely
    secrets (`token`, `api_key`, ...), and cut to 200 characters."""
    plain = _SECRET.sub(r"\1...", without_credentials(url))
    return plain if len(plain) <= SHOWN_LENGTH else f"{plain[:SHOWN_LENGTH]}..."


def _parse(url: str) -> can_ada.URL:
    _bounded(url)
    try:
        parsed = can_ada.parse(url)
    except (ValueError, TypeError):  # TypeError: lone surrogates
        raise ValueError(f"not a URL: {shown(url)!r}") from None
    return _web(parsed, url)


def _web(parsed: can_ada.URL, url: str) -> can_ada.URL:
    if parsed.protocol not in ("http:", "https:") or not parsed.hostname:
        raise ValueError(f"not an http or https URL: {shown(url)!r}")
    if not parsed.has_valid_domain() and not parsed.hostname.startswith("["):
        raise ValueError(f"not a host that can exist: {shown(url)!r}")
    return parsed


def _unwrapped(parsed: can_ada.URL) -> can_ada.URL:
    """The URL inside another one's parameter or path, for the few hosts that are known to do this; otherwise the same one."""
    for _ in range(_MAX_WRAPPED):
        inner = _wrapped(parsed)
        if not inner:
            break
        try:
            parsed = _parse(inner)
        except ValueError:
            break
    return parsed


def _wrapped(parsed: can_ada.URL) -> str:
    """The URL within a URL; '' if there is none."""
    name = parsed.hostname
    kind = next((kind for kind, hosts in WRAPPERS.items() if hosts.match(name)), name)
    amp = _AMP_PATHS[kind].match(parsed.pathname) if kind in _AMP_PATHS else None
    if amp:
        return f"{'https' if amp[1] else 'http'}://{parsed.pathname[amp.end() :]}{parsed.search}"
    parameters = WRAPPED_IN.get((kind, parsed.pathname.lower()))
    if parameters is None:
        return ""
    query = parse_qs(parsed.search[1:])
    found = (query.get(key, [""])[0] for key in parameters)
    return next((url for url in found if url.startswith(("http://", "https://"))), "")


def _bounded(url: str) -> str:
    if len(url) > MAX_LENGTH:
        raise ValueError(f"URL of more than {MAX_LENGTH} characters: {shown(url)!r}")
    return url


def _is_tracking(part: str) -> bool:
    name = unquote_plus(part.partition("=")[0]).lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)
