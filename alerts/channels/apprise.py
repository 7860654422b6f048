"""Delivery through Apprise: e-mail, Slack, Telegram, Matrix, Teams and so on. https://github.com/caronc/apprise

Apprise would send the same text to each service. Here each service gets the form that it displays (`alerts/forms.py`), so what
strangers wrote stays text there.
"""

import asyncio
import logging
import re
from dataclasses import dataclass
from typing import Any

import apprise as library

from alerts.deliver import Send
from alerts.digest import text as digest_text
from alerts.digest import title as digest_title
from alerts.forms import CHAT, CHAT_HTML, HTML, MARKDOWN, PLAIN, Form
from alerts.message import Alert, headline, pages
from results.digest import Digest
from stream.errors import RetryLater

_LEVELS = {
    "info": library.NotifyType.INFO,
    "warning": library.NotifyType.WARNING,
    "critical": library.NotifyType.FAILURE,
}
_PARALLEL = 4
"""Deliveries at once: each takes a thread."""
SECONDS = 60.0
"""The limit for one delivery."""

_MAIL = frozenset(
    (
        *("mailto", "mailtos", "mailgun", "sendgrid", "ses", "sparkpost", "postmark", "smtp2go", "brevo"),
        *("resend", "mailersend", "sendpulse", "acs", "groundmail", "azure", "o365"),
    )
)
_AS_IT_IS = frozenset(
    ("json", "jsons", "xml", "xmls", "form", "forms", "ntfy", "ntfys", "gotify", "gotifys", "pover", "slack")
)
"""Services that pass plain text on unchanged, or escape it, and don't read mentions in it."""
_MARKDOWN_AS_TEXT = frozenset(
    (
        *(
            "discord",
            "fluxer",
            "fluxers",
            "guilded",
            "mmost",
            "mmosts",
            "misskey",
            "misskeys",
            "nctalk",
            "nctalks",
        ),
        *("revolt", "ryver", "zulip"),
    )
)
"""Services that render Markdown in text that Apprise sends as plain."""
_LONG = 1000
"""A longer message is split for services that accept this many characters; services for text messages split it themselves."""
_NO_PREVIEWS = 1 << 2
"""Discord's flag of a message that shows no preview (SUPPRESS_EMBEDS)."""


_Part = tuple[int, int]
"""A page of a message to one of a URL's services: the numbers of both."""
_UNFINISHED = 1000
"""How many of a channel's messages to remember the delivered parts of, so that a retry does not repeat them."""


@dataclass(frozen=True)
class _Way:
    """How to write to a service."""

    form: Form
    declared: library.NotifyFormat
    """The format of the text, as given to Apprise."""
    title: Form | None
    """How its title is written; None if the headline is part of the text."""


def apprise(url: str) -> Send:
    """Makes a function that delivers to an Apprise URL."""
    free = asyncio.Semaphore(_PARALLEL)
    unfinished: dict[str, set[_Part]] = {}

    async def send(alert: Alert) -> None:
        taken = unfinished.setdefault(alert.key, set())
        if len(unfinished) > _UNFINISHED:
            del unfinished[next(iter(unfinished))]
        async with free:
            try:
                async with asyncio.timeout(SECONDS):
                    reason = await asyncio.to_thread(_notify, url, alert, taken)
            except TimeoutError:
                reason = f"no answer within {SECONDS:g} s"
        if reason is not None:
            raise RetryLater("channel-down", f"channel {alert.channel}: {reason}")
        unfinished.pop(alert.key, None)

    return send


async def send_digest(url: str, digest: Digest, site: str) -> None:
    """Deliver a digest to an Apprise URL; raises RetryLater if a service does not take it."""
    try:
        async with asyncio.timeout(SECONDS):
            taken = await asyncio.to_thread(_tell_digest, url, digest, site)
    except TimeoutError:
        raise RetryLater("channel-down", f"no answer within {SECONDS:g} s") from None
    if not taken:
        raise RetryLater("channel-down", "the digest was not accepted")


def _tell_digest(url: str, digest: Digest, site: str) -> bool:
    """Deliver it to each service, in the form that the service displays; returns whether all took it."""
    target = library.Apprise()
    target.add(url)
    services: list[Any] = list(target)
    taken = []
    for service in services:
        _prepare(service, url)
        way = _way(service)
        one = library.Apprise()
        one.add(service)
        body = digest_text(digest, way.form, site, service.body_maxlen or 32768)
        subject = way.title.words(digest_title(digest)) if way.title else ""
        sent = one.notify(title=subject, body=body, body_format=way.declared, interpret_escapes=False)
        taken.append(bool(sent))
    return bool(taken) and all(taken)


def _notify(url: str, alert: Alert, taken: set[_Part]) -> str | None:
    """Deliver the parts that are not in `taken` yet, and add them; returns the reason for a failure, or None.

    A URL holds passwords, so it is never part of the reason.
    """
    target = library.Apprise()
    target.add(url)
    services: list[Any] = list(target)
    capture: Any = library.LogCapture  # untyped
    with capture(level=logging.WARNING, fmt="%(message)s") as captured:
        all_took = [_tell(service, number, url, alert, taken) for number, service in enumerate(services)]
        lines = captured.getvalue().strip().splitlines()
    if all_took and all(all_took):
        return None
    return lines[0][:300] if lines else "it was not accepted"


def _tell(service: Any, number: int, url: str, alert: Alert, taken: set[_Part]) -> bool:
    """Send an alert to one service, up to the first part that it refuses; returns whether it accepted all."""
    _prepare(service, url)
    way = _way(service)
    target = library.Apprise()
    target.add(service)
    texts = pages(alert, way.form, service.body_maxlen or 32768, headed=way.title is None)
    for part in ((number, page) for page in range(len(texts))):
        if part not in taken and not target.notify(
            title=headline(alert, way.title) if way.title else "",
            body=texts[part[1]],
            body_format=way.declared,
            notify_type=_LEVELS[alert.severity],
            interpret_escapes=False,
        ):
            return False
        taken.add(part)
    return True


def _prepare(service: Any, url: str) -> None:
    """Set options of a service that the URL leaves open."""
    if not re.search(r"[?&]overflow=", url, re.IGNORECASE) and service.body_maxlen >= _LONG:
        service.overflow_mode = library.OverflowMode.SPLIT
    if "discord" in service.schemas() and not service.flags:
        service.flags = _NO_PREVIEWS


def _way(service: Any) -> _Way:
    """The form that a service displays, or that its URL requests (`format=`); HTML only if one of the two does."""
    names = service.schemas()
    literal = bool(names & (_MAIL | _AS_IT_IS))
    title = None if service.title_maxlen <= 0 else PLAIN if literal else CHAT
    if service.resolve_format(None) == library.NotifyFormat.HTML:
        return _Way(HTML if literal else CHAT_HTML, library.NotifyFormat.HTML, title)
    shown = service.resolve_format(library.NotifyFormat.TEXT)
    if shown == library.NotifyFormat.MARKDOWN:
        return _Way(MARKDOWN, shown, title and CHAT)
    if names & _MARKDOWN_AS_TEXT:
        return _Way(MARKDOWN, library.NotifyFormat.TEXT, title if "zulip" in names else None)
    return _Way(PLAIN if literal else CHAT, library.NotifyFormat.TEXT, title)
