"""Answers hubs on behalf of all pollers: accepted calls are passed on to the owner of the feed.

Only the owner changes a subscription; here it is only looked up. The decisions are in protocol.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

import structlog

from ingest.http.response import charset, media_type
from ingest.urls import shown
from ingest.websub import protocol as websub
from ingest.websub.calls import Call, Notice, Question
from ingest.websub.protocol import Subscription

log_line = structlog.get_logger("ingest.websub.reception")

MAX_PARAMETER = 2_000
"""Characters of each parameter of a question that are handed on."""


class Reception:
    """Answers hubs.

    Args:
        find: the subscription with an id, as it is now; None if there is none. May raise RetryLater.
        hand_on: makes an accepted call durable, for the owner of its feed. May raise RetryLater; Reject if it is too large.
        now: the time, aware, in UTC.
    """

    def __init__(
        self,
        *,
        find: Callable[[str], Awaitable[Subscription | None]],
        hand_on: Callable[[Call], Awaitable[None]],
        now: Callable[[], datetime],
    ) -> None:
        self._find = find
        self._hand_on = hand_on
        self._now = now

    async def verify(self, token: str, query: Mapping[str, str]) -> str | None:
        """The response to a hub's verification request; None: it was not ours."""
        one = await self._find(token)
        if one is None:
            return None
        now = self._now()
        verified = websub.verify(one, query, now)
        if verified.subscription != one or verified.challenge is not None:
            said = {name: value for name, value in query.items() if name.startswith("hub.")}
            said = {name: value[:MAX_PARAMETER] for name, value in said.items()}
            await self._hand_on(Question(feed=one.feed, id=one.id, query=said, at=now))
        return verified.challenge

    async def expects(self, token: str) -> Subscription | None:
        """The subscription that a notification would be of; None if it is for nobody here."""
        one = await self._find(token)
        return None if one is None or one.ending else one

    async def notify(self, one: Subscription, headers: Mapping[str, str], body: bytes) -> None:
        """Take what a hub has sent for a subscription.

        A notification with a wrong signature or topic is ignored, as the recommendation requires.
        """
        if not websub.is_signed(one, headers.get("x-hub-signature", ""), body):
            log_line.warning("notification ignored: its signature is wrong", feed=shown(one.feed))
        elif not websub.is_about(one, headers.get("link", "")):
            log_line.warning("notification ignored: it is about another topic", feed=shown(one.feed))
        else:
            declared = headers.get("content-type", "")
            await self._hand_on(
                Notice(
                    feed=one.feed,
                    body=body,
                    content_type=media_type(declared),
                    charset=charset(declared),
                    at=self._now(),
                )
            )
